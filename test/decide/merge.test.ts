import { afterEach, beforeEach, expect, it } from 'vitest';
import { readKindFiles } from '../../src/lib/kindFiles.ts';
import { mergeTickets } from '../../src/store/acts/mergeTickets.ts';
import { readActs } from '../../src/store/acts/readActs.ts';
import { undoAct } from '../../src/store/acts/undoAct.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { caseMail, type Desk, openDesk } from './desk.ts';
import { replayWith } from './replaying.ts';

/** Two tickets of a customer that a person makes one, and takes apart again, while mail comes: real workers and PostgreSQL. */
let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const rows = async (text: string) => (await desk.pool.query(text)).rows;
const keep = (caseId: string, minute: number, customerId = 1) =>
  desk.keep(caseMail({ caseId, minute, text: `News of minute ${minute}` }), { customerId });
const [ONE, TWO] = ['17650869751', '17650869752'] as const;
const by = () => ({ actor: 'aiko@fde.example', at: new Date() });
const onTickets = () => rows('select ticket_id as t, count(*)::int as n from mails group by 1 order by 1');

it('puts mails and later mail of both threads on the kept ticket, and gives them back when it is undone', async () => {
  await desk.start();
  await keep(ONE, 0);
  await desk.ring();
  await keep(TWO, 20);
  await desk.ring();
  await desk.settled();
  const act = await mergeTickets(desk.db, { id: 1, version: 1, into: 2, reason: 'The same tunnel.', ...by() });
  expect(act).toMatchObject({ result: 'done', version: 2 });
  for (const caseId of [ONE, TWO]) await keep(caseId, 40);
  await desk.ring();
  await desk.settled();
  expect(await onTickets()).toEqual([{ t: 2, n: 4 }]);
  expect(await rows('select id, state, mails, merged_into, thread_key from tickets order by id')).toEqual([
    { id: 1, state: 'solved', mails: 0, merged_into: 2, thread_key: `case:${ONE}` },
    { id: 2, state: 'open', mails: 4, merged_into: null, thread_key: `case:${ONE}` },
  ]);
  expect(
    await rows(`select ticket_id, body ->> 'reason' as reason from entries where type = 'merged' order by 1`),
  ).toEqual([
    { ticket_id: 1, reason: 'The same tunnel.' },
    { ticket_id: 2, reason: 'The same tunnel.' },
  ]);
  // A replay by the same rules leaves what a person did.
  expect((await replayWith(desk, readKindFiles('config', 'templates'))).report).toEqual({ unchanged: 4 });
  const [last] = await readActs(desk.db, new Date());
  expect(last).toMatchObject({ type: 'ticket.merged', ticketId: 1, canUndo: true });
  expect(await undoAct(desk.db, { id: last!.id, ...by() })).toMatchObject({ result: 'done' });
  // Mail that came meanwhile stays; what comes from now on goes to the thread's own ticket.
  expect(await onTickets()).toEqual([
    { t: 1, n: 1 },
    { t: 2, n: 3 },
  ]);
  await keep(TWO, 50);
  await desk.ring();
  await desk.settled();
  expect(await rows('select id, state, mails, merged_into from tickets order by id')).toMatchObject([
    { id: 1, state: 'open', mails: 1, merged_into: null },
    { id: 2, state: 'open', mails: 4, merged_into: null },
  ]);
  expect(await verifyAudit(desk.db, 1)).toMatchObject({ ok: true });
});

it('never merges two customers, a ticket into itself, or one at a version that nobody saw', async () => {
  await desk.start();
  await keep(ONE, 0);
  await keep(TWO, 0);
  await keep(ONE, 0, 2);
  await desk.ring();
  await desk.settled();
  const [{ id: other }] = await rows('select id from tickets where customer_id = 2');
  const [a, b] = (await rows('select id from tickets where customer_id = 1 order by id')).map((row) => row.id);
  const merge = (id: number, into: number, version = 1) =>
    mergeTickets(desk.db, { id, version, into, reason: 'Because.', ...by() });
  expect(await merge(a, other)).toEqual({ result: 'cannot', why: 'customer' });
  expect(await merge(a, a)).toEqual({ result: 'cannot', why: 'same' });
  expect(await merge(a, 9999)).toEqual({ result: 'cannot', why: 'none' });
  expect(await merge(a, b, 7)).toMatchObject({ result: 'stale', version: 1 });
  expect(await merge(9999, b)).toBeNull();
  expect(await merge(a, b)).toMatchObject({ result: 'done' });
  expect(await merge(a, b, 2)).toEqual({ result: 'cannot', why: 'merged' });
});
