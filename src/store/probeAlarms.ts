import type { Pool, PoolClient } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import { maskAddress } from '../core/maskAddress.ts';
import { isWorse, judgeProbe, type Overdue, type PathState, type ProbeTimes, spanText } from '../core/probe.ts';
import { inTransaction } from './inTransaction.ts';
import { lockCustomers } from './loadSituation.ts';
import { openOwnTicket } from './ownTickets.ts';

type Open = {
  id: number;
  listId: number;
  customerId: number;
  address: string;
  account: string | null;
  state: 'due' | 'sent';
  told: Overdue | null;
  madeAt: Date;
  handedAt: Date | null;
  code: string | null;
  text: string | null;
  pathState: PathState;
};

/** Probes judged in one transaction. */
const AT_ONCE = 200;

export type ProbeAlarm = { listId: number; probeId: number; what: Overdue; ticketId: number };

/**
 * Judges the open probes: one that is overdue is noted, and where the path of its address is worse than known, or the ticket of
 * a path that is still silent was solved, people are told by a ticket. When it is our smarthost that takes nothing, the
 * customer is not told: nothing is known of the path. Processes that do it at once tell of each once. Ring 'act' when
 * there are alarms.
 */
export async function alarmOverdue(
  pool: Pool,
  watch: { now: Date; watchedSince: Date },
  times: ProbeTimes,
  notify: NotifyRules,
): Promise<ProbeAlarm[]> {
  return inTransaction(pool, async (client) => {
    const alarms: ProbeAlarm[] = [];
    /** Paths that were told of in this transaction: a younger probe of the same address tells of nothing new. */
    const paths = new Map<number, PathState>();
    for (const found of await overdueProbes(client, watch.now, times)) {
      const probe = { ...found, pathState: paths.get(found.listId) ?? found.pathState };
      const what = judgeProbe(probe, watch, times);
      if (what === null || what === probe.told) continue;
      await client.query('update probes set told = $2, state = case $2 when $3 then state else $2 end where id = $1', [
        probe.id,
        what,
        'late',
      ]);
      const isNews = isWorse(what, probe.pathState) || !(await hasTicket(client, probe));
      if (!isNews) continue;
      const ticketId = await tell(client, probe, what, watch.now, notify);
      paths.set(probe.listId, what);
      alarms.push({ listId: probe.listId, probeId: probe.id, what, ticketId });
    }
    return alarms;
  });
}

/**
 * The open probes that may be overdue, as they are under the lock of their customers, which is taken first as by whoever takes a
 * probe that came back: what is judged here is not changed meanwhile, and nobody waits for the other in a circle.
 */
async function overdueProbes(client: PoolClient, now: Date, { lateMs }: ProbeTimes): Promise<Open[]> {
  const before = new Date(now.getTime() - lateMs);
  const { rows: found } = await client.query<{ id: number; customerId: number }>(
    `select p.id, l.customer_id as "customerId" from probes p join lists l on l.id = p.list_id
      where p.state in ('due', 'sent') and p.made_at < $1 and l.state <> 'released'
        and (p.told is null or p.told = 'late')
      order by l.customer_id, p.id limit $2`,
    [before, AT_ONCE],
  );
  if (found.length === 0) return [];
  await lockCustomers(
    client,
    found.map(({ customerId }) => customerId),
  );
  const { rows } = await client.query<Open>(
    `select p.id, p.list_id as "listId", l.customer_id as "customerId", l.address, l.account, p.state, p.told,
            p.made_at as "madeAt", p.handed_at as "handedAt", p.code, p.text, l.path_state as "pathState"
       from probes p join lists l on l.id = p.list_id
      where p.id = any($1::bigint[]) and p.state in ('due', 'sent') and l.state <> 'released'
        and (p.told is null or p.told = 'late')
      order by l.customer_id, p.id for update of p`,
    [found.map(({ id }) => id)],
  );
  return rows;
}

async function hasTicket(client: PoolClient, { customerId, listId }: Open): Promise<boolean> {
  const { rowCount } = await client.query(
    `select from thread_keys k join tickets t on t.id = k.ticket_id
      where k.customer_id = $1 and k.key = $2 and t.state <> 'solved' limit 1`,
    [customerId, `own:${pathKey(listId)}`],
  );
  return rowCount !== 0;
}

/** The cause of a ticket about the way to an address. */
export function pathKey(listId: number): string {
  return `path.silent:${listId}`;
}

async function tell(client: PoolClient, probe: Open, what: Overdue, now: Date, notify: NotifyRules): Promise<number> {
  const { id, listId, customerId, handedAt, madeAt } = probe;
  const address = maskAddress(probe.address);
  const waited = spanText(now.getTime() - (handedAt ?? madeAt).getTime());
  const notes: Record<Overdue, string> = {
    late: `Probe ${id} to ${address} was taken by the outgoing mail server ${waited} ago and has not come back. Mail of AWS may not come in either: look at the MX of the domain, the mail server behind it, and the queue of the outgoing one.`,
    lost: `Probe ${id} to ${address} has not come back for ${waited}: it is lost. Nothing that AWS sends to this address may be arriving. Send a mail there by hand and follow it through the logs of each mail server.`,
    unsent: `Probe ${id} to ${address} could not be handed to the outgoing mail server for ${waited} (${probe.code ?? 'no try yet'}: ${probe.text ?? 'the role act does not run'}). Whether mail comes in is not known until one leaves.`,
  };
  const subjects: Record<Overdue, string> = {
    late: `Root address ${address} may be silent: a probe is late`,
    lost: `Root address ${address} is silent: a probe was lost`,
    unsent: `The way to root address ${address} cannot be probed`,
  };
  const matter = {
    customerId,
    kind: 'path.silent',
    key: pathKey(listId),
    subject: subjects[what],
    note: notes[what],
    urgency: what === 'lost' ? ('critical' as const) : ('high' as const),
    actAt: now,
  };
  const ticketId = await openOwnTicket(client, matter, notify, now);
  await client.query('update lists set path_state = $2 where id = $1', [listId, what]);
  if (what !== 'unsent') await tellCustomer(client, { probeId: id, customerId, what: 'silent', mark: what }, now);
  return ticketId;
}

/** Has the people of the customer on the list told, once a probe and matter. */
export async function tellCustomer(
  client: PoolClient,
  told: { probeId: number; customerId: number; what: 'silent' | 'again'; mark: string },
  now: Date,
): Promise<void> {
  const { probeId, customerId, what, mark } = told;
  const key = `probe.tell:${probeId}:${mark}`;
  await client.query(
    `insert into effects (type, key, customer_id, order_key, payload, due_at)
     values ('probe.tell', $1, $2, $1, $3, $4) on conflict (key) do nothing`,
    [key, customerId, JSON.stringify({ probeId, what }), now],
  );
}
