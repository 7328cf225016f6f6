import { type Kysely, sql } from 'kysely';
import { hasSession } from './leaseOwner.ts';
import type { SpanReason } from './mailboxCursor.ts';
import type { Tables } from './schema.ts';

/** A mailbox as lists show it. */
export type MailboxRow = {
  name: string;
  state: string;
  uidValidity: number | null;
  uidNext: number | null;
  lastSuccessAt: Date | null;
  lastError: string | null;
  errorClass: string | null;
  failures: number;
  nextTryAt: Date | null;
  pausedAt: Date | null;
  /** `host:pid` of the process that watches it. */
  receiver: string | null;
  /** When all UIDs of the server were compared with what arrived, and how many were missing. */
  auditAt: Date | null;
  auditMissing: number;
  /** What is done with kept mail cannot be done now: why. */
  afterError: string | null;
  createdAt: Date;
};

const ROW = sql`m.name, m.state, m.uid_validity as "uidValidity", e.uid_next as "uidNext",
  m.last_success_at as "lastSuccessAt", m.last_error as "lastError", m.error_class as "errorClass", m.failures,
  m.next_try_at as "nextTryAt", m.paused_at as "pausedAt", r.host || ':' || r.pid as receiver, e.audit_at as "auditAt",
  coalesce(e.audit_missing, 0) as "auditMissing", e.after_error as "afterError", m.created_at as "createdAt"`;
const FROM = sql`mailboxes m
  left join mailbox_epochs e on e.mailbox = m.name and e.uid_validity = m.uid_validity
  left join receivers r on r.id = m.receiver`;

/** States in which a mailbox is not read. The literals name the partial index. */
const FAILING = sql`state in ('waiting', 'paused', 'stopped')`;
/** Names of those that need somebody: not read, or mail on the server is not here, or kept mail cannot be flagged or moved. */
const TROUBLED = sql`(select name from mailboxes where ${FAILING}
  union select mailbox from mailbox_epochs where ended_at is null and (audit_missing > 0 or after_error is not null))`;

/** Mailboxes by name, behind `after`; `onlyTroubled`: those that need somebody. */
export async function listMailboxes(
  db: Kysely<Tables>,
  { after, onlyTroubled }: { after: string | null; onlyTroubled: boolean },
  limit: number,
): Promise<MailboxRow[]> {
  const { rows } = await sql<MailboxRow>`select ${ROW} from ${FROM}
    where ${after === null ? sql`true` : sql`m.name > ${after}`} ${onlyTroubled ? sql`and m.name in ${TROUBLED}` : sql``}
    order by m.name limit ${limit}`.execute(db);
  return rows;
}

/** Some of the mailboxes, and how many there are. */
export type Mailboxes = { rows: MailboxRow[]; all: number; troubled: number };

/**
 * The first mailboxes with the worst at the top: paused, then those that are not read (the longest first), then those that miss
 * something; whatever room is left is for the others, by name.
 */
export async function readWorstMailboxes(db: Kysely<Tables>, limit: number): Promise<Mailboxes> {
  const [counts, worst] = await Promise.all([
    sql<{ all: number; troubled: number }>`select (select count(*)::int from mailboxes) as "all",
      (select count(*)::int from ${TROUBLED} as t) as troubled`.execute(db),
    sql<MailboxRow>`select ${ROW} from ${FROM} where m.name in ${TROUBLED}
      order by m.paused_at is null, m.state not in ('waiting', 'paused', 'stopped'), m.last_success_at nulls first, m.name
      limit ${limit}`.execute(db),
  ]);
  const { all, troubled } = counts.rows[0]!;
  const room = limit - worst.rows.length;
  if (room === 0) return { rows: worst.rows, all, troubled };
  const { rows } = await sql<MailboxRow>`select ${ROW} from ${FROM} where m.name not in ${TROUBLED}
    order by m.name limit ${room}`.execute(db);
  return { rows: [...worst.rows, ...rows], all, troubled };
}

