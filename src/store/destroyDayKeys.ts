import type { Pool } from 'pg';
import { GIVE_UP_MS } from '../core/deliveryAttempt.ts';
import type { Clock } from '../lib/clock.ts';
import type { Seal } from '../lib/seal.ts';
import { appendAuditOn } from './audit.ts';

export type DayKeyDeps = {
  pool: Pool;
  seal: Pick<Seal, 'dayKeysBefore' | 'destroyDayKeysBefore' | 'toDayKey'>;
  clock: Clock;
  /** Longest that mail with secrets can be read (days, at least 2). */
  days: number;
};

const DAY_MS = 24 * 3600 * 1000;
/** Mails that are moved in one transaction. */
const MOVED_AT_ONCE = 200;

/**
 * Destroys the day keys whose time is over, and with them every copy of the mail that they seal: mail with secrets, also in
 * backups and in the log of the database. Mail that was not understood yet (waiting, or parked for a person) is moved to
 * the key of today first, so that nothing is lost unread. What is destroyed is recorded before, in the log of the
 * installation. Returns the key ids; none while a mail that must be moved is held by somebody else: call it again later.
 */
export async function destroyDayKeys({ pool, seal, clock, days }: DayKeyDeps): Promise<string[]> {
  const now = clock.now();
  const before = new Date(now.getTime() - (days - 1) * DAY_MS).toISOString().slice(0, 10);
  const since = new Date(now.getTime() - GIVE_UP_MS);
  const keys = seal.dayKeysBefore(before);
  if (keys.length === 0) return [];
  while ((await moveSome(pool, seal, keys, since)) > 0);
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { rows } = await client.query<{ waits: boolean }>(`select exists(${WAITING}) as waits`, [keys, since]);
    const isFree = rows[0]?.waits === false;
    if (isFree)
      await appendAuditOn(client, [
        { customerId: null, at: now, actor: 'rootdesk', action: 'keys.destroyed', detail: { keys } },
      ]);
    await client.query('commit');
    return isFree ? seal.destroyDayKeysBefore(before) : [];
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}

/**
 * Mail that nobody has read, or that is still to be sent to a list member, under one of these keys. A copy that did not
 * leave in the time after which its sending is given up holds no key any longer.
 */
const WAITING = `select r.mail_id, r.kept_at, r.wrapped_key, r.key_id
    from mails m join raws r on r.mail_id = m.id and r.kept_at = m.received_at
   where r.key_id = any($1)
     and (m.outcome is null or m.outcome = 'parked'
          or exists (select from deliveries d where d.mail_id = m.id and d.state in ('due', 'leased') and d.created_at > $2))`;

async function moveSome(pool: Pool, seal: DayKeyDeps['seal'], keys: string[], since: Date): Promise<number> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    // The lock of whoever decides: it has read the wrapped key and would write what follows from it.
    const { rows } = await client.query<{ mail_id: number; kept_at: Date; wrapped_key: Buffer; key_id: string }>(
      `${WAITING} order by m.id limit ${MOVED_AT_ONCE} for no key update of m skip locked`,
      [keys, since],
    );
    for (const row of rows) {
      const { wrappedKey, keyId } = seal.toDayKey(row.wrapped_key, row.key_id);
      await client.query('update raws set wrapped_key = $3, key_id = $4 where mail_id = $1 and kept_at = $2', [
        row.mail_id,
        row.kept_at,
        wrappedKey,
        keyId,
      ]);
    }
    await client.query('commit');
    return rows.length;
  } catch (error) {
    await client.query('rollback').catch(() => {});
    throw error;
  } finally {
    client.release();
  }
}
