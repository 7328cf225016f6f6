import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way between two servers that can be cut while they talk. */
export type Severable = {
  port: number;
  /** Ends all connections of this moment, in the middle of whatever they carry. How many there were. */
  cut(): number;
  /**
   * Cuts the next connection on which one side sends bytes that match, in the middle of what it sends with them or next:
   * the half of it is passed on. False: nothing like it came in `ms`.
   */
  cutWithin(from: 'client' | 'server', what: RegExp, ms: number): Promise<boolean>;
  close(): Promise<void>;
};

/** Bytes that are more than a command or an answer of one line. */
const SOME = 200;

/** Passes TCP on to the given loopback ports in turn, to the next one where one does not answer. */
export async function severable(targets: readonly number[]): Promise<Severable> {
  const pairs = new Set<[Socket, Socket]>();
  let turn = 0;
  let trap: { from: 'client' | 'server'; what: RegExp; sprung(): void } | null = null;
  /** Passes bytes on; the half of them and then nothing more where the trap was set for them. */
  const pass = (pair: [Socket, Socket], from: 'client' | 'server') => {
    const [reads, writes] = from === 'client' ? pair : [pair[1], pair[0]];
    let isArmed = false;
    reads.on('data', (chunk: Buffer) => {
      if (trap === null) isArmed = false;
      if (trap?.from === from && (isArmed || trap.what.test(chunk.toString('latin1')))) {
        // A command alone is not yet the middle of anything: what follows it is.
        if (isArmed || chunk.length > SOME) {
          const { sprung } = trap;
          trap = null;
          writes.write(chunk.subarray(0, chunk.length >> 1), () => {
            for (const socket of pair) socket.resetAndDestroy();
            sprung();
          });
          return;
        }
        isArmed = true;
      }
      if (!writes.write(chunk)) {
        reads.pause();
        writes.once('drain', () => reads.resume());
      }
    });
    reads.on('end', () => writes.end());
  };
  const server = createServer((client) => {
    const tries = targets.map((_, index) => targets[(turn + index) % targets.length]!);
    turn += 1;
    const attempt = () => {
      const port = tries.shift();
      if (port === undefined) return void client.destroy();
      const upstream = connect(port, '127.0.0.1');
      upstream.once('error', attempt);
      upstream.once('connect', () => {
        upstream.off('error', attempt);
        const pair: [Socket, Socket] = [client, upstream];
        pairs.add(pair);
        for (const [from, to] of [pair, [upstream, client] as const]) {
          from.on('error', () => to.destroy());
          from.on('close', () => {
            to.destroy();
            pairs.delete(pair);
          });
        }
        pass(pair, 'client');
        pass(pair, 'server');
      });
    };
    client.on('error', () => {});
    attempt();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const cut = () => {
    const { size } = pairs;
    for (const pair of pairs) for (const socket of pair) socket.resetAndDestroy();
    return size;
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut,
    cutWithin: (from, what, ms) =>
      new Promise((resolve) => {
        const own = {
          from,
          what,
          sprung() {
            clearTimeout(timer);
            resolve(true);
          },
        };
        const timer = setTimeout(() => {
          if (trap === own) trap = null;
          resolve(false);
        }, ms);
        trap = own;
      }),
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
