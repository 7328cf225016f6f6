import type { PoolClient } from 'pg';
import type { EventWrite } from './writeDecisions.ts';

/**
 * Puts tickets into the incidents of their events, in the transaction that writes them. Sorted by key: two transactions
 * that share events wait for each other in one order.
 */
export async function joinIncidents(client: PoolClient, events: readonly EventWrite[]): Promise<void> {
  if (events.length === 0) return;
  const distinct = new Map(events.map((event) => [`${event.key}\n${event.ticketId}`, event]));
  const sorted = [...distinct].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
  for (const { ticketId, kind, key, days, at } of sorted) {
    await client.query({
      name: 'join_incident',
      text: 'select join_incident($1, $2, $3, $4, $5)',
      values: [ticketId, kind, key, days, at],
    });
  }
}
