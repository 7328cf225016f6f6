import { mkdtempSync, rmSync } from 'node:fs';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openSeal, type Seal, type Sealed } from '../../src/lib/seal.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { destroyDayKeys } from '../../src/store/destroyDayKeys.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let fresh: FreshDatabase;
let dataDir: string;
let seal: Seal;
let today: string;
const clock = { now: () => new Date(today) };

beforeEach(async () => {
  fresh = await freshDatabase();
  dataDir = mkdtempSync('/tmp/rootdesk-test-');
  today = '2026-11-20T10:00:00.000Z';
  seal = openSeal({ keyFile: null, dataDir, clock });
});
afterEach(async () => {
  await fresh.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

const destroy = () => destroyDayKeys({ pool: fresh.pool, seal, clock, days: 5 });

/** A mail as kept now; what it was decided to be, null when it waits. */
async function keep(text: string, outcome: string | null): Promise<{ id: number; sealed: Sealed }> {
  const sealed = seal.seal(Buffer.from(text));
  const { rows } = await fresh.pool.query<{ id: number }>(
    `with mail as (
       insert into mails (identity, sha256, size, received_at, mail_time, auth, outcome)
       values (sha256($1::bytea), sha256($1::bytea), 1, $2, $2, '{}', $3) returning id)
     insert into raws (mail_id, kept_at, bytes, wrapped_key, key_id)
     select id, $2, $4, $5, $6 from mail returning mail_id as id`,
    [Buffer.from(text), clock.now(), outcome, sealed.bytes, sealed.wrappedKey, sealed.keyId],
  );
  return { id: rows[0]!.id, sealed };
}

async function read(id: number): Promise<string> {
  const { rows } = await fresh.pool.query<{ bytes: Buffer; wrapped_key: Buffer; key_id: string }>(
    'select bytes, wrapped_key, key_id from raws where mail_id = $1',
    [id],
  );
  return seal.open(rows[0]!.bytes, rows[0]!.wrapped_key, rows[0]!.key_id).toString();
}

test('a day key is destroyed when its time is over and not before, recorded, and once', async () => {
  const secret = await keep('code 482913', 'open');
  today = '2026-11-24T23:59:59.000Z';
  expect(await destroy()).toEqual([]);
  expect(await read(secret.id)).toBe('code 482913');
  today = '2026-11-25T00:00:00.000Z';
  expect(await destroy()).toEqual(['day:2026-11-20']);
  await expect(read(secret.id)).rejects.toMatchObject({ code: 'seal.key_gone' });
  expect(await destroy()).toEqual([]);
  const { rows } = await fresh.pool.query(`select convert_from(bytes, 'UTF8')::jsonb as record from audit`);
  expect(rows).toEqual([
    { record: expect.objectContaining({ action: 'keys.destroyed', detail: { keys: ['day:2026-11-20'] } }) },
  ]);
  expect(await verifyAudit(fresh.db, null)).toEqual({ ok: true, records: 1 });
});

test('mail that nobody has read yet outlives the key of its day; a copy from before does not', async () => {
  const waiting = await keep('waits', null);
  const parked = await keep('parked', 'parked');
  today = '2026-11-26T08:00:00.000Z';
  expect(await destroy()).toEqual(['day:2026-11-20']);
  expect(await read(waiting.id)).toBe('waits');
  expect(await read(parked.id)).toBe('parked');
  // What a backup holds of them is as unreadable as the rest of their day.
  const { bytes, wrappedKey, keyId } = parked.sealed;
  expect(() => seal.open(bytes, wrappedKey, keyId)).toThrow();
});

test('while somebody decides a mail of the day its key stays', async () => {
  const held = await keep('held', null);
  today = '2026-11-26T08:00:00.000Z';
  const decider = await fresh.pool.connect();
  try {
    await decider.query('begin');
    await decider.query('select from mails where id = $1 for no key update', [held.id]);
    expect(await destroy()).toEqual([]);
    await decider.query('rollback');
  } finally {
    decider.release();
  }
  expect(await destroy()).toEqual(['day:2026-11-20']);
  expect(await read(held.id)).toBe('held');
});

test('mail that is still to be sent to a list member outlives the key of its day, until its sending is given up', async () => {
  const { id } = await keep('code 482913', 'open');
  await fresh.pool.query(`
    insert into customers (slug, name) values ('acme', 'Acme');
    insert into lists (customer_id, address) values (1, 'acme-x@root.test');
    insert into members (list_id, address, state) values (1, 'ops@acme.test', 'confirmed')`);
  await fresh.pool.query('insert into deliveries (mail_id, member_id, created_at) values ($1, 1, $2)', [
    id,
    clock.now(),
  ]);
  today = '2026-11-25T08:00:00.000Z';
  expect(await destroy()).toEqual(['day:2026-11-20']);
  expect(await read(id)).toBe('code 482913');
  today = '2026-11-30T08:00:00.000Z';
  expect(await destroy()).toEqual(['day:2026-11-25']);
  await expect(read(id)).rejects.toMatchObject({ code: 'seal.key_gone' });
});
