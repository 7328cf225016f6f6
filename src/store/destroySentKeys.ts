import type { Pool } from 'pg';
import type { Clock } from '../lib/clock.ts';
import type { Seal } from '../lib/seal.ts';
import { appendAuditOn } from './audit.ts';
import { inTransaction } from './inTransaction.ts';

export type SentKeyDeps = {
  pool: Pool;
  seal: Pick<Seal, 'dayKeysBefore' | 'destroyDayKeys'>;
  clock: Clock;
};

const DAY_MS = 24 * 3600 * 1000;

/**
 * Destroys the day keys of which all mail is a day old, read, and nobody's business any more: 24 hours after the outgoing
 * server took its last copy, before the longest time of destroyDayKeys is over. A key stays while a mail under it waits to
 * be decided, for a person (parked, quarantined, unrouted), or for a copy to leave. What is destroyed is recorded
 * before, in the log of the installation. Returns the key ids.
 */
export async function destroySentKeys({ pool, seal, clock }: SentKeyDeps): Promise<string[]> {
  const now = clock.now();
  const since = new Date(now.getTime() - DAY_MS);
  // Days that ended 24 hours ago.
  const keys = seal.dayKeysBefore(since.toISOString().slice(0, 10));
  if (keys.length === 0) return [];
  const free = await inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ key: string }>(NEEDED, [keys, since]);
    const needed = new Set(rows.map(({ key }) => key));
    const done = keys.filter((key) => !needed.has(key));
    if (done.length > 0)
      await appendAuditOn(client, [
        { customerId: null, at: now, actor: 'rootdesk', action: 'keys.destroyed', detail: { keys: done, why: 'sent' } },
      ]);
    return done;
  });
  seal.destroyDayKeys(free);
  return free;
}

const NEEDED = `select distinct r.key_id as key
    from raws r join mails m on m.id = r.mail_id and m.received_at = r.kept_at
   where r.key_id = any($1)
     and (m.outcome is null or m.outcome = 'parked' or m.decide_due is not null or m.auth_due is not null
          or (m.outcome in ('quarantine', 'unrouted') and m.review is null)
          or exists (select from deliveries d where d.mail_id = m.id
                      and (d.state in ('due', 'leased') or d.accepted_at > $2)))`;
