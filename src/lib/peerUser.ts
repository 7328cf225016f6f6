import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { isIPv4, type Socket } from 'node:net';
import { promisify } from 'node:util';

/** The two ends of a connection as the peer sees them. */
export type Connection = Pick<Socket, 'remoteAddress' | 'remotePort' | 'localAddress' | 'localPort'>;

const TABLES = ['/proc/net/tcp', '/proc/net/tcp6'];
/** `st` of an established connection (include/net/tcp_states.h). */
const ESTABLISHED = '01';
const run = promisify(execFile);

/**
 * The operating-system user at the other end of a loopback connection, as Linux's tables of connections name the owner of
 * that socket; null where they do not say (another system, another machine, a user without a name). Through an SSH tunnel it
 * is the user who is logged in. Never guessed.
 */
export async function peerUser(connection: Connection): Promise<string | null> {
  const { remoteAddress, remotePort, localAddress, localPort } = connection;
  if (!remoteAddress || !localAddress || !remotePort || !localPort) return null;
  const own = [`${hexOf(remoteAddress, remotePort)} ${hexOf(localAddress, localPort)}`];
  for (const table of TABLES) {
    const uid = uidIn(await readFile(table, 'latin1').catch(() => ''), own);
    if (uid !== null) return nameOf(uid);
  }
  return null;
}

/** The owner of the socket with these ends in a table (`sl local_address rem_address st … uid …`). */
export function uidIn(table: string, ends: readonly string[]): number | null {
  for (const line of table.split('\n').slice(1)) {
    const [, local = '', remote = '', state, , , , uid = ''] = line.trim().split(/\s+/);
    if (state === ESTABLISHED && ends.includes(`${plain(local)} ${plain(remote)}`) && /^\d+$/.test(uid))
      return Number(uid);
  }
  return null;
}

/** An IPv4 address that a socket for both versions writes as IPv6 (::ffff:127.0.0.1), as IPv4. */
function plain(end: string): string {
  return end.replace(/^0000000000000000FFFF0000/, '');
}

/** As the kernel writes it: words of the address in the byte order of the machine, then the port. */
function hexOf(address: string, port: number): string {
  const v4 = address.replace(/^::ffff:/i, '');
  const words = isIPv4(v4)
    ? [v4.split('.').map(Number)]
    : address === '::1'
      ? [
          [0, 0, 0, 0],
          [0, 0, 0, 0],
          [0, 0, 0, 0],
          [0, 0, 0, 1],
        ]
      : [];
  const isLittle = new Uint8Array(new Uint16Array([1]).buffer)[0] === 1;
  const hex = words.map((bytes) =>
    (isLittle ? bytes.toReversed() : bytes).map((byte) => byte.toString(16).padStart(2, '0')).join(''),
  );
  return `${hex.join('')}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

/** By the name service of the system, so that users of a directory are known too. */
async function nameOf(uid: number): Promise<string | null> {
  const { stdout } = await run('id', ['-nu', '--', String(uid)], { timeout: 5000 }).catch(() => ({ stdout: '' }));
  const name = stdout.trim();
  // Without a name `id` says the number.
  return name === '' || name === String(uid) ? null : name;
}
