import type { Pool } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import type { Log } from '../lib/log.ts';
import { type ClaimedDelivery, stormyLists } from '../store/deliveries.ts';
import { inTransaction } from '../store/inTransaction.ts';
import { lockCustomers } from '../store/loadSituation.ts';
import { openOwnTicket } from '../store/ownTickets.ts';

/** Span in which the mails of a list are counted, and for which its copies are held (ms). */
export const STORM_MS = 10 * 60_000;

export type StormDeps = { pool: Pool; notify: NotifyRules; log: Log; mostMails: number; ring: () => void };

/**
 * Lists of these copies that got more mails lately than a list gets: their usual copies are held until it is calmer, in
 * order, so that a loop or a flood does not become one at every member. Codes and reset links are not held.
 */
export async function findStorms(deps: StormDeps, copies: readonly ClaimedDelivery[], now: Date): Promise<Set<number>> {
  const usual = copies.filter(({ priority }) => priority > 1);
  if (usual.length === 0) return new Set();
  const ids = [...new Set(usual.map(({ listId }) => listId))];
  const stormy = await stormyLists(deps.pool, ids, deps.mostMails, new Date(now.getTime() - STORM_MS));
  for (const listId of stormy) {
    const { customerId, list } = usual.find((copy) => copy.listId === listId)!;
    await tell(deps, { customerId, list }, now);
  }
  return stormy;
}

/** One ticket a storm: while it is open, nothing is added to it. */
async function tell(
  deps: StormDeps,
  { customerId, list }: { customerId: number; list: string },
  now: Date,
): Promise<void> {
  const isNew = await inTransaction(deps.pool, async (client) => {
    // Two rounds find the same storm at once: the second one looks when the first has told of it.
    await lockCustomers(client, [customerId]);
    const key = `list.storm:${list}`;
    const { rowCount } = await client.query(
      `select from thread_keys k join tickets t on t.id = k.ticket_id
        where k.customer_id = $1 and k.key = $2 and t.state <> 'solved'`,
      [customerId, `own:${key}`],
    );
    if (rowCount) return false;
    const matter = {
      customerId,
      kind: 'list.storm',
      key,
      subject: `Too much mail for ${list}`,
      note: `More than ${deps.mostMails} mails in 10 minutes: copies without codes are held until it is calmer. All mail is kept. Look for a loop or a flood.`,
      urgency: 'high' as const,
      actAt: now,
    };
    await openOwnTicket(client, matter, deps.notify, now);
    return true;
  });
  if (!isNew) return;
  deps.log.error({ list, mostMails: deps.mostMails }, 'ALERT a list gets too much mail; its copies are held');
  deps.ring();
}
