import { readMaildir } from '../../servers/maildir.ts';
import type { FlowCustomer } from './flowMail.ts';
import { type FlowWorld, TEAM } from './flowWorld.ts';

/** What must be the same for each customer however often something died: one line a fact, names and numbers cut off. */
export type CustomerAccount = string[];

export type Copies = {
  /** Copies that each mail had at its member, by Message-ID. */
  byMessageId: Map<string, number>;
  /** Copies beyond the first: a process died between the final dot and its note of it. */
  extra: number;
  /** Mails that came as attachment of one that says that they could not be checked in time: DNS did not answer for a minute. */
  unchecked: number;
};

/**
 * The accounts of these customers, by slug. A ticket says what its mails say in the order in which Postfix took them, which
 * is drawn by chance here: who opened it, its kind and the lines about changes are not looked at, all else is. Tickets
 * without a mail say that copies are late: whether one is, depends on how fast this machine starts a process again. So does
 * whether DNS answers in time for a copy to go out as it is; one that did not wait for it counts as the copy that it holds.
 */
export async function accountsOf(world: FlowWorld, customers: readonly FlowCustomer[]) {
  const { rows } = await world.pool.query<{ slug: string; facts: string[] }>(
    `with facts as (
       select m.customer_id, format('mail %s: %s, %s, %s', split_part(m.message_id, '.', 1), m.kind,
                case when m.outcome in ('open', 'append') then 'in a ticket' else coalesce(m.outcome, 'undecided') end,
                split_part(m.thread_key, ':', 1)) as fact
         from mails m
       union all
       select t.customer_id, format('ticket: %s, %s, %s mails', t.urgency, t.state, t.mails)
         from tickets t where t.mails > 0
       union all
       select e.customer_id, format('entry %s: %s', split_part(m.message_id, '.', 1), count(*))
         from entries e join mails m on m.id = e.mail_id
        where e.type in ('opened', 'mail') group by e.customer_id, split_part(m.message_id, '.', 1)
       union all
       select f.customer_id, format('effect %s: %s, %s', f.type, f.state, count(*))
         from effects f join tickets t on t.id = f.ticket_id where t.mails > 0 group by f.customer_id, f.type, f.state
       union all
       select m.customer_id, format('copy %s: %s, %s', split_part(m.message_id, '.', 1), d.state,
                case when d.wrapped_for = 'unchecked' then 'raw' else d.form end)
         from deliveries d join mails m on m.id = d.mail_id
     )
     select c.slug, coalesce(array_agg(f.fact order by f.fact) filter (where f.fact is not null), '{}') as facts
       from customers c left join facts f on f.customer_id = c.id
      where c.slug = any ($1) group by c.slug`,
    [customers.map(({ slug }) => slug)],
  );
  return new Map<string, CustomerAccount>(rows.map(({ slug, facts }) => [slug, facts]));
}

/** Whether nothing is under way any more: every mail kept and decided, every effect and copy settled. */
export async function isSettled(world: FlowWorld, mails: number): Promise<boolean> {
  const { rows } = await world.pool.query<{ kept: number; open: number; effects: number; copies: number }>(
    `select (select count(*)::int from mails) as kept,
            (select count(*)::int from mails where outcome is null) as open,
            (select count(*)::int from effects where state in ('due', 'leased')) as effects,
            (select count(*)::int from deliveries where state in ('due', 'leased')) as copies`,
  );
  const [now] = rows;
  return now !== undefined && now.kept >= mails && now.open === 0 && now.effects === 0 && now.copies === 0;
}

/** What stands in a member's mailbox. */
export function copiesOf(world: FlowWorld, address: string): Copies {
  const byMessageId = new Map<string, number>();
  let extra = 0;
  let unchecked = 0;
  for (const raw of readMaildir(world.dovecot.maildir(address))) {
    const ids = [...raw.toString('latin1').matchAll(/^message-id:\s*(<[^>]*>)/gim)].map(([, id]) => id as string);
    const id = ids.at(-1) ?? '';
    if (ids.length > 1) unchecked += 1;
    const before = byMessageId.get(id) ?? 0;
    if (before > 0) extra += 1;
    byMessageId.set(id, before + 1);
  }
  return { byMessageId, extra, unchecked };
}

/** Notices that the team has: tickets named, and copies beyond the first. */
export function noticesOf(world: FlowWorld): { tickets: number; extra: number } {
  const { byMessageId, extra } = copiesOf(world, TEAM);
  return { tickets: byMessageId.size, extra };
}

/** Tickets that say that a copy is late. */
export async function lateAlertsOf(world: FlowWorld): Promise<number> {
  const { rows } = await world.pool.query<{ n: number }>('select count(*)::int as n from tickets where mails = 0');
  return rows[0]?.n ?? 0;
}
