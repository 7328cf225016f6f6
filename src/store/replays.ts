import type { Pool, PoolClient } from 'pg';
import { canonicalJson } from '../lib/canonicalJson.ts';

/** Which mails are replayed: those that came since, of these customers, that are of these kinds now. Empty: all. */
export type ReplayFilter = {
  /** ISO 8601, by the time of receipt; null: since ever. */
  since: string | null;
  /** Slugs. */
  customers: string[];
  /** Codes (`billing.invoice`) or groups (`billing`). */
  kinds: string[];
};

/** One run of a replay and how far it is. */
export type ReplayRun = {
  id: number;
  total: number;
  position: number;
  report: Record<string, number>;
  resumed: boolean;
};

/** A mail of the work list. */
export type ReplayItem = {
  position: number;
  mailId: number;
  ticketId: number | null;
  customerId: number | null;
  size: number;
};

/** Advisory lock of the one replay that may run. */
const REPLAY_LOCK = 0x524c;

/**
 * Takes the right to replay, for as long as the connection lives: two replays would undo each other's work lists. False:
 * another one runs.
 */
export async function lockReplays(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ locked: boolean }>('select pg_try_advisory_lock($1, 0) as locked', [
    REPLAY_LOCK,
  ]);
  return rows[0]?.locked === true;
}

/**
 * Begins a run, or goes on with the one of the same filter and rules that did not come to its end. Mails of one ticket
 * stand together, in order of mail time; those on no ticket come last. Dry runs are never gone on with.
 */
export async function beginReplay(
  pool: Pool,
  { filter, rules, dry, now }: { filter: ReplayFilter; rules: Buffer; dry: boolean; now: Date },
): Promise<ReplayRun> {
  const asked = canonicalJson(filter);
  const client = await pool.connect();
  try {
    await client.query('begin');
    await client.query(
      'delete from replays where finished_at is null and (dry or $1::jsonb <> filter or rules <> $2)',
      [asked, rules],
    );
    const { rows: open } = await client.query<Omit<ReplayRun, 'resumed'>>(
      'select id, total, position, report from replays where finished_at is null and not $1 limit 1',
      [dry],
    );
    if (open[0] !== undefined) {
      await client.query('commit');
      return { ...open[0], resumed: true };
    }
    const { rows } = await client.query<{ id: number }>(
      'insert into replays (filter, rules, dry, started_at) values ($1, $2, $3, $4) returning id',
      [asked, rules, dry, now],
    );
    const { id } = rows[0]!;
    await client.query(WORK_LIST, [id, filter.since, filter.customers, filter.kinds]);
    const { rows: counted } = await client.query<{ total: number }>(
      `update replays set total = (select count(*) from replay_mails where replay_id = $1) where id = $1 returning total`,
      [id],
    );
    await client.query('commit');
    return { id, total: counted[0]!.total, position: 0, report: {}, resumed: false };
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

const WORK_LIST = `
  insert into replay_mails (replay_id, position, mail_id, ticket_id, customer_id, size)
  select $1, row_number() over (order by coalesce(m.customer_id, 0), m.ticket_id nulls last, m.mail_time, m.sha256),
         m.id, m.ticket_id, m.customer_id, m.size
    from mails m left join customers c on c.id = m.customer_id
   where m.outcome is not null and m.outcome <> 'too_large'
     and ($2::timestamptz is null or m.received_at >= $2)
     and (cardinality($3::text[]) = 0 or c.slug = any($3))
     and (cardinality($4::text[]) = 0 or m.kind = any($4) or split_part(m.kind, '.', 1) = any($4))`;

/** The next mails of the work list behind `position`, in order. */
export async function nextItems(pool: Pool, run: number, position: number, limit: number): Promise<ReplayItem[]> {
  const { rows } = await pool.query<ReplayItem>({
    name: 'next_replay_items',
    text: `select position, mail_id as "mailId", ticket_id as "ticketId", customer_id as "customerId", size
             from replay_mails where replay_id = $1 and position > $2 order by position limit $3`,
    values: [run, position, limit],
  });
  return rows;
}

/** Records how far a run is, in the transaction that made it true. */
export async function moveReplay(
  db: Pick<PoolClient, 'query'>,
  run: number,
  position: number,
  report: Record<string, number>,
): Promise<void> {
  await db.query('update replays set position = $2, report = $3 where id = $1', [
    run,
    position,
    JSON.stringify(report),
  ]);
}

/** Ends a run: its work list goes; its counts stay, those of a dry run do not. */
export async function endReplay(pool: Pool, run: number, { dry, now }: { dry: boolean; now: Date }): Promise<void> {
  if (dry) {
    await pool.query('delete from replays where id = $1', [run]);
    return;
  }
  await pool.query('delete from replay_mails where replay_id = $1', [run]);
  await pool.query('update replays set finished_at = $2 where id = $1', [run, now]);
}

/** The slugs of all customers. */
export async function readCustomerSlugs(pool: Pool): Promise<string[]> {
  const { rows } = await pool.query<{ slug: string }>('select slug from customers order by slug');
  return rows.map(({ slug }) => slug);
}
