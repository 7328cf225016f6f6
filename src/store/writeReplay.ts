import type { PoolClient } from 'pg';
import type { Outcome, SecretLevel } from '../core/values.ts';
import { appendAuditOn } from './audit.ts';
import { addToCounters } from './counters.ts';
import { storableJson } from './storableJson.ts';
import { type Decisions, writeDecisions } from './writeDecisions.ts';

type KeyRow = { customerId: number; key: string; ticketId: number };

/** What a replay changes beside what deciding does. Ticket numbers are true ones. */
export type ReplayWrites = {
  decisions: Decisions;
  /** Keys that lead to a ticket no longer. */
  droppedKeys: KeyRow[];
  droppedMentions: KeyRow[];
  /** Mails that left a ticket (`ticketId`): `to` another one, or none. */
  moved: { ticketId: number; mailId: number; to: number | null; outcome: Outcome }[];
  /** Tickets that no mail is left on. */
  emptied: { id: number; mergedInto: number | null; solvedAt: string }[];
  /** Mails of which more is secret than before. */
  scrubs: Scrub[];
};

export type Scrub = {
  mailId: number;
  customerId: number;
  /** Tickets that showed it. */
  ticketIds: number[];
  /** Texts of it that may stand in their timelines. */
  texts: string[];
  from: SecretLevel;
  to: SecretLevel;
};

/** What stands where a text was that turned out to hold a secret. */
export const TOMBSTONE = '[scrubbed: it held a secret / 機密情報を含むため消去しました]';

/** Writes a replay of some mails in the caller's transaction. Audit and counters come last, as when mails are decided. */
export async function writeReplay(client: PoolClient, writes: ReplayWrites): Promise<void> {
  const { decisions, droppedKeys, droppedMentions, moved, emptied, scrubs } = writes;
  const now = decisions.now;
  for (const [table, rows] of [
    ['thread_keys', droppedKeys],
    ['thread_mentions', droppedMentions],
  ] as const) {
    if (rows.length === 0) continue;
    await client.query(
      `delete from ${table} k using json_to_recordset($1::json) as d ("customerId" int, key text, "ticketId" bigint)
        where k.customer_id = d."customerId" and k.key = d.key and k.ticket_id = d."ticketId"`,
      [storableJson(rows)],
    );
  }
  if (moved.length > 0) {
    await client.query(
      `update entries e set type = 'moved', body = json_build_object('mailId', m."mailId", 'to', m.to, 'outcome', m.outcome)
         from json_to_recordset($1::json) as m ("ticketId" bigint, "mailId" bigint, "to" bigint, outcome text)
        where e.ticket_id = m."ticketId" and e.mail_id = m."mailId" and e.type = 'mail'`,
      [storableJson(moved)],
    );
  }
  // A ticket that mails are merged into, or that shows a scrubbed one, may be a new one: its row comes first.
  await writeDecisions(client, { ...decisions, audit: [], counters: {} });
  await writeScrubs(client, scrubs, now);
  if (emptied.length > 0) {
    await client.query(
      `update tickets t set state = 'solved', solved_at = e."solvedAt", snoozed_until = null, mails = 0,
              merged_into = e."mergedInto", updated_at = $2, version = version + 1
         from json_to_recordset($1::json) as e (id bigint, "mergedInto" bigint, "solvedAt" timestamptz) where t.id = e.id`,
      [storableJson(emptied), now],
    );
  }
  await appendAuditOn(client, decisions.audit);
  await addToCounters(client, decisions.counters);
}

/**
 * Takes the old text of mails out of what was derived from them and is not written anew by deciding them: changes of the
 * matter in timelines, and the search. A line in each timeline says that it was done.
 */
async function writeScrubs(client: PoolClient, scrubs: readonly Scrub[], now: Date): Promise<void> {
  for (const { mailId, customerId, ticketIds, texts, from, to } of scrubs) {
    if (ticketIds.length === 0) continue;
    await client.query(
      `update entries set body = jsonb_set(body, '{changes}', (
           select jsonb_agg(case when c ->> 'field' <> 'subject' then c else c || jsonb_build_object(
               'from', case when c ->> 'from' = any($2::text[]) then $3 else c ->> 'from' end,
               'to', case when c ->> 'to' = any($2::text[]) then $3 else c ->> 'to' end) end order by n)
             from jsonb_array_elements(body -> 'changes') with ordinality as x (c, n)))
        where ticket_id = any($1::bigint[]) and type = 'change' and jsonb_array_length(body -> 'changes') > 0`,
      [ticketIds, texts, TOMBSTONE],
    );
    await client.query(
      `insert into entries (ticket_id, customer_id, mail_id, type, at, actor, body)
       select t, $2, $3, 'scrubbed', $4, 'rootdesk', $5 from unnest($1::bigint[]) as t`,
      [ticketIds, customerId, mailId, now, JSON.stringify({ mailId, from, to })],
    );
    await client.query(
      'delete from ticket_search where ticket_id = any($1::bigint[]) and mail_id = any($2::bigint[])',
      [ticketIds, [0, mailId]],
    );
    // In its place a row with a time that a search of the old text cannot overwrite and that the next one must.
    await client.query(
      `insert into ticket_search (ticket_id, mail_id, part, as_of, text)
       select t, m, 0, $3::timestamptz - interval '1 millisecond', ' '
         from unnest($1::bigint[]) as t, unnest($2::bigint[]) as m`,
      [ticketIds, [0, mailId], now],
    );
  }
}
