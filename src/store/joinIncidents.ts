import type { PoolClient } from 'pg';
import { storableJson } from './storableJson.ts';
import type { EventWrite } from './writeDecisions.ts';

/**
 * Puts tickets into the incidents of their events, in the transaction that writes them: one after another, in one
 * statement. Sorted by key: two transactions that share events wait for each other in one order.
 */
export async function joinIncidents(client: PoolClient, events: readonly EventWrite[]): Promise<void> {
  if (events.length === 0) return;
  const distinct = new Map(events.map((event) => [`${event.key}\n${event.ticketId}`, event]));
  const sorted = [...distinct].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, event]) => event);
  await client.query({ name: 'join_incidents', text: JOIN, values: [storableJson(sorted)] });
}

const JOIN = `
  select join_incident("ticketId", kind, key, days, at)
    from (select * from rows from (json_to_recordset($1::json)
            as ("ticketId" bigint, kind text, key text, days int, at timestamptz)) with ordinality
           order by ordinality offset 0) as event`;
