import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A way to a server of the tests that counts, cuts and rewrites. */
export type TcpProxy = {
  readonly port: number;
  /** Connections so far. */
  readonly connections: number;
  /** What the server says, before the client hears it; Latin-1 text, as it comes in pieces. */
  rewrite: ((text: string) => string) | null;
  /** Ends all connections at once. */
  cut(): void;
  close(): Promise<void>;
};

export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let connections = 0;
  let rewrite: TcpProxy['rewrite'] = null;
  const server: Server = createServer((client) => {
    connections += 1;
    const target = connect(targetPort, '127.0.0.1');
    for (const socket of [client, target]) {
      sockets.add(socket);
      socket.on('error', () => {});
      socket.on('close', () => {
        sockets.delete(socket);
        client.destroy();
        target.destroy();
      });
    }
    client.on('data', (chunk) => target.write(chunk));
    target.on('data', (chunk) => {
      client.write(rewrite ? Buffer.from(rewrite(chunk.toString('latin1')), 'latin1') : chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    get rewrite() {
      return rewrite;
    },
    set rewrite(change) {
      rewrite = change;
    },
    get connections() {
      return connections;
    },
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
