import type { PoolClient } from 'pg';
import { lookupKeys } from '../core/correlate.ts';
import { type DecideRules, keysToLoad } from '../core/decide.ts';
import { noticeDraft } from '../core/effect.ts';
import { type Placed, type ReplayMail, type ReplayState, replayMail } from '../core/replayMail.ts';
import { replayTickets, withFaces } from '../core/replayTickets.ts';
import { emptySituation, type Known as KnownCustomers, mergeSituation, type Situation } from '../core/situation.ts';
import type { Understanding } from '../core/values.ts';
import type { Seal } from '../lib/seal.ts';
import { type ClaimedMail, lockDecided, type SealedMail } from '../store/claimMails.ts';
import {
  loadEffectKeys,
  loadFaces,
  loadLinks,
  loadPersonsActs,
  loadStored,
  type StoredMail,
} from '../store/loadReplay.ts';
import { loadSituation, lockCustomers, type SituationQuery } from '../store/loadSituation.ts';
import { drawTicketIds } from '../store/writeDecisions.ts';
import { writeReplay } from '../store/writeReplay.ts';
import type { TicketOf } from './decideBatch.ts';
import { heldReading, secretsNow } from './heldReading.ts';
import { loadKnown } from './loadKnown.ts';
import { countCode, type ReplayReport } from './replayCodes.ts';
import { replayRows } from './replayRows.ts';

/** A stored mail, read again in a thread. */
export type ReadAgain = {
  claimed: ClaimedMail;
  understanding: Understanding;
  /** Of its raw bytes. */
  key: Pick<SealedMail, 'wrappedKey' | 'keyId'>;
  /** As it was when it was read. */
  decidedAt: string;
};

export type ChunkDeps = {
  seal: Pick<Seal, 'toMailKey' | 'toDayKey'>;
  rules: DecideRules;
  ticketOf: TicketOf;
  now: Date;
};

/** What a dry run carries from one piece of a customer to the next, since nothing of it is in the tables. */
export type DryState = ReplayState & { seen: Set<string>; byPerson: Set<number>; told: Set<string> };

export const newDryState = (): DryState => ({
  situation: emptySituation(),
  linksOf: new Map(),
  joined: new Set(),
  byPerson: new Set(),
  seen: new Set(),
  told: new Set(),
});

/**
 * Replays some mails of one customer in the caller's transaction, and counts what changed. `dry`: only looks, writes and
 * locks nothing. Mails that were decided since they were read are left alone and counted as `skipped:busy`; their ids
 * are answered.
 */
export async function replayChunk(
  client: PoolClient,
  mails: readonly ReadAgain[],
  deps: ChunkDeps,
  dry: DryState | null,
  report: ReplayReport,
): Promise<{ busy: number[]; effects: boolean }> {
  const ids = mails.map(({ claimed }) => claimed.id);
  if (dry === null) {
    await lockDecided(client, ids);
    await lockCustomers(
      client,
      mails.map(({ claimed }) => claimed.customerId).filter((id) => id !== null),
    );
  }
  const stored = await loadStored(client, ids);
  const due: { read: ReadAgain; stored: StoredMail }[] = [];
  const busy: number[] = [];
  for (const read of mails) {
    const now = stored.get(read.claimed.id);
    if (now?.decidedAt === read.decidedAt) due.push({ read, stored: now });
    else busy.push(read.claimed.id);
  }
  const replays = due
    .map((one) => replayOf(one.read, one.stored))
    // A copy by our own list goes where the mail itself is.
    .toSorted((a, b) => Number(isCopy(a)) - Number(isCopy(b)));
  const known = await loadKnown(
    client,
    due.map(({ read }) => ({ customerId: read.claimed.customerId, understanding: read.understanding })),
  );
  const query = queryOf(replays, known, deps);
  const loaded = await loadSituation(client, query, known, { lock: dry === null });
  // What earlier pieces of a dry run made of a ticket stands in no row.
  const fresh = [...loaded.tickets.keys()].filter((id) => !dry?.situation.tickets.has(id));
  const state = await stateOf(client, loaded, fresh, query, dry);
  const before = withFaces(state.situation.tickets, await loadFaces(client, fresh));
  const placed: Placed[] = [];
  for (const replay of replays) {
    const { stored: was } = replay;
    // Held for good by a person: the rules are not asked again.
    if (replay.mail.review === 'rejected') placed.push(rejected(replay));
    else if (was.ticketId !== null && !state.situation.tickets.has(was.ticketId)) busy.push(replay.mail.id);
    else placed.push(replayMail(replay, state, deps.rules));
  }
  const tickets = replayTickets(placed, before, state, state.byPerson, deps.rules);
  const rows = replayRows({ placed, tickets, state, due, now: deps.now, seal: deps.seal, report });
  const told =
    dry?.told ??
    (await loadEffectKeys(
      client,
      rows.notices.map(({ draft }) => draft.key),
    ));
  if (dry !== null)
    for (const key of await loadEffectKeys(
      client,
      rows.notices.map(({ draft }) => draft.key),
    ))
      told.add(key);
  const notices = rows.notices.filter(({ draft }) => !told.has(draft.key));
  for (const { draft } of notices) {
    countCode(report, `notice:${draft.type}`);
    dry?.told.add(draft.key);
  }
  if (dry !== null) return { busy, effects: false };
  const drawn = await drawTicketIds(client, rows.newTickets.length);
  const writes = rows.write(new Map(rows.newTickets.map((id, n) => [id, drawn[n]!])));
  for (const { ticketId, customerId, mailId, type } of notices) {
    const id = ticketId < 0 ? drawn[rows.newTickets.indexOf(ticketId)]! : ticketId;
    writes.decisions.effects.push({ ...noticeDraft(type, id), customerId, ticketId: id, mailId });
  }
  await writeReplay(client, writes);
  return { busy, effects: notices.length > 0 };
}

