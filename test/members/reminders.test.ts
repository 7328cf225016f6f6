import { afterAll, beforeAll, expect, it } from 'vitest';
import { actByLink, proposeMember } from '../../src/store/membership.ts';
import { remind } from '../../src/store/reminders.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { addList, addMember, DAY_MS, depsOf, linkTo, NOW } from './stage.ts';

let fresh: FreshDatabase;
let listId: number;

beforeAll(async () => {
  fresh = await freshDatabase();
  ({ listId } = await addList(fresh));
  await addMember(fresh, listId, 'ops@acme.example');
});
afterAll(() => fresh?.drop());

const later = (days: number) => new Date(NOW.getTime() + days * DAY_MS);
const mailsTo = async (purpose: string, address: string) => {
  const { rows } = await fresh.pool.query('select from links where purpose = $1 and address = $2', [purpose, address]);
  return rows.length;
};
const remindAt = (days: number) => remind(fresh.db, { now: later(days), limit: 100 });

it('an unanswered request is sent again twice, days apart, to whoever is asked now', async () => {
  await proposeMember(depsOf(fresh), { listId, address: 'kim@acme.example', by: { user: 'alice' } });
  expect(await mailsTo('approve', 'ops@acme.example')).toBe(1);
  expect(await remindAt(2.9)).toBe(0);
  expect(await remindAt(3.1)).toBe(1);
  expect(await remindAt(3.2)).toBe(0);
  const linkId = await linkTo(fresh, 'approve', 'ops@acme.example');
  await actByLink(depsOf(fresh, { now: later(4) }), { linkId, act: 'approve' });
  // Now it is for the member to answer.
  expect(await remindAt(7.1)).toBe(1);
  expect(await remindAt(10.2)).toBe(1);
  expect(await remindAt(13.3)).toBe(0);
  expect(await mailsTo('approve', 'ops@acme.example')).toBe(2);
  expect(await mailsTo('confirm', 'kim@acme.example')).toBe(3);
});

it('whoever asks, an address gets five mails of one sort a day', async () => {
  for (let hour = 0; hour < 20; hour++) {
    const now = new Date(later(30).getTime() + hour * 3_600_000);
    await proposeMember(depsOf(fresh, { now }), { listId, address: 'lee@acme.example', by: { user: 'alice' } });
  }
  const { rows } = await fresh.pool.query(
    `select from links k join members m on m.id = k.member_id where m.address = 'lee@acme.example' and k.purpose = 'approve'`,
  );
  expect(rows).toHaveLength(5);
});
