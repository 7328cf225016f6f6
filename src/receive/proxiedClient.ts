import { randomBytes } from 'node:crypto';
import type { Socket } from 'node:net';
import type { SMTPServer } from 'smtp-server';
import { readProxyHeader } from './proxyHeader.ts';

/** What smtp-server makes a session of. */
type SessionStart = { id: string; remoteAddress?: string; remotePort?: number };
type Callback = (error: Error | null, start?: SessionStart) => void;
/** What smtp-server asks of itself when somebody connects; the version of the package is pinned and a test speaks both versions. */
type Internals = {
  _expectsProxyHeader(socket: Socket): boolean;
  _handleProxy(socket: Socket, callback: Callback): void;
};

/**
 * Makes a server with `useProxy` read both versions of the PROXY protocol. The package's own knows the line of version 1 only,
 * and takes one that says half of what it must. A connection whose header cannot be read is ended, as the specification has
 * it; `onWrong` hears why, and the address of the load balancer. How long a header may take is the package's to watch.
 */
export function readProxyHeaders(server: SMTPServer, onWrong: (why: string, from: string) => void): void {
  const internals = server as unknown as Internals;
  const original = internals._handleProxy;
  internals._handleProxy = function handleProxy(this: Internals, socket, callback) {
    if (!this._expectsProxyHeader(socket)) original.call(this, socket, callback);
    else takeHeader(socket, callback, onWrong);
  };
}

function takeHeader(socket: Socket, callback: Callback, onWrong: (why: string, from: string) => void): void {
  const from = socket.remoteAddress ?? '';
  let came: Buffer = Buffer.alloc(0);
  const finish = (error: Error | null, start?: SessionStart) => {
    socket.off('readable', read).off('close', gone).off('end', gone).off('error', gone);
    if (error) {
      // What still goes wrong on a connection that is being ended is nobody's news.
      socket.on('error', () => {});
      socket.destroy();
    }
    callback(error, start);
  };
  const gone = () => finish(new Error('the connection ended before its PROXY header'));
  const read = () => {
    for (let chunk = socket.read() as Buffer | null; chunk !== null; chunk = socket.read() as Buffer | null) {
      came = Buffer.concat([came, chunk]);
      const header = readProxyHeader(came);
      if (header.is === 'unfinished') continue;
      if (header.is === 'wrong') {
        onWrong(header.why, from);
        return finish(new Error(header.why));
      }
      const rest = came.subarray(header.length);
      if (rest.length > 0) socket.unshift(rest);
      const { client } = header;
      const id = randomBytes(10).toString('hex');
      return finish(null, client === null ? { id } : { id, remoteAddress: client.address, remotePort: client.port });
    }
  };
  socket.on('readable', read).on('close', gone).on('end', gone).on('error', gone);
}
