import { startRedis } from '../test/servers/redis.ts';
import type { Corpus } from './corpus.ts';
import { dotStuffed, LmtpClient } from './lmtpClient.ts';
import {
  checkInTickets,
  type Meters,
  metered,
  onTwoCores,
  openWorld,
  sumOf,
  untilDecided,
  type World,
} from './watchWorld.ts';

export type BurstResult = {
  mails: number;
  customers: number;
  /** From the first mail until each has its outcome. */
  seconds: number;
  mailsPerSecond: number;
  cpuMsPerMail: Record<string, number>;
  cpuMsPerMailAll: number;
  secondsOnTwoFreeCores: number;
  load: string;
};

/** Mails for many customers come in by LMTP at once, over 16 connections; one process takes them, one decides. */
export async function measureBurst(mails: number, customers: number): Promise<BurstResult> {
  const world = await openWorld();
  try {
    const corpus = await world.customers(customers, 20);
    process.stderr.write(`Burst: making ${mails} mails…\n`);
    const flood = makeFlood(corpus, 0, WARM + mails);
    const { cpuMs, seconds, load } = await flow(world, flood, {}, 1);
    await checkInTickets(world.pool, WARM + mails);
    const each = perMail(cpuMs, mails);
    const all = sumOf(each);
    return {
      mails,
      customers,
      seconds,
      mailsPerSecond: mails / seconds,
      cpuMsPerMail: each,
      cpuMsPerMailAll: all,
      secondsOnTwoFreeCores: mails / onTwoCores(all),
      load,
    };
  } finally {
    await world.close();
  }
}

export type DecideResult = {
  bell: 'postgres' | 'redis';
  decideProcesses: number;
  mailsPerSecond: number;
  cpuMsPerMail: Record<string, number>;
  cpuMsPerMailAll: number;
  load: string;
};

/** 1, 2 and 4 processes that decide, a rulebook thread each, on either kind of bell, behind one that takes mail by LMTP. */
export async function measureDeciders(mails: number): Promise<DecideResult[]> {
  const results: DecideResult[] = [];
  for (const bell of ['postgres', 'redis'] as const) {
    for (const processes of [1, 2, 4]) {
      const world = await openWorld();
      const redis = bell === 'redis' ? await startRedis() : null;
      try {
        const corpus = await world.customers(200, 30);
        const flood = makeFlood(corpus, 0, WARM + mails);
        process.stderr.write(`Decide: ${processes} processes, bell on ${bell}…\n`);
        const env = { ROOTDESK_UNDERSTAND_THREADS: '1', ...(redis && { REDIS_URL: redis.url }) };
        const { cpuMs, seconds, load } = await flow(world, flood, env, processes, redis && { redis: redis.pid() });
        await checkInTickets(world.pool, WARM + mails);
        const each = perMail(cpuMs, mails);
        results.push({
          bell,
          decideProcesses: processes,
          mailsPerSecond: mails / seconds,
          cpuMsPerMail: each,
          cpuMsPerMailAll: sumOf(each),
          load,
        });
      } finally {
        await redis?.stop();
        await world.close();
      }
    }
  }
  return results;
}

type FloodMail = { to: string; data: Buffer };

/** Code is compiled and plans are cached by then. */
const WARM = 400;
const CONNECTIONS = 16;

function makeFlood(corpus: Corpus, from: number, to: number): FloodMail[] {
  return Array.from({ length: to - from }, (_, index) => {
    const { raw, to: recipient } = corpus.mail(from + index);
    return { to: recipient, data: dotStuffed(raw) };
  });
}

/** Starts the processes, warms them up, and measures from the first mail in until all is decided. */
async function flow(
  world: World,
  flood: readonly FloodMail[],
  env: Record<string, string>,
  processes: number,
  servers: Meters | null = null,
) {
  const receive = await world.worker('receive', { env });
  const decides = await Promise.all(Array.from({ length: processes }, () => world.worker('decide', { env })));
  try {
    const clients = await Promise.all(
      Array.from({ length: CONNECTIONS }, () => LmtpClient.open(Number(receive.ports.lmtp))),
    );
    const feed = async (from: number, to: number) => {
      let next = from;
      await Promise.all(
        clients.map(async (client) => {
          for (let index = next++; index < to; index = next++) {
            const { to: recipient, data } = flood[index]!;
            await client.deliver('bounce@us-west-2.amazonses.com', recipient, data);
          }
        }),
      );
      await untilDecided(world.pool);
    };
    await feed(0, WARM);
    const meters = () => ({
      receive: receive.pid,
      postgres: world.postmaster,
      ...Object.fromEntries(decides.map(({ pid }, at) => [`decide ${at + 1}`, pid])),
      ...servers,
    });
    const measured = await metered(meters, () => feed(WARM, flood.length));
    for (const client of clients) client.close();
    return measured;
  } finally {
    await Promise.all([receive, ...decides].map((one) => one.stop()));
  }
}

/** CPU time a mail; of several processes that decide together. */
function perMail(cpuMs: Record<string, number>, mails: number): Record<string, number> {
  const each: Record<string, number> = {};
  for (const [name, ms] of Object.entries(cpuMs)) {
    const role = name.replace(/ \d+$/, '');
    each[role] = (each[role] ?? 0) + ms / mails;
  }
  return each;
}
