import type { Pool } from 'pg';
import type { Arrival, AuthResult, Outcome, Reason } from '../core/values.ts';
import { COUNTER_SLOTS } from './counters.ts';
import { storableJson } from './storableJson.ts';

/** One list that a mail is for, or none of ours (`listId` null: unrouted). */
export type Addressee = { listId: number | null; address: string | null; reason: Reason };

/** One row of mail to keep: one mail of one customer. */
export type MailToKeep = {
  customerId: number | null;
  addressees: Addressee[];
  identity: Buffer;
  sha256: Buffer;
  size: number;
  messageId: string | null;
  keptAt: Date;
  mailTime: string;
  auth: AuthResult;
  /** Authentication is tried again then; null when it is final. */
  authDue: Date | null;
  /** The mail is decided from then on; null while authentication is open, or when `outcome` is set. */
  decideDue: Date | null;
  /** too_large: known without being read. */
  outcome: Outcome | null;
  error: string | null;
  arrival: Arrival;
  /** Priority of the copies to list members; null: no copies (history that they already have). */
  deliverWith: number | null;
  /** Sealed raw bytes; null when the mail was not taken. */
  sealed: { bytes: Buffer; wrappedKey: Buffer; keyId: string } | null;
  /** Canonical bytes of the audit record, written when this mail arrived for the first time on this road. */
  audit: Buffer;
};

export type KeptRow = {
  mailId: number;
  /** False: the same mail was kept before. */
  isNew: boolean;
  /** False: this very arrival was known too. */
  isArrived: boolean;
  /** Copies to members that are due because of it. */
  copies: number;
};

/** Rows of one statement. */
export const MAX_ROWS = 16;
const COLUMNS = 10;
const statements = new Map<number, string>();

/**
 * Keeps up to MAX_ROWS mails in one transaction that is one statement and one round trip: mails, raw bytes, arrivals,
 * deliveries, then audit and counters. Resolves when it is committed, in the order of the rows; rejects when
 * nothing was kept.
 *
 * Lock order: mail rows sorted by customer and identity, then audit heads by customer, then counters: that of the
 * deciding transaction too.
 */
export async function keepMails(pool: Pool, mails: readonly MailToKeep[]): Promise<KeptRow[]> {
  if (mails.length > MAX_ROWS) throw new RangeError(`at most ${MAX_ROWS} mails are kept at once`);
  const order = mails
    .map((mail, index) => ({ mail, index }))
    .sort((a, b) => (a.mail.customerId ?? 0) - (b.mail.customerId ?? 0) || a.mail.identity.compare(b.mail.identity));
  const { rows } = await pool.query<{
    n: number;
    mail_id: number;
    is_new: boolean;
    is_arrived: boolean;
    copies: number;
  }>({
    name: `keep_mails_${mails.length}`,
    text: statementFor(mails.length),
    values: order.flatMap(({ mail }) => valuesOf(mail)),
  });
  const kept: KeptRow[] = new Array(mails.length);
  for (const row of rows) {
    const { index } = order[row.n] as (typeof order)[number];
    kept[index] = { mailId: row.mail_id, isNew: row.is_new, isArrived: row.is_arrived, copies: row.copies };
  }
  return kept;
}

/** The mail of a customer that came from this file for all these lists, or null. */
export async function findArrived(
  pool: Pool,
  wanted: { customerId: number | null; identity: Buffer; source: string; listIds: (number | null)[] },
): Promise<number | null> {
  const { rows } = await pool.query<{ id: number }>({
    name: 'find_arrived',
    text: `select m.id from mails m
            where coalesce(m.customer_id, 0) = $1 and m.identity = $2
              and not exists (
                select from unnest($4::int[]) as wanted (list_id)
                 where not exists (select from arrivals a
                                    where a.mail_id = m.id and a.transport = 'file' and a.source = $3
                                      and coalesce(a.list_id, 0) = coalesce(wanted.list_id, 0)))`,
    values: [wanted.customerId ?? 0, wanted.identity, wanted.source, wanted.listIds],
  });
  return rows[0]?.id ?? null;
}

function valuesOf(mail: MailToKeep): unknown[] {
  const { arrival, sealed } = mail;
  const row = {
    lists: mail.addressees.map(({ listId, address, reason }) => ({ id: listId, address, reason })),
    size: mail.size,
    messageId: mail.messageId,
    keptAt: mail.keptAt,
    mailTime: mail.mailTime,
    auth: mail.auth,
    authDue: mail.authDue,
    decideDue: mail.decideDue,
    outcome: mail.outcome,
    error: mail.error,
    priority: mail.deliverWith,
    arrival,
  };
  return [
    mail.customerId,
    storableJson(row),
    mail.identity,
    mail.sha256,
    sealed?.bytes ?? null,
    sealed?.wrappedKey ?? null,
    sealed?.keyId ?? null,
    mail.keptAt,
    mail.audit,
    mail.outcome,
  ];
}

/**
 * `kept` is materialized and read through a sort, so every keep_mail has run before the first audit_append.
 */
function statementFor(rows: number): string {
  const known = statements.get(rows);
  if (known) return known;
  const calls = Array.from({ length: rows }, (_, n) => {
    const p = (column: number) => `$${n * COLUMNS + column}`;
    return `select ${n} as n, ${p(1)}::int as customer_id, ${p(8)}::timestamptz as at, ${p(9)}::bytea as audit,
        ${p(10)}::text as outcome, (${p(2)}::jsonb -> 'authDue') <> 'null' as unchecked, k.*
      from keep_mail(${p(1)}, ${p(2)}, ${p(3)}, ${p(4)}, ${p(5)}, ${p(6)}, ${p(7)}) k`;
  });
  const text = `
    with kept as materialized (${calls.join(' union all ')}),
    audited as materialized (
      select n, audit_append(coalesce(customer_id, 0), at, audit) as number
        from (select * from kept where is_arrived order by coalesce(customer_id, 0), n offset 0) as arrived),
    counted as (
      insert into counters (name, slot, value)
      select name, pg_backend_pid() % ${COUNTER_SLOTS}, count(*)
        from (select 'kept.arrivals' as name from kept where is_arrived
              union all select 'kept.mails' from kept where is_new
              union all select 'auth.temperror' from kept where is_new and unchecked
              union all select 'mails.' || outcome from kept where is_new and outcome is not null) as events
       group by name order by name
      on conflict (name, slot) do update set value = counters.value + excluded.value)
    select kept.n, kept.mail_id, kept.is_new, kept.is_arrived, kept.copies, audited.number
      from kept left join audited on audited.n = kept.n`;
  statements.set(rows, text);
  return text;
}
