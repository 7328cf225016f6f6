import type { Pool } from 'pg';
import { appendAuditOn } from './audit.ts';
import { inTransaction } from './inTransaction.ts';

/** What was taken away: months of raw mail (`2025-11`), and mails whose text went. */
export type Retired = { months: string[]; mails: number };

const DAY_MS = 24 * 3600 * 1000;
/** Texts taken away in one transaction. */
const AT_ONCE = 2000;
/** Longest that a month waits for the others who use the table (ms): keeping mail goes before tidying up. */
const LOCK_MS = 3000;

/** Mail that somebody still has to do something with. */
const NEEDED = `m.outcome is null or m.outcome = 'parked' or m.decide_due is not null or m.auth_due is not null
  or (m.outcome in ('quarantine', 'unrouted') and m.review is null)
  or exists (select from deliveries d where d.mail_id = m.id and d.state in ('due', 'leased'))`;

/**
 * Takes away the raw bytes and the text of mail that is older than `days` (0: nothing), by whole months of its arrival (UTC):
 * the partition of a month is dropped, what is still needed in it moves to the default partition and goes later. Hashes,
 * headers, facts, outcome and reasons stay, and tickets with all that people wrote. Recorded in the log of the
 * installation. May be run by several processes and again.
 */
export async function retireMail(pool: Pool, now: Date, days: number): Promise<Retired> {
  if (days === 0) return { months: [], mails: 0 };
  const oldest = new Date(now.getTime() - days * DAY_MS);
  const before = new Date(Date.UTC(oldest.getUTCFullYear(), oldest.getUTCMonth(), 1));
  const months: string[] = [];
  for (const month of await monthsBefore(pool, before)) {
    if (await dropMonth(pool, month, now)) months.push(month);
  }
  await pool.query(
    `delete from raws_default r using mails m
      where r.kept_at < $1 and m.id = r.mail_id and m.received_at = r.kept_at and not (${NEEDED})`,
    [before],
  );
  let mails = 0;
  for (let some = AT_ONCE; some === AT_ONCE; mails += some) some = await takeTexts(pool, before);
  return { months, mails };
}

async function monthsBefore(pool: Pool, before: Date): Promise<string[]> {
  const { rows } = await pool.query<{ name: string }>(
    `select relid::regclass::text as name from pg_partition_tree('raws') where isleaf`,
  );
  return rows
    .flatMap(({ name }) => {
      const [, year, month] = /raws_y(\d{4})m(\d{2})$/.exec(name) ?? [];
      return year && month ? [`${year}-${month}`] : [];
    })
    .filter((month) => `${month}-01` < before.toISOString().slice(0, 10))
    .sort();
}

/** False: another process was faster. */
async function dropMonth(pool: Pool, month: string, now: Date): Promise<boolean> {
  const name = `raws_y${month.replace('-', 'm')}`;
  return inTransaction(pool, async (client) => {
    await client.query(`set local lock_timeout = ${LOCK_MS}`);
    await client.query('lock table raws in access exclusive mode');
    const { rows } = await client.query<{ there: boolean }>(
      `select exists (select from pg_inherits where inhrelid = to_regclass($1)) as there`,
      [name],
    );
    if (!rows[0]?.there) return false;
    await client.query(`alter table raws detach partition ${name}`);
    const { rowCount: left } = await client.query(
      `insert into raws select r.* from ${name} r join mails m on m.id = r.mail_id and m.received_at = r.kept_at where ${NEEDED}`,
    );
    await client.query(`drop table ${name}`);
    const detail = { month, left: left ?? 0 };
    await appendAuditOn(client, [{ customerId: null, at: now, actor: 'rootdesk', action: 'mail.retired', detail }]);
    return true;
  });
}

/** A reading whose raw mail is gone and that has a text still. The search forgets it too. */
async function takeTexts(pool: Pool, before: Date): Promise<number> {
  const { rows } = await pool.query<{ n: number }>(
    `with old as (
       select m.id, m.ticket_id from mails m join readings r on r.mail_id = m.id
        where m.received_at < $1 and (r.text <> '' or r.ticket_body <> '')
          and not exists (select from raws w where w.mail_id = m.id and w.kept_at = m.received_at) limit $2),
     taken as (update readings r set text = '', ticket_body = '' from old where r.mail_id = old.id returning r.mail_id),
     forgotten as (delete from ticket_search s using old where s.ticket_id = old.ticket_id and s.mail_id = old.id)
     select count(*)::int as n from taken`,
    [before, AT_ONCE],
  );
  return rows[0]!.n;
}
