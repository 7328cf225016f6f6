import type { PoolClient } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { canonicalJson } from '../../src/lib/canonicalJson.ts';
import { type AuditRecord, appendAudit, auditBytes, verifyAudit } from '../../src/store/audit.ts';
import { addToCounters, sumCounters } from '../../src/store/counters.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

let fresh: FreshDatabase;
beforeAll(async () => {
  fresh = await freshDatabase({ max: 20 });
});
afterAll(() => fresh.drop());

const record = (customerId: number | null, n: number): AuditRecord => ({
  customerId,
  at: new Date(Date.UTC(2026, 10, 24, 0, 0, 0, n)),
  actor: 'tester',
  action: 'test.done',
  detail: { n, name: '田中', nothing: undefined },
});

async function inTransaction(work: (client: PoolClient) => Promise<void>): Promise<void> {
  const client = await fresh.pool.connect();
  try {
    await client.query('begin');
    await work(client);
    await client.query('commit');
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

describe('the audit log', () => {
  it('keeps canonical bytes', () => {
    expect(auditBytes(record(1, 7)).toString()).toBe(
      '{"action":"test.done","actor":"tester","at":"2026-11-24T00:00:00.007Z","detail":{"n":7,"name":"田中"}}',
    );
    // RFC 8785 §3.2.3: sorted by UTF-16 code units.
    expect(canonicalJson({ '€': 1, '\r': 2, '😀': 3, '1': [true, null, 1e21, -0], ö: '\u2028' })).toBe(
      '{"\\r":2,"1":[true,null,1e+21,0],"ö":1,"€":1,"😀":3}'.replace('"ö":1', '"ö":"\u2028"'),
    );
    for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY, '\ud800']) {
      expect(() => canonicalJson({ wrong })).toThrow(TypeError);
    }
  });

  it('is gapless and chained for each customer under writers in every order, without a deadlock', async () => {
    const writers = Array.from({ length: 40 }, (_, n) =>
      fresh.db.transaction().execute((tx) => {
        const customers = [3, 1, null, 2];
        return appendAudit(
          tx,
          customers.map((_, at) => record(customers[(at + n) % customers.length]!, n)),
        );
      }),
    );
    await Promise.all(writers);
    for (const customer of [null, 1, 2, 3]) {
      expect(await verifyAudit(fresh.db, customer)).toEqual({ ok: true, records: 40 });
    }
    expect(await verifyAudit(fresh.db, 99)).toEqual({ ok: true, records: 0 });
  });

  it('uses no number for a transaction that fails', async () => {
    const failing = fresh.db.transaction().execute(async (tx) => {
      await appendAudit(tx, [record(4, 1)]);
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await fresh.db.transaction().execute((tx) => appendAudit(tx, [record(4, 1), record(4, 2)]));
    expect(await verifyAudit(fresh.db, 4)).toEqual({ ok: true, records: 2 });
  });

  it.each([
    ['a changed record', `update audit set bytes = '\\x7b7d' where customer_id = 5 and number = 2`, 2],
    ['a removed record', 'delete from audit where customer_id = 5 and number = 2', 2],
    ['a removed end', 'delete from audit where customer_id = 5 and number = 3', 2],
  ])('shows %s', async (_, tamper, number) => {
    await fresh.db.transaction().execute((tx) => appendAudit(tx, [record(5, 1), record(5, 2), record(5, 3)]));
    expect(await verifyAudit(fresh.db, 5)).toEqual({ ok: true, records: 3 });
    await fresh.pool.query(tamper);
    expect(await verifyAudit(fresh.db, 5)).toEqual({ ok: false, number });
    await fresh.pool.query('delete from audit where customer_id = 5');
    await fresh.pool.query('delete from audit_heads where customer_id = 5');
  });
});

describe('counters', () => {
  it('sum up what transactions at the same time added, and nothing of one that failed', async () => {
    await Promise.all(
      Array.from({ length: 60 }, (_, n) =>
        inTransaction((client) =>
          addToCounters(
            client,
            n % 2 ? { 'mails.open': 1, 'mails.drop': 2 } : { zero: 0, 'mails.drop': 2, 'mails.open': 1 },
          ),
        ),
      ),
    );
    const failing = inTransaction(async (client) => {
      await addToCounters(client, { 'mails.open': 1000 });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    await inTransaction((client) => addToCounters(client, {}));
    expect(await sumCounters(fresh.db, 'mails.')).toEqual({ 'mails.open': 60, 'mails.drop': 120 });
    expect(await sumCounters(fresh.db, 'kept.')).toEqual({});
  });
});
