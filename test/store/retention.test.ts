import { mkdtempSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openSeal, type Seal } from '../../src/lib/seal.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { destroySentKeys } from '../../src/store/destroySentKeys.ts';
import { retireMail } from '../../src/store/retireMail.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let fresh: FreshDatabase;
let dataDir: string;
let seal: Seal;
let today: string;
const clock = { now: () => new Date(today) };

beforeEach(async () => {
  fresh = await freshDatabase();
  dataDir = mkdtempSync('/tmp/rootdesk-test-');
  today = '2026-11-20T23:59:00.000Z';
  seal = openSeal({ keyFile: null, dataDir, clock });
  await fresh.pool.query(`
    insert into customers (slug, name) values ('acme', 'Acme');
    insert into lists (customer_id, address) values (1, 'acme-x@root.test');
    insert into members (list_id, address, state) values (1, 'ops@acme.test', 'confirmed')`);
});
afterEach(async () => {
  await fresh.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A mail as kept now, with what was read of it; `copy`: one copy in this state. */
async function keep(text: string, outcome: string | null, copy?: { state: string; acceptedAt: string | null }) {
  const sealed = seal.seal(Buffer.from(text));
  const { rows } = await fresh.pool.query<{ id: number }>(
    `with mail as (
       insert into mails (customer_id, identity, sha256, size, received_at, mail_time, auth, outcome, decided_at)
       values (1, sha256($1::bytea), sha256($1::bytea), 1, $2, $2, '{}', $3, $2) returning id),
     reading as (
       insert into readings (mail_id, customer_id, subject, text, headers, attachments, facts, secrets, sender_verdict, reasons)
       select id, 1, 'Subject', $7, '[["From","x@y.test"]]', '[]', '{}', '[]', '{}', '[{"code":"a","text":"b"}]' from mail)
     insert into raws (mail_id, kept_at, bytes, wrapped_key, key_id)
     select id, $2, $4, $5, $6 from mail returning mail_id as id`,
    [Buffer.from(text), clock.now(), outcome, sealed.bytes, sealed.wrappedKey, sealed.keyId, text],
  );
  const { id } = rows[0]!;
  if (copy)
    await fresh.pool.query('insert into deliveries (mail_id, member_id, state, accepted_at) values ($1, 1, $2, $3)', [
      id,
      copy.state,
      copy.acceptedAt,
    ]);
  return id;
}

async function isReadable(id: number): Promise<boolean> {
  const { rows } = await fresh.pool.query('select bytes, wrapped_key, key_id from raws where mail_id = $1', [id]);
  try {
    seal.open(rows[0].bytes, rows[0].wrapped_key, rows[0].key_id);
    return true;
  } catch (error) {
    expect((error as { code?: string }).code).toBe('seal.key_gone');
    return false;
  }
}

describe('the key of a day', () => {
  const destroy = () => destroySentKeys({ pool: fresh.pool, seal, clock });

  it('is destroyed 24 hours after the last copy was accepted, not a moment sooner', async () => {
    const id = await keep('code 482913', 'open', { state: 'accepted', acceptedAt: '2026-11-22T09:00:00Z' });
    today = '2026-11-22T00:00:00.000Z';
    expect(await destroy()).toEqual([]);
    today = '2026-11-23T08:59:59.000Z';
    expect(await destroy()).toEqual([]);
    expect(await isReadable(id)).toBe(true);
    today = '2026-11-23T09:00:01.000Z';
    expect(await destroy()).toEqual(['day:2026-11-20']);
    expect(await isReadable(id)).toBe(false);
    expect(await destroy()).toEqual([]);
    expect(await verifyAudit(fresh.db, null)).toEqual({ ok: true, records: 1 });
  });

  it('is a day old at least, also when nobody gets a copy', async () => {
    const id = await keep('code 482913', 'open');
    today = '2026-11-21T23:59:59.000Z';
    expect(await destroy()).toEqual([]);
    today = '2026-11-22T00:00:00.000Z';
    expect(await destroy()).toEqual(['day:2026-11-20']);
    expect(await isReadable(id)).toBe(false);
  });

  it.each([
    ['a copy that did not leave yet', 'open', { state: 'due', acceptedAt: null }],
    ['a mail that nobody has read', null, undefined],
    ['a parked mail', 'parked', undefined],
    ['a held mail that a person may still let go', 'quarantine', undefined],
  ])('stays for %s, and with it the others of its day', async (_what, outcome, copy) => {
    const other = await keep('code 482913', 'open');
    await keep('other', outcome, copy);
    today = '2026-11-23T00:00:00.000Z';
    expect(await destroy()).toEqual([]);
    expect(await isReadable(other)).toBe(true);
  });
});

describe('mail that is older than the setting', () => {
  const text = async (id: number) =>
    (await fresh.pool.query('select text from readings where mail_id = $1', [id])).rows[0].text;
  const raws = async () =>
    (await fresh.pool.query('select mail_id from raws order by 1')).rows.map(({ mail_id }) => mail_id);
  /** A partition as the program makes it, for a month that is over. */
  const month = (name: string, from: string, to: string) =>
    fresh.pool.query(
      `create table ${name} partition of raws for values from ('${from} 00:00:00+00') to ('${to} 00:00:00+00')`,
    );

  it('is dropped by months; hash, headers, outcome and reasons stay, and what waits for somebody', async () => {
    await month('raws_y2025m01', '2025-01-01', '2025-02-01');
    await month('raws_y2025m02', '2025-02-01', '2025-03-01');
    today = '2025-01-31T23:59:00.000Z';
    const old = await keep('Old text', 'open');
    const parked = await keep('Parked text', 'parked');
    today = '2025-02-10T00:00:00.000Z';
    const young = await keep('Young text', 'open');
    const { rows: tickets } = await fresh.pool.query<{ id: number }>(
      `insert into tickets (customer_id, kind, subject, urgency, action_required, act_at, thread_key, created_at, updated_at)
       values (1, 'aws.other', 's', 'low', false, now(), 'k', now(), now()) returning id`,
    );
    await fresh.pool.query('update mails set ticket_id = $1', [tickets[0]!.id]);
    await fresh.pool.query(
      `insert into ticket_search (ticket_id, mail_id, part, as_of, text) select $1, id, 0, now(), 'words' from mails`,
      [tickets[0]!.id],
    );

    today = '2025-03-01T00:00:00.000Z';
    expect(await retireMail(fresh.pool, clock.now(), 0)).toEqual({ months: [], mails: 0 });
    expect(await retireMail(fresh.pool, clock.now(), 29)).toEqual({ months: [], mails: 0 });
    expect(await retireMail(fresh.pool, clock.now(), 28)).toEqual({ months: ['2025-01'], mails: 1 });
    expect(await retireMail(fresh.pool, clock.now(), 28)).toEqual({ months: [], mails: 0 });
    expect(await raws()).toEqual([parked, young]);
    expect(await Promise.all([old, parked, young].map(text))).toEqual(['', 'Parked text', 'Young text']);
    const { rows } = await fresh.pool.query(
      `select m.outcome, length(m.sha256) as hash, r.headers, r.reasons, r.subject,
              (select count(*)::int from ticket_search s where s.mail_id = m.id) as found
         from mails m join readings r on r.mail_id = m.id where m.id = $1`,
      [old],
    );
    expect(rows).toEqual([
      {
        outcome: 'open',
        hash: 32,
        headers: [['From', 'x@y.test']],
        reasons: [{ code: 'a', text: 'b' }],
        subject: 'Subject',
        found: 0,
      },
    ]);
    expect(await isReadable(parked)).toBe(true);

    // Somebody looked at it: it goes with the next run, from the default partition.
    await fresh.pool.query(`update mails set outcome = 'drop' where id = $1`, [parked]);
    expect(await retireMail(fresh.pool, clock.now(), 28)).toEqual({ months: [], mails: 1 });
    expect(await raws()).toEqual([young]);
    expect(await verifyAudit(fresh.db, null)).toEqual({ ok: true, records: 1 });
  });

  it('is taken away once by many', async () => {
    await month('raws_y2025m01', '2025-01-01', '2025-02-01');
    today = '2025-01-15T00:00:00.000Z';
    await keep('Old text', 'open');
    const all = await Promise.all([1, 2, 3].map(() => retireMail(fresh.pool, new Date('2026-01-01T00:00:00Z'), 28)));
    expect(all.flatMap(({ months }) => months)).toEqual(['2025-01']);
    expect(await raws()).toEqual([]);
  });
});
