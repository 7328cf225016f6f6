import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/** Probes of the way to root addresses: when each is due, and what is known of it. Whoever looks at them does so by rows. */

/** Rows of probes are kept this long (ms). */
const KEPT_MS = 30 * 24 * 3_600_000;
const DELETED_AT_ONCE = 5000;

/**
 * Makes the probes that are due, at most `limit`, each with the effect that sends it, and sets the next time of each address:
 * after `everyMs`, up to a tenth sooner or later, so that they spread. Processes that do it at once make each probe once. An
 * address whose last probe did not leave yet, and one whose list another program keeps (it would write to the members),
 * gets none. Returns their number; ring 'act' when there are any.
 */
export async function makeProbes(
  db: Kysely<Tables>,
  { now, everyMs, limit, chance }: { now: Date; everyMs: number; limit: number; chance: () => number },
): Promise<number> {
  return db.transaction().execute(async (tx) => {
    const { rows: lists } = await sql<{ id: number; customerId: number }>`
      select l.id, l.customer_id as "customerId" from lists l
       where l.state <> 'released' and l.host = 'builtin' and (l.next_probe_at is null or l.next_probe_at <= ${now})
         and not exists (select from probes p where p.list_id = l.id and p.state = 'due')
       order by l.next_probe_at nulls first, l.id limit ${limit} for update skip locked`.execute(tx);
    for (const { id, customerId } of lists) {
      const next = new Date(now.getTime() + everyMs * (0.9 + chance() * 0.2));
      await sql`update lists set next_probe_at = ${next} where id = ${id}`.execute(tx);
      await sql`
        with made as (insert into probes (list_id, made_at) values (${id}, ${now}) returning id)
        insert into effects (type, key, customer_id, order_key, payload, due_at)
        select 'probe.send', 'probe.send:' || id, ${customerId}::int, ${`probe.send:${id}`}, jsonb_build_object('probeId', id), ${now}
          from made`.execute(tx);
    }
    return lists.length;
  });
}

export type ProbeToSend = { id: number; state: string; address: string; madeAt: Date };

/** The probe of an effect, and its address; null: it is gone, or its address was released. */
export async function readProbe(db: Kysely<Tables>, probeId: number): Promise<ProbeToSend | null> {
  const { rows } = await sql<ProbeToSend>`
    select p.id, p.state, p.made_at as "madeAt", l.address from probes p join lists l on l.id = p.list_id
     where p.id = ${probeId} and l.state <> 'released'`.execute(db);
  return rows[0] ?? null;
}

/** Notes that a probe is being written now: the time that its mark bears. */
export async function noteSending(db: Kysely<Tables>, probeId: number, sentAt: Date): Promise<void> {
  await sql`update probes set sent_at = ${sentAt} where id = ${probeId} and state = 'due'`.execute(db);
}

/** Notes how handing it over went. It may have come back already. */
export async function noteHanded(
  db: Kysely<Tables>,
  probeId: number,
  how: { handedAt: Date | null; code: string; text: string },
): Promise<void> {
  await sql`
    update probes set handed_at = ${how.handedAt}, code = ${how.code}, text = ${how.text.slice(0, 500)},
           state = case when state = 'due' and ${how.handedAt}::timestamptz is not null then 'sent' else state end
     where id = ${probeId}`.execute(db);
}

/** Takes rows away that nobody looks at any more, and the effects that sent them. */
export async function forgetProbes(db: Kysely<Tables>, now: Date): Promise<void> {
  const before = new Date(now.getTime() - KEPT_MS);
  await sql`
    with old as (
      delete from probes where id in (select id from probes where made_at < ${before} order by made_at limit ${DELETED_AT_ONCE})
      returning id)
    delete from effects using old where effects.key = 'probe.send:' || old.id and effects.state = 'done'`.execute(db);
}

/** A break in looking longer than this is a break (ms). */
const BREAK_MS = 3 * 60_000;

/**
 * Notes that somebody looks at probes now, and returns since when that has been done without a break: what could not come in
 * while Rootdesk stood still is not late.
 */
export async function watchProbes(db: Kysely<Tables>, now: Date): Promise<Date> {
  const broken = new Date(now.getTime() - BREAK_MS).toISOString();
  const value = JSON.stringify({ at: now.toISOString(), since: now.toISOString() });
  const { rows } = await sql<{ since: string }>`
    insert into instance (name, value, changed_at) values ('probeWatch', ${value}::jsonb, ${now})
    on conflict (name) do update set changed_at = ${now}, value = case
      when (instance.value ->> 'at')::timestamptz < ${broken}::timestamptz then excluded.value
      else jsonb_set(instance.value, '{at}', to_jsonb(greatest(instance.value ->> 'at', ${now.toISOString()}))) end
    returning value ->> 'since' as since`.execute(db);
  return new Date(rows[0]!.since);
}
