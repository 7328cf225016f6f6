import type { FreshDatabase } from '../servers/postgres.ts';
import { NOW } from './seed.ts';

const HOUR = 3_600_000;

/** Probes of two days over the lists of the scene: the first is silent with a ticket, the second slow, the others are heard. */
export async function seedProbes({ pool }: FreshDatabase): Promise<{ ticket: number }> {
  const at = (hours: number) => new Date(NOW.getTime() + hours * HOUR);
  const { rows: lists } = await pool.query<{ id: number; customer_id: number }>(
    `select id, customer_id from lists where state <> 'released' order by id`,
  );
  for (const [index, { id }] of lists.entries()) {
    for (let hour = -47; hour <= 0; hour += 1) {
      const isLost = index === 0 && hour > -5;
      const isLate = index === 1 && hour > -4;
      await pool.query(
        `insert into probes (list_id, state, made_at, sent_at, handed_at, arrived_at, told) values ($1, $2, $3, $3, $3, $4, $5)`,
        [
          id,
          isLost ? 'lost' : 'arrived',
          at(hour - 0.1),
          isLost ? null : new Date(at(hour - 0.1).getTime() + (isLate ? 20 * 60_000 : 4000)),
          isLost ? 'lost' : isLate ? 'late' : null,
        ],
      );
    }
    const path = index === 0 ? 'lost' : index === 1 ? 'late' : 'heard';
    await pool.query('update lists set path_state = $2 where id = $1', [id, path]);
  }
  const { id, customer_id: customer } = lists[0]!;
  const { rows } = await pool.query<{ id: number }>(
    `with ticket as (
       insert into tickets (customer_id, kind, subject, urgency, action_required, act_at, thread_key, created_at, updated_at)
       values ($1, 'path.silent', 'Root address is silent', 'critical', true, $2, $3, $2, $2) returning id)
     insert into thread_keys (customer_id, key, ticket_id) select $1, $3, id from ticket returning ticket_id as id`,
    [customer, at(-4), `own:path.silent:${id}`],
  );
  return { ticket: rows[0]!.id };
}