/** Mailboxes that are not read now. Asked for every page. */
export async function countFailingMailboxes(db: Kysely<Tables>): Promise<number> {
  const { rows } = await sql<{ count: number }>`select count(*)::int as count from mailboxes where ${FAILING}`.execute(
    db,
  );
  return rows[0]!.count;
}

/** What metrics say of a mailbox. */
export type MailboxGauges = Pick<
  MailboxRow,
  'name' | 'state' | 'pausedAt' | 'lastSuccessAt' | 'createdAt' | 'failures' | 'errorClass' | 'auditMissing' | 'auditAt'
>;

/** All mailboxes by name, for metrics: each has gauges of its own. */
export async function readMailboxGauges(db: Kysely<Tables>): Promise<MailboxGauges[]> {
  const { rows } = await sql<MailboxGauges>`select m.name, m.state, m.paused_at as "pausedAt",
      m.last_success_at as "lastSuccessAt", m.created_at as "createdAt", m.failures, m.error_class as "errorClass",
      coalesce(e.audit_missing, 0) as "auditMissing", e.audit_at as "auditAt"
    from mailboxes m left join mailbox_epochs e on e.mailbox = m.name and e.uid_validity = m.uid_validity
    order by m.name`.execute(db);
  return rows;
}

/** What the last comparisons of all mailboxes found together; null: no mailbox is known. */
export type GapAudit = {
  mailboxes: number;
  /** Mailboxes that were compared at least once. */
  compared: number;
  messages: number;
  missing: number;
  /** When the one that was compared longest ago was. */
  since: Date | null;
};

/** The gap audit over all mailboxes, as it stands now. */
export async function readGapAudit(db: Kysely<Tables>): Promise<GapAudit | null> {
  const { rows } = await sql<GapAudit>`select count(*)::int as mailboxes, count(e.audit_at)::int as compared,
    coalesce(sum(e.audit_messages), 0)::int as messages, coalesce(sum(e.audit_missing), 0)::int as missing,
    min(e.audit_at) as since
    from mailboxes m left join mailbox_epochs e on e.mailbox = m.name and e.uid_validity = m.uid_validity`.execute(db);
  const [audit] = rows;
  return audit === undefined || audit.mailboxes === 0 ? null : audit;
}

/** UIDs that are no mail here, and why. */
export type MailboxSpan = { first: number; last: number; why: SpanReason; foundAt: Date };

export type MailboxPage = MailboxRow & {
  firstUid: number | null;
  serverMessages: number | null;
  serverUidNext: number | null;
  /** HIGHESTMODSEQ as text; null: the server keeps none. */
  modseq: string | null;
  auditMessages: number;
  auditFetched: number;
  afterMode: string | null;
  beganAt: Date | null;
  /** Newest first; reports on copies are not among them. */
  spans: MailboxSpan[];
  /** Of all spans: how many UIDs. */
  passedUids: number;
  events: { at: Date; event: string; detail: Record<string, unknown> }[];
  /** The last walk over what it held before; null: none. */
  backfill: BackfillRow | null;
};

export type BackfillRow = {
  /** `interrupted`: the process that walked is gone; the same command goes on. */
  state: 'running' | 'interrupted' | 'done' | 'stopped';
  newestFirst: boolean;
  total: number;
  done: number;
  kept: number;
  tooLarge: number;
  startedAt: Date;
  changedAt: Date;
  finishedAt: Date | null;
  /** Time that is left at the pace so far (ms); null: not known, or nobody walks. */
  leftMs: number | null;
};

const SPANS = 100;
const EVENTS = 50;

