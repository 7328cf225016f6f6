import type { Pool, PoolClient } from 'pg';
import { maskAddress } from '../core/maskAddress.ts';
import { type PathState, type ProbeTimes, spanText } from '../core/probe.ts';
import type { Transport } from '../core/values.ts';
import { addToCounters } from './counters.ts';
import { inTransaction } from './inTransaction.ts';
import { lockCustomers } from './loadSituation.ts';
import { pathKey, tellCustomer } from './probeAlarms.ts';

/** What a mail with the mark of a probe must fit. */
export type SentProbe = { id: number; address: string };

/** Null: no probe has this number. */
export async function readSentProbe(pool: Pool, probeId: number): Promise<SentProbe | null> {
  const { rows } = await pool.query<SentProbe>(
    `select p.id, l.address from probes p join lists l on l.id = p.list_id where p.id = $1`,
    [probeId],
  );
  return rows[0] ?? null;
}

/** `sentAt`: as its mark says. */
export type ProbeArrived = { probeId: number; sentAt: Date; at: Date; transport: Transport; hops: number };

/** `repeated`: it had come before; `over`: it was given up before, and proves nothing any more. */
export type ArrivalVerdict = 'arrived' | 'late' | 'repeated' | 'over';

type Row = {
  state: string;
  listId: number;
  customerId: number;
  address: string;
  pathState: PathState;
};

/** Notes that a probe came back, with what follows: the path is heard again, its ticket and the customer are told. */
export async function recordProbeArrival(
  pool: Pool,
  arrived: ProbeArrived,
  { lateMs }: ProbeTimes,
): Promise<{ verdict: ArrivalVerdict; told: boolean; listId: number }> {
  return inTransaction(pool, async (client) => {
    const before = await find(client, arrived.probeId);
    await lockCustomers(client, [before.customerId]);
    const probe = await find(client, arrived.probeId, true);
    const { listId } = probe;
    if (probe.state === 'arrived') return { verdict: 'repeated', told: false, listId };
    // Given up: what happened to it, and who held it for so long, nobody knows. The next one will tell.
    if (probe.state === 'lost' || probe.state === 'unsent') return { verdict: 'over', told: false, listId };
    const { probeId, sentAt, at, transport, hops } = arrived;
    await client.query(
      `update probes set state = 'arrived', sent_at = $5, arrived_at = $2, transport = $3, hops = $4 where id = $1`,
      [probeId, at, transport, hops, sentAt],
    );
    const took = at.getTime() - sentAt.getTime();
    const isLate = took > lateMs;
    let told = false;
    if (!isLate && probe.pathState !== 'heard') {
      await client.query(`update lists set path_state = 'heard' where id = $1`, [listId]);
      if (probe.pathState !== 'unknown') told = await tellRecovered(client, arrived, probe, took);
    }
    await addToCounters(client, { 'probes.arrived': 1 });
    return { verdict: isLate ? 'late' : 'arrived', told, listId };
  });
}

async function find(client: PoolClient, probeId: number, lock = false): Promise<Row> {
  const { rows } = await client.query<Row>(
    `select p.state, p.list_id as "listId", l.customer_id as "customerId", l.address, l.path_state as "pathState"
       from probes p join lists l on l.id = p.list_id where p.id = $1 ${lock ? 'for update' : ''}`,
    [probeId],
  );
  return rows[0]!;
}

/** The ticket stays as it is: whether the matter is over is for whoever has it. */
async function tellRecovered(client: PoolClient, { probeId, at }: ProbeArrived, probe: Row, took: number) {
  const { customerId, listId } = probe;
  const note = `Probe ${probeId} to ${maskAddress(probe.address)} came back after ${spanText(took)}: mail arrives again.`;
  await client.query(
    `with ticket as (
       update tickets t set updated_at = $3, version = version + 1 from thread_keys k
        where k.customer_id = $1 and k.key = $2 and t.id = k.ticket_id and t.state <> 'solved' returning t.id)
     insert into entries (ticket_id, customer_id, type, at, actor, body)
     select id, $1, 'note', $3, 'rootdesk', $4::jsonb from ticket`,
    [customerId, `own:${pathKey(listId)}`, at, JSON.stringify({ text: note })],
  );
  // Who was not told of the silence is not told of its end.
  if (probe.pathState === 'unsent') return false;
  await tellCustomer(client, { probeId, customerId, what: 'again', mark: 'again' }, at);
  return true;
}