function replayOf({ claimed, understanding }: ReadAgain, stored: StoredMail): ReplayMail {
  const { decided, reading } = stored;
  const held = secretsNow(stored, understanding) === 'fewer';
  const u = held ? heldReading(understanding, stored) : understanding;
  const { id, customerId, sha256 } = claimed;
  const before = { outcome: decided.outcome, ticketId: decided.ticketId };
  return {
    mail: {
      id,
      customerId,
      sha256,
      reading: { read: true, understanding: u },
      before,
      review: stored.review,
      history: claimed.arrival.history ?? null,
    },
    stored: {
      outcome: decided.outcome,
      rule: decided.rule,
      ticketId: decided.ticketId,
      threadKey: decided.threadKey,
      links: reading.links,
      reasons: reading.reasons.slice(reading.readReasons),
      secretLevel: decided.secretLevel ?? 'sealed',
    },
    held,
  };
}

function isCopy({ mail }: ReplayMail): boolean {
  return mail.reading.understanding.listCopyOf !== null;
}

function rejected(replay: ReplayMail): Placed {
  const { rule, ticketId, threadKey, outcome } = replay.stored;
  const none = { ticketMail: null, links: null, left: null, related: [], collision: false, reasons: null, again: [] };
  return { replay, ticketId, rule, threadKey, settled: outcome, ...none };
}

function queryOf(
  replays: readonly ReplayMail[],
  known: KnownCustomers,
  { rules, ticketOf }: ChunkDeps,
): SituationQuery {
  const query: SituationQuery = { keys: [], messageIds: [], notices: [], tickets: [] };
  for (const { mail, stored } of replays) {
    if (stored.ticketId !== null) query.tickets.push(stored.ticketId);
    const { customerId } = mail;
    if (customerId === null) continue;
    const ids = new Set<string>();
    for (const links of [keysToLoad(mail, known, rules.own), stored.links]) {
      if (links === null) continue;
      for (const key of lookupKeys(links)) query.keys.push({ customerId, key });
      for (const messageId of links.refs) {
        ids.add(messageId);
        const ticketId = ticketOf(messageId);
        if (ticketId !== null) query.notices.push({ customerId, messageId, ticketId });
      }
    }
    const own = mail.reading.understanding.messageId;
    if (own !== null) ids.add(own);
    for (const messageId of ids) query.messageIds.push({ customerId, messageId });
  }
  return query;
}

type Known = ReplayState & { byPerson: Set<number> };

/** With the keys of each mail of the tickets, and with what earlier pieces of a dry run made of it. */
async function stateOf(
  client: PoolClient,
  loaded: Situation,
  fresh: readonly number[],
  query: SituationQuery,
  dry: DryState | null,
): Promise<Known> {
  const links = await loadLinks(client, fresh);
  const acts = await loadPersonsActs(client, fresh);
  if (dry === null) return { situation: loaded, linksOf: new Map(links), ...acts };
  dry.situation = mergeSituation(dry.situation, loaded, query, dry.seen);
  for (const [mailId, one] of links) if (!dry.linksOf.has(mailId)) dry.linksOf.set(mailId, one);
  for (const id of acts.byPerson) dry.byPerson.add(id);
  for (const id of acts.joined) dry.joined.add(id);
  return dry;
}
