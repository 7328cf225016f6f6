import type { PoolClient } from 'pg';
import { lookupKeys } from '../core/correlate.ts';
import { type DecideRules, keysToLoad } from '../core/decide.ts';
import type { Known } from '../core/situation.ts';
import type { RecentlyKept } from '../lib/recentMail.ts';
import type { Seal } from '../lib/seal.ts';
import type { SealedMail } from '../store/claimMails.ts';
import { loadSituation, lockCustomers, type SituationQuery } from '../store/loadSituation.ts';
import { drawTicketIds, writeDecisions } from '../store/writeDecisions.ts';
import { loadKnown } from './loadKnown.ts';
import { type BatchMail, newTickets, planBatch, rowsOf } from './planBatch.ts';

/** What is stored of a mail, with itself where it was just kept. */
export type StoredMail = SealedMail & Pick<RecentlyKept, 'raw'>;
/** A mail that was read, with what is stored of it (null: it is missing). */
export type ReadMail = BatchMail & { stored: StoredMail | null };

/** The ticket that a Message-ID of a notice of ours proves; null for every other one. */
export type TicketOf = (messageId: string) => number | null;

export type Decided = {
  /** Effects were written: somebody must act. */
  effects: boolean;
  /** What became of each, for the log: ids and codes only. */
  outcomes: { mail: number; outcome: string; ticket: number | null }[];
};

/**
 * Decides mails in the caller's transaction, which holds their rows: locks their customers, reads the situation, decides
 * one after another, writes everything. Nothing is true before the caller commits.
 */
export async function decideBatch(
  client: PoolClient,
  mails: readonly ReadMail[],
  deps: { seal: Seal; rules: DecideRules; ticketOf: TicketOf; now: Date },
): Promise<Decided> {
  await lockCustomers(
    client,
    mails.map(({ claimed }) => claimed.customerId).filter((id) => id !== null),
  );
  const known = await loadKnown(
    client,
    mails.flatMap(({ atHand: { customerId, reading } }) =>
      reading.read ? [{ customerId, understanding: reading.understanding }] : [],
    ),
  );
  const situation = await loadSituation(client, queryOf(mails, known, deps), known);
  const planned = planBatch(mails, situation, deps.rules);
  const drawn = await drawTicketIds(client, newTickets(planned).length);
  const rows = rowsOf(planned, situation, drawn, deps.now);
  await writeDecisions(client, { ...rows, rewrapped: rewrapped(mails, deps.seal) });
  const outcomes = rows.mails.map(({ id, outcome, ticketId }) => ({ mail: id, outcome, ticket: ticketId }));
  return { effects: rows.effects.length > 0, outcomes };
}

function queryOf(
  mails: readonly ReadMail[],
  known: Known,
  { rules, ticketOf }: { rules: DecideRules; ticketOf: TicketOf },
): SituationQuery {
  const query: SituationQuery = { keys: [], messageIds: [], notices: [], tickets: [] };
  for (const { atHand, claimed } of mails) {
    if (claimed.ticketId !== null) query.tickets.push(claimed.ticketId);
    const { customerId } = atHand;
    if (customerId === null) continue;
    const own = atHand.reading.read ? atHand.reading.understanding.messageId : null;
    if (own !== null) query.messageIds.push({ customerId, messageId: own });
    const links = keysToLoad(atHand, known, rules.own);
    if (links === null) continue;
    for (const key of lookupKeys(links)) query.keys.push({ customerId, key });
    for (const messageId of links.refs) {
      const ticketId = ticketOf(messageId);
      if (ticketId !== null) query.notices.push({ customerId, messageId, ticketId });
    }
    for (const messageId of new Set(links.refs)) query.messageIds.push({ customerId, messageId });
  }
  return query;
}

/**
 * Mail that holds no secret stays readable after its day: its data key is wrapped by the long-lived key. A sealed one,
 * and one that nobody could read, stays under the day key (fails closed).
 */
function rewrapped(mails: readonly ReadMail[], seal: Seal): { mailId: number; wrappedKey: Buffer; keyId: string }[] {
  return mails.flatMap(({ claimed, atHand, stored }) => {
    if (stored === null || !atHand.reading.read || atHand.reading.understanding.secrets.level === 'sealed') return [];
    const key = seal.toMailKey(stored.wrappedKey, stored.keyId);
    return key.keyId === stored.keyId ? [] : [{ mailId: claimed.id, ...key }];
  });
}
