import type { FreshDatabase } from '../servers/postgres.ts';
import { hours, type seedScene } from './seed.ts';

type Scene = Awaited<ReturnType<typeof seedScene>>;

/**
 * Every page of the console over the scene, what has states in several: for tests that all pages must pass. Adds what the
 * scene lacks for it (an incident of solved tickets, more held and parked mail); call it once a database.
 */
export async function everyPage(fresh: FreshDatabase, scene: Scene): Promise<string[]> {
  const { seed } = scene;
  const { rows } = await fresh.pool.query(
    `insert into incidents (key, kind, first_at, last_at, customers) values ('\\x01', 'health.issue', now(), now(), 2) returning id`,
  );
  const [incident] = rows;
  const matter = { subject: 'RDS has an issue', kind: 'health.issue', urgency: 'high', state: 'solved' } as const;
  const tickets: number[] = [];
  for (const customer of ['kumo', 'velonord'] as const) {
    const id = await seed.ticket({ ...matter, customer, actAt: hours(-9), updatedAt: hours(-8) });
    await fresh.pool.query('update tickets set incident_id = $2 where id = $1', [id, incident.id]);
    tickets.push(id);
  }
  const long = { customer: 'kumo', subject: 'A long matter', kind: 'health.issue', urgency: 'low' } as const;
  const busy = await seed.ticket({ ...long, actAt: hours(-50), state: 'solved', updatedAt: hours(-50) });
  for (let n = 0; n < 55; n++)
    await seed.mail({ ...long, ticket: busy, text: `Text ${n}`, at: hours(-300 + n), outcome: n ? 'append' : 'open' });
  return [
    '/',
    '/?q=state:any+kind:support&sort=changed',
    '/?q=customer:nobody-there',
    '/?q=state:snoozed',
    `/tickets/${scene.compromise}`,
    `/tickets/${scene.compromise}/peek`,
    `/tickets/${tickets[0]}`,
    `/tickets/${busy}`,
    `/mails/${scene.mail}?form=text`,
    `/mails/${scene.parked}`,
    `/quarantine?mail=${scene.held}`,
    '/quarantine?show=decided',
    '/parked',
    '/mails',
    '/health',
    '/mailboxes',
    '/mailboxes/archive-eu',
    '/customers',
    '/customers/tidewater',
    '/lists',
    `/lists/${scene.list}`,
    `/lists/${scene.list}/import`,
    `/lists/${scene.list}/release`,
    `/members/${scene.member}`,
    `/members/${scene.member}/erase`,
    '/incidents',
    `/incidents/${incident.id}`,
    '/history',
    '/preferences',
    '/nothing-here',
  ];
}
