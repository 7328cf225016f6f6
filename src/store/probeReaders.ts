import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

export type ProbeReaders = { address: string; account: string | null; language: string; sentAt: Date; to: string[] };

/** Whom of the customer a probe concerns: their people who are confirmed on the list. Null: probe or list is gone. */
export async function readProbeReaders(db: Kysely<Tables>, probeId: number): Promise<ProbeReaders | null> {
  const { rows } = await sql<ProbeReaders>`
    select l.address, l.account, c.language, coalesce(p.sent_at, p.made_at) as "sentAt",
           array(select m.address from members m where m.list_id = l.id and m.side = 'customer' and m.state = 'confirmed'
                  order by m.id) as "to"
      from probes p join lists l on l.id = p.list_id join customers c on c.id = l.customer_id
     where p.id = ${probeId} and l.state <> 'released'`.execute(db);
  return rows[0] ?? null;
}
