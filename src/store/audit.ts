import { createHash } from 'node:crypto';
import { CompiledQuery, type Kysely, sql } from 'kysely';
import type { ClientBase } from 'pg';
import { canonicalJson, type JsonValue } from '../lib/canonicalJson.ts';
import type { Tables } from './schema.ts';

/**
 * One thing that was done, as the customer too will read it: names, ids, states; never text of a mail, a secret, or a
 * whole link. `actor` is the person as known, `rootdesk`, or `unknown`; it is never made up.
 */
export type AuditRecord = {
  /** Null: the installation itself. */
  customerId: number | null;
  at: Date;
  actor: string;
  /** `mail.kept`, `customer.created` … */
  action: string;
  /** What it was done to: ids and what changed. */
  detail?: Record<string, JsonValue | undefined>;
};

/** The log of the installation itself. */
const INSTALLATION = 0;

/** The bytes of a record as they are hashed and kept: canonical JSON, time in UTC. */
export function auditBytes(record: AuditRecord): Buffer {
  const { actor, action, at, detail = {} } = record;
  return Buffer.from(canonicalJson({ action, actor, at: at.toISOString(), detail }));
}

/**
 * Appends records in the caller's transaction, sorted by customer (the order of locks that all writers follow) and
 * otherwise in the given order. Numbers are gapless a customer, so a second writer waits until this one commits: append
 * late in the transaction, once.
 */
export async function appendAudit(tx: Kysely<Tables>, records: readonly AuditRecord[]): Promise<void> {
  if (records.length === 0) return;
  await tx.executeQuery(CompiledQuery.raw(APPEND_AUDIT, auditValues(records)));
}

/** The same in the transaction of this connection. */
export async function appendAuditOn(client: ClientBase, records: readonly AuditRecord[]): Promise<void> {
  if (records.length === 0) return;
  await client.query({ name: 'append_audit', text: APPEND_AUDIT, values: auditValues(records) });
}

/** Takes `auditValues` as $1 to $3. */
export const APPEND_AUDIT = `select audit_append(customer, at, bytes)
  from (select * from unnest($1::int[], $2::timestamptz[], $3::bytea[]) with ordinality
          as record (customer, at, bytes, n) order by customer, n offset 0) as sorted`;

export function auditValues(records: readonly AuditRecord[]): unknown[] {
  return [
    records.map(({ customerId }) => customerId ?? INSTALLATION),
    records.map(({ at }) => at.toISOString()),
    records.map(auditBytes),
  ];
}

/**
 * Checks a customer's log (null: the installation's) from its first record to its head: numbers without gap, each hash
 * over the one before and the record's bytes, and the head the last. Returns the number of records, or the first
 * number that does not fit.
 */
export async function verifyAudit(
  db: Kysely<Tables>,
  customerId: number | null,
): Promise<{ ok: true; records: number } | { ok: false; number: number }> {
  const id = customerId ?? INSTALLATION;
  let number = 0;
  let hash: Buffer = Buffer.alloc(0);
  for (;;) {
    const rows = await db
      .selectFrom('audit')
      .select(['number', 'bytes', 'previous', 'hash'])
      .where('customer_id', '=', id)
      .where('number', '>', number)
      .orderBy('number')
      .limit(1000)
      .execute();
    for (const row of rows) {
      const expected = createHash('sha256').update(hash).update(row.bytes).digest();
      if (row.number !== number + 1 || !row.previous.equals(hash) || !row.hash.equals(expected)) {
        return { ok: false, number: number + 1 };
      }
      number = row.number;
      hash = row.hash;
    }
    if (rows.length > 0) continue;
    const { rows: heads } = await sql<{ number: number; hash: Buffer }>`
      select number, hash from audit_heads where customer_id = ${id}`.execute(db);
    const head = heads[0] ?? { number: 0, hash: Buffer.alloc(0) };
    return head.number === number && head.hash.equals(hash) ? { ok: true, records: number } : { ok: false, number };
  }
}
