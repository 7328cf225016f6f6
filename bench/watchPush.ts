import { loadavg } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { NEWS_CHANNEL, type NewsPayload } from '../src/store/news.ts';
import { DOVECOT_PASSWORD, startDovecot } from '../test/servers/dovecot.ts';
import { startTcpProxy } from '../test/servers/tcpProxy.ts';
import type { Corpus } from './corpus.ts';
import { dotStuffed, LmtpClient } from './lmtpClient.ts';
import { quantile } from './measure.ts';
import { openWorld, untilTrue, type World } from './watchWorld.ts';

export type PushResult = {
  processes: string;
  mails: number;
  p10Ms: number;
  p50Ms: number;
  p90Ms: number;
  p99Ms: number;
  load: string;
};

const CUSTOMERS = 4;
/** Code is compiled, DNS answers and plans are cached by then. */
const WARM = 40;

/**
 * From the EXISTS that arrives at our socket to the committed ticket, one mail at a time, in mailboxes that idle: in one
 * process that does all, and with receive and decide apart. Dovecot waits half a second before it says EXISTS; that is not in.
 */
export async function measurePush(mails: number): Promise<PushResult[]> {
  const results: PushResult[] = [];
  for (const [at, processes] of [['all'], ['receive', 'decide']].entries())
    results.push(await pushTo(processes, mails, at));
  return results;
}

async function pushTo(processes: readonly string[], mails: number, seed: number): Promise<PushResult> {
  const world = await openWorld();
  const dovecot = await startDovecot();
  const proxy = await startTcpProxy(dovecot.imapPort);
  const workers: { stop(): Promise<void> }[] = [];
  try {
    const corpus = await world.customers(CUSTOMERS, 10 + seed);
    const mailboxes = corpus.customers.map(({ slug, address }) => ({
      name: slug,
      host: '127.0.0.1',
      port: proxy.port,
      secure: false,
      requireTls: false,
      user: slug,
      password: DOVECOT_PASSWORD,
      rootAddress: address,
    }));
    for (const file of processes) workers.push(await world.worker(file, { mailboxes }));
    await untilTrue(world.pool, `select count(*) = ${CUSTOMERS} as ok from mailboxes where state = 'watching'`);
    // Watched is said before IDLE is begun.
    await pause(1000);
    let existsAt = 0;
    proxy.rewrite = (text) => {
      if (text.includes(' EXISTS')) existsAt = performance.now();
      return text;
    };
    const lmtp = await LmtpClient.open(dovecot.lmtpPort);
    const news = await listen(world);
    const latencies: number[] = [];
    process.stderr.write(`Push: ${mails} mails into ${processes.join(' and ')}…\n`);
    for (let index = 0; index < WARM + mails; index++) {
      const { user, data } = mailOf(corpus, index);
      const told = news.next();
      await lmtp.deliver('bounce@us-west-2.amazonses.com', user, data);
      const ms = (await told) - existsAt;
      if (index >= WARM) latencies.push(ms);
      // It idles again.
      await pause(50);
    }
    lmtp.close();
    await news.close();
    const at = (share: number) => quantile(latencies, share);
    return {
      processes: processes.join(' + '),
      mails,
      p10Ms: at(0.1),
      p50Ms: at(0.5),
      p90Ms: at(0.9),
      p99Ms: at(0.99),
      load: loadavg()[0]!.toFixed(1),
    };
  } finally {
    for (const worker of workers) await worker.stop();
    await proxy.close();
    await dovecot.remove();
    await world.close();
  }
}

function mailOf(corpus: Corpus, index: number): { user: string; data: Buffer } {
  const { raw, to } = corpus.mail(index);
  return { user: corpus.customers.find(({ address }) => address === to)!.slug, data: dotStuffed(raw) };
}

/** Hears of committed tickets: PostgreSQL tells after the commit. */
async function listen({ pool }: World) {
  const client = await pool.connect();
  let hear: (at: number) => void = () => {};
  client.on('notification', ({ payload }) => {
    if ((JSON.parse(payload ?? '{}') as NewsPayload).t) hear(performance.now());
  });
  await client.query(`listen ${NEWS_CHANNEL}`);
  return {
    next: () =>
      new Promise<number>((resolve) => {
        hear = resolve;
      }),
    async close() {
      await client.query('unlisten *');
      client.release();
    },
  };
}
