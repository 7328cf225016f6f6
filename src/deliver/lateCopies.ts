import type { Pool, PoolClient } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import type { Log } from '../lib/log.ts';
import { type LateDelivery, takeLateDeliveries } from '../store/deliveries.ts';
import { inTransaction } from '../store/inTransaction.ts';
import { openOwnTicket } from '../store/ownTickets.ts';

/** A copy with a code or reset link that the smarthost has not taken after this time is an alert (ms). */
export const LATE_MS = 2 * 60_000;

/**
 * Tells people of copies with codes that are late: a line of alert in the log, and a ticket a list. Each copy is told once.
 * Returns whether a ticket was opened: then 'act' is rung.
 */
export async function alertLateCopies(
  deps: { pool: Pool; notify: NotifyRules; log: Log },
  now: Date,
): Promise<boolean> {
  return inTransaction(deps.pool, async (client) => {
    const late = await takeLateDeliveries(client, new Date(now.getTime() - LATE_MS), now);
    const lists = Map.groupBy(late, ({ list }) => list);
    // In the order in which all writers lock customers.
    const sorted = [...lists].sort(([, [a]], [, [b]]) => a!.customerId - b!.customerId);
    for (const [list, [first, ...more]] of sorted) await tell(client, deps, list, first!, 1 + more.length, now);
    return late.length > 0;
  });
}

async function tell(
  client: PoolClient,
  deps: { notify: NotifyRules; log: Log },
  list: string,
  first: LateDelivery,
  copies: number,
  now: Date,
): Promise<void> {
  const { customerId, mailId, code } = first;
  const matter = {
    customerId,
    kind: 'list.copies_late',
    key: `list.copies_late:${list}`,
    subject: `Codes do not leave for members of ${list}`,
    note: `${copies} copies were not taken by the outgoing mail server within 2 minutes, the first of mail ${mailId} (${code ?? 'no try yet'}). Codes and reset links expire: look at outgoing.host now.`,
    urgency: 'critical' as const,
    actAt: now,
  };
  await openOwnTicket(client, matter, deps.notify, now);
  deps.log.error({ list, mail: mailId, copies, code }, 'ALERT copies with codes are late');
}