/** Everything about one mailbox; null: there is none of that name. */
export async function readMailbox(db: Kysely<Tables>, name: string): Promise<MailboxPage | null> {
  const found = await sql<
    Omit<MailboxPage, 'spans' | 'events' | 'passedUids' | 'backfill'>
  >`select ${ROW}, e.first_uid as "firstUid",
      e.server_messages as "serverMessages", e.server_uid_next as "serverUidNext", e.modseq::text as modseq,
      coalesce(e.audit_messages, 0) as "auditMessages", coalesce(e.audit_fetched, 0) as "auditFetched",
      e.after_mode as "afterMode", m.began_at as "beganAt"
    from ${FROM} where m.name = ${name}`.execute(db);
  const row = found.rows[0];
  if (row === undefined) return null;
  const inEpoch = sql`mailbox = ${name} and uid_validity = ${row.uidValidity}::bigint and why <> 'report'`;
  const [spans, passed, events, backfill] = await Promise.all([
    sql<MailboxSpan>`select first_uid as first, last_uid as last, why, found_at as "foundAt" from mailbox_spans
      where ${inEpoch} order by first_uid desc limit ${SPANS}`.execute(db),
    sql<{ uids: number }>`select coalesce(sum(last_uid - first_uid + 1), 0)::bigint as uids from mailbox_spans
      where ${inEpoch}`.execute(db),
    sql<MailboxPage['events'][number]>`select at, event, detail from mailbox_events where mailbox = ${name}
      order by id desc limit ${EVENTS}`.execute(db),
    readBackfill(db, name),
  ]);
  return { ...row, spans: spans.rows, passedUids: passed.rows[0]!.uids, events: events.rows, backfill };
}

/** UIDs that passed without our seeing them and were found since then, of these mailboxes. */
export async function readPassedSince(
  db: Kysely<Tables>,
  mailboxes: readonly string[],
  since: Date,
): Promise<{ mailbox: string; uids: number }[]> {
  const { rows } = await sql<{ mailbox: string; uids: number }>`
    select mailbox, sum(last_uid - first_uid + 1)::bigint as uids from mailbox_spans
     where mailbox = any(${mailboxes}::text[]) and why = 'passed' and found_at >= ${since}
     group by mailbox order by mailbox`.execute(db);
  return rows;
}

/** How far a mailbox was read under one UIDVALIDITY. */
export type EpochRow = {
  uidValidity: number;
  firstUid: number;
  uidNext: number;
  serverUidNext: number;
  serverMessages: number;
  startedAt: Date;
  endedAt: Date | null;
};

/** Who has a mailbox, and when that process was heard of last; null: nobody. */
export async function readLease(
  db: Kysely<Tables>,
  name: string,
): Promise<{ by: string; fence: number; seenAt: Date } | null> {
  const { rows } = await sql<{ by: string; fence: number; seenAt: Date }>`
    select r.host || ':' || r.pid as by, m.fence, r.seen_at as "seenAt"
      from mailboxes m join receivers r on r.id = m.receiver where m.name = ${name}`.execute(db);
  return rows[0] ?? null;
}

const EPOCHS = 20;

/** All numberings of a mailbox that are remembered, the one that holds first. */
export async function readEpochs(db: Kysely<Tables>, name: string): Promise<EpochRow[]> {
  const { rows } =
    await sql<EpochRow>`select uid_validity as "uidValidity", first_uid as "firstUid", uid_next as "uidNext",
      server_uid_next as "serverUidNext", server_messages as "serverMessages", started_at as "startedAt",
      ended_at as "endedAt" from mailbox_epochs
    where mailbox = ${name} order by ended_at desc nulls first, started_at desc limit ${EPOCHS}`.execute(db);
  return rows;
}

async function readBackfill(db: Kysely<Tables>, mailbox: string): Promise<BackfillRow | null> {
  const { rows } = await sql<Omit<BackfillRow, 'leftMs'>>`select
      case when state = 'running' and not ${hasSession(sql`owner`)} then 'interrupted' else state end as state,
      newest_first as "newestFirst", total, done, kept, too_large as "tooLarge", started_at as "startedAt",
      changed_at as "changedAt", finished_at as "finishedAt"
    from backfills where mailbox = ${mailbox} order by id desc limit 1`.execute(db);
  const row = rows[0];
  if (row === undefined) return null;
  const spent = row.changedAt.getTime() - row.startedAt.getTime();
  const isWalked = row.state === 'running' && row.done > 0;
  return { ...row, leftMs: isWalked ? Math.round((spent / row.done) * Math.max(0, row.total - row.done)) : null };
}
