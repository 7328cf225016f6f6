import type { Pool, PoolClient } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import type { Log } from '../lib/log.ts';
import { type LateDelivery, takeLateDeliveries } from '../store/deliveries.ts';
import { inTransaction } from '../store/inTransaction.ts';
import { openOwnTicket } from '../store/ownTickets.ts';

/**
 * A copy that the smarthost has not taken after this time is an alert (ms): one with a code or reset link, and any other,
 * of which twelve tries have failed by then.
 */
export const LATE_MS = { urgent: 2 * 60_000, usual: 60 * 60_000 };

/**
 * Tells people of copies that are late: a line of alert in the log, and a ticket a list. Each copy is told once.
 * Returns whether a ticket was opened: then 'act' is rung.
 */
export async function alertLateCopies(
  deps: { pool: Pool; notify: NotifyRules; log: Log },
  now: Date,
): Promise<boolean> {
  return inTransaction(deps.pool, async (client) => {
    const late = await takeLateDeliveries(client, {
      urgentBefore: new Date(now.getTime() - LATE_MS.urgent),
      usualBefore: new Date(now.getTime() - LATE_MS.usual),
      now,
    });
    const lists = Map.groupBy(late, ({ list }) => list);
    // In the order in which all writers lock customers.
    const sorted = [...lists].sort(([, [a]], [, [b]]) => a!.customerId - b!.customerId);
    for (const [list, copies] of sorted) await tell(client, deps, list, copies, now);
    return late.length > 0;
  });
}

async function tell(
  client: PoolClient,
  deps: { notify: NotifyRules; log: Log },
  list: string,
  copies: readonly LateDelivery[],
  now: Date,
): Promise<void> {
  const urgent = copies.find(({ priority }) => priority === 1);
  const { customerId, mailId, code } = urgent ?? copies[0]!;
  const why = urgent ? 'Codes and reset links expire: look' : 'Look';
  const matter = {
    customerId,
    kind: 'list.copies_late',
    key: `list.copies_late:${list}`,
    subject: `Copies do not leave for members of ${list}`,
    note: `${copies.length} copies were not taken by the outgoing mail server in time, among them one of mail ${mailId} (${code ?? 'no try yet'}). ${why} at outgoing.host and its log.`,
    urgency: urgent ? ('critical' as const) : ('high' as const),
    actAt: now,
  };
  await openOwnTicket(client, matter, deps.notify, now);
  deps.log.error({ list, mail: mailId, copies: copies.length, code }, 'ALERT copies are late');
}
