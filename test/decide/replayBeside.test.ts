import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { dirname } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type KindFiles, readKindFiles } from '../../src/lib/kindFiles.ts';
import { changeTicketState } from '../../src/store/acts/changeState.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { sumCounters } from '../../src/store/counters.ts';
import { caseMail, type Desk, openDesk } from './desk.ts';
import { replayWith } from './replaying.ts';

/** A replay that is killed in the middle, and one beside workers that decide and people who act. */
let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const TODAY = readKindFiles('config', 'templates');
/** The rules before: replies in cases were of low urgency. */
const BEFORE: KindFiles = {
  ...TODAY,
  files: TODAY.files.map((file) =>
    file.name === 'kinds/support.case_reply.yaml'
      ? { ...file, data: { ...(file.data as object), urgency: 'low' } }
      : file,
  ),
};
const rows = async (text: string) => (await desk.pool.query(text)).rows;
const MAILS = 400;

async function decideMany(): Promise<void> {
  for (let n = 0; n < MAILS; n += 1)
    await desk.keep(
      caseMail({ caseId: `17650869${1000 + (n % (MAILS / 2))}`, minute: n % 50, text: `News number ${n}` }),
      {
        customerId: (n % 2) + 1,
      },
    );
  const running = await desk.start({ kinds: BEFORE });
  await desk.settled();
  await running.close();
}

async function holdsTogether(): Promise<void> {
  for (const customer of [1, 2]) expect(await verifyAudit(desk.db, customer)).toMatchObject({ ok: true });
  const counted = await rows('select outcome, count(*)::int as n from mails group by 1');
  expect(await sumCounters(desk.db, 'mails.')).toEqual(
    Object.fromEntries(counted.map(({ outcome, n }) => [`mails.${outcome}`, n])),
  );
  expect(
    await rows(`select ticket_id from entries where type = 'mail' group by ticket_id, mail_id having count(*) > 1`),
  ).toEqual([]);
}

it('goes on after kill -9 where it was, and changes each mail and ticket once', async () => {
  await decideMany();
  const child = spawn(process.execPath, ['test/decide/replayChild.ts', desk.url, dirname(desk.keys)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH ?? '' },
  });
  const ended = once(child, 'exit');
  const lines = createInterface({ input: child.stdout });
  for await (const line of lines) {
    if (!line.startsWith('0/')) child.kill('SIGKILL');
  }
  expect((await ended)[1]).toBe('SIGKILL');
  const [{ position }] = await rows('select position from replays');
  expect(position).toBeGreaterThan(0);
  expect(position).toBeLessThan(MAILS);
  const changed = async () => (await rows(`select count(*)::int as n from mails where urgency = 'normal'`))[0].n;
  // Nothing half: what is changed is what the work list says is done.
  expect(await changed()).toBe(position);
  const result = await replayWith(desk, TODAY);
  expect(result).toMatchObject({ resumed: true, total: MAILS, done: MAILS });
  expect(result.report).toMatchObject({ changed: MAILS, 'urgency:low>normal': MAILS });
  expect(await changed()).toBe(MAILS);
  expect(
    await rows(`select max(n)::int as most from (select count(*) as n from entries
    where type = 'change' group by ticket_id) x`),
  ).toEqual([{ most: 1 }]);
  expect(await rows('select count(*)::int as n from replay_mails')).toEqual([{ n: 0 }]);
  await holdsTogether();
  expect((await replayWith(desk, TODAY)).report).toEqual({ unchanged: MAILS });
}, 120_000);

it('runs beside workers that decide and people who act: nobody waits for nobody, and nothing is lost', async () => {
  await decideMany();
  await desk.start({ kinds: TODAY });
  const replaying = replayWith(desk, TODAY);
  let solved = 0;
  const acting = (async () => {
    for (const { id, version } of await rows('select id, version from tickets order by id desc limit 60')) {
      const by = { at: new Date(), actor: 'aiko@fde.example' };
      const result = await changeTicketState(desk.db, { id, version, to: 'solved', ...by });
      if (result?.result === 'done') solved += 1;
    }
  })();
  for (let n = 0; n < 60; n += 1) {
    await desk.keep(caseMail({ caseId: `17650869${1000 + n}`, minute: 55, text: `Later news ${n}` }), {
      customerId: (n % 2) + 1,
    });
    await desk.ring();
  }
  await Promise.all([replaying, acting]);
  await desk.settled();
  await holdsTogether();
  expect(solved).toBeGreaterThan(0);
  const { report } = await replayWith(desk, TODAY);
  expect(report).toEqual({ unchanged: MAILS + 60 });
  expect(await rows(`select distinct urgency from tickets`)).toEqual([{ urgency: 'normal' }]);
}, 120_000);

it('is one at a time', async () => {
  await decideMany();
  const results = await Promise.allSettled([replayWith(desk, TODAY), replayWith(desk, TODAY)]);
  const refused = results.filter(({ status }) => status === 'rejected');
  expect(refused).toMatchObject([{ reason: { code: 'replay.running' } }]);
}, 120_000);
