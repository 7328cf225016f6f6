import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { DOVECOT_PASSWORD, type DovecotServer, startDovecot } from '../test/servers/dovecot.ts';
import type { Corpus } from './corpus.ts';
import { cpuOfEnded, peakRss } from './measure.ts';
import { checkInTickets, metered, onTwoCores, openWorld, sumOf, untilDecided } from './watchWorld.ts';

export type BackfillResult = {
  mails: number;
  megabytes: number;
  /** Until the command had ended and all was decided. */
  mailsPerSecond: number;
  cpuMsPerMail: Record<string, number>;
  cpuMsPerMailAll: number;
  /** At that CPU time, on two cores that do nothing else. */
  mailsPerSecondOnTwoFreeCores: number;
  peakRssMb: number;
  load: string;
};

/** `rootdesk backfill` of one mailbox beside a process that decides; Dovecot and PostgreSQL are counted. */
export async function measureBackfill(mails: number): Promise<BackfillResult> {
  const world = await openWorld();
  const dovecot = await startDovecot();
  try {
    const corpus = await world.customers(50, 3);
    process.stderr.write(`Backfill: writing ${mails} mails into a mailbox…\n`);
    const megabytes = fillMailbox(dovecot, 'old', corpus, mails) / 1e6;
    const mailbox = {
      name: 'old',
      host: '127.0.0.1',
      port: dovecot.imapPort,
      secure: false,
      requireTls: false,
      user: 'old',
      password: DOVECOT_PASSWORD,
      history: 'leave',
    };
    const decide = await world.worker('decide');
    const child = spawn(process.execPath, ['--max-semi-space-size=4', 'src/cli.ts', 'backfill', 'old'], {
      env: world.environment([mailbox]),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
    let peakRssMb = 0;
    const timer = setInterval(() => {
      peakRssMb = Math.max(peakRssMb, peakRss(child.pid!));
    }, 200);
    const meters = () => ({ postgres: world.postmaster, dovecot: dovecot.pid(), decide: decide.pid });
    const ended = cpuOfEnded();
    const { cpuMs, seconds, load } = await metered(meters, async () => {
      const [code] = await once(child, 'exit');
      if (code !== 0) throw new Error(`the backfill ended with ${code}`);
      await untilDecided(world.pool);
    });
    clearInterval(timer);
    // Nothing else ended meanwhile.
    const backfill = cpuOfEnded() - ended;
    await checkInTickets(world.pool, mails);
    await decide.stop();
    const each = Object.fromEntries(Object.entries({ ...cpuMs, backfill }).map(([name, ms]) => [name, ms / mails]));
    const all = sumOf(each);
    return {
      mails,
      megabytes,
      mailsPerSecond: mails / seconds,
      cpuMsPerMail: each,
      cpuMsPerMailAll: all,
      mailsPerSecondOnTwoFreeCores: onTwoCores(all),
      peakRssMb,
      load,
    };
  } finally {
    await dovecot.remove();
    await world.close();
  }
}

/** Puts the mails of a corpus into a Maildir, as a migration does. Returns how many bytes they have. */
function fillMailbox(dovecot: DovecotServer, user: string, corpus: Corpus, mails: number): number {
  const maildir = dovecot.maildir(user);
  const { uid, gid } = statSync(dirname(dirname(maildir)));
  for (const folder of [dirname(maildir), maildir, ...['cur', 'new', 'tmp'].map((name) => join(maildir, name))]) {
    mkdirSync(folder);
    chownSync(folder, uid, gid);
  }
  let bytes = 0;
  for (let index = 0; index < mails; index++) {
    const { raw } = corpus.mail(index);
    bytes += raw.length;
    // Received by the server when it was sent: a second apart, in this order.
    const path = join(maildir, 'cur', `${1_700_000_000 + index}.M${index}P1.bench,S=${raw.length}:2,S`);
    writeFileSync(path, raw);
    chownSync(path, uid, gid);
  }
  return bytes;
}
