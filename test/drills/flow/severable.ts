import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

/** A way between two servers that can be cut while they talk. */
export type Severable = {
  port: number;
  /** Ends all connections of this moment, in the middle of whatever they carry. How many there were. */
  cut(): number;
  close(): Promise<void>;
};

/** Passes TCP on to the given loopback ports in turn, to the next one where one does not answer. */
export async function severable(targets: readonly number[]): Promise<Severable> {
  const pairs = new Set<[Socket, Socket]>();
  let turn = 0;
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
          from.pipe(to);
        }
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
    async close() {
      cut();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
