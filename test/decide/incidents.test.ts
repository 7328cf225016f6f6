import { afterEach, beforeEach, expect, it } from 'vitest';
import { loadSettings } from '../../src/settings.ts';
import { changeTicketState } from '../../src/store/acts/changeState.ts';
import { countBands } from '../../src/store/countBands.ts';
import { readIncident, readIncidents, readIncidentTickets } from '../../src/store/readIncidents.ts';
import { readNav } from '../../src/store/readNav.ts';
import { readQueue } from '../../src/store/readQueue.ts';
import { filterOf } from '../../src/store/ticketFilter.ts';
import { startTestConsole } from '../console/startTestConsole.ts';
import { type Desk, openDesk, PROVEN } from './desk.ts';

/** One event of AWS in the mail of many customers: real workers at once, real PostgreSQL, real pages. */
let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const CUSTOMERS = 50;
const rows = async (text: string, values: unknown[] = []) => (await desk.pool.query(text, values)).rows;
const settings = loadSettings({
  file: '/dev/null',
  env: {},
  overrides: {
    'notify.webhookUrl': 'https://hook.example/',
    'notify.webhookSecret': 'told-to-nobody-but-the-receiver',
    'notify.urgency': 'high',
  },
});

async function addCustomers(): Promise<void> {
  await desk.pool.query(
    `insert into customers (slug, name) select 'house-' || n, 'House ' || n from generate_series(3, ${CUSTOMERS}) n;
     insert into lists (customer_id, address) select id, slug || '@roots.example' from customers where id > 2;
     insert into accounts select lpad((id * 1000003)::text, 12, '3'), id, true from customers where id > 2`,
  );
}

/** `n`: whose it is; everything that belongs to one customer is different, the event is the same. */
const outage = (n: number, more: { region?: string; arn?: string; words?: string } = {}) =>
  [
    'From: AWS Health <health@aws.com>',
    `To: list-${n}@roots.example`,
    `Subject: AWS Health Event: Operational issue - Amazon EC2 (${more.region ?? 'N. Virginia'})`,
    `Date: Fri, 20 Nov 2026 10:${String(n % 60).padStart(2, '0')}:00 +0000`,
    `Message-ID: <health.${n}.${more.region?.length ?? 0}@aws.com>`,
    '',
    `Dear House ${n},`,
    'AWS Health Event',
    `${more.words ?? 'We are investigating increased API error rates and latencies for the launch of instances.'} Other services that launch instances may also be affected.`,
    `Affected resources: i-0${String(n).padStart(16, 'a')}, web-${n}`,
    ...(more.arn === undefined ? [] : [`Event ARN: ${more.arn}`]),
  ].join('\r\n');
const keep = (customerId: number, raw: string) => desk.keep(raw, { customerId, auth: PROVEN('aws.com') });
const team = () => ({ ...filterOf(['open']), incidents: 'once' as const });

it('makes one incident of an event in the mail of 50 customers that comes at once, and the team sees and hears of it once', async () => {
  await addCustomers();
  await Promise.all(Array.from({ length: CUSTOMERS }, (_, n) => keep(n + 1, outage(n + 1))));
  await Promise.all([1, 2, 3].map(() => desk.start({ settings })));
  await desk.ring();
  await desk.settled();
  const incidents = await readIncidents(desk.db, null, 10);
  expect(incidents).toMatchObject([{ kind: 'health.issue', customers: CUSTOMERS, open: CUSTOMERS }]);
  expect(await rows('select count(*)::int as n, count(distinct customer_id)::int as c from tickets')).toEqual([
    { n: CUSTOMERS, c: CUSTOMERS },
  ]);
  expect(await rows('select count(*)::int as n from effects')).toEqual([{ n: 1 }]);
  const now = new Date();
  const seen = async (filter = team()) =>
    (await readQueue(desk.db, { filter, sort: 'act', after: null, asOf: now, limit: 100 })).rows;
  expect(await seen()).toMatchObject([{ incidentCustomers: CUSTOMERS, incidentId: incidents[0]!.id }]);
  expect(await countBands(desk.db, team(), now)).toMatchObject({ all: 1 });
  expect(await readNav(desk.db)).toMatchObject({ open: 1 });
  // What is asked for by customer, and what other programs list, is each ticket.
  expect(await seen({ ...team(), customers: ['kumo'] })).toHaveLength(1);
  expect(await seen(filterOf(['open']) as ReturnType<typeof team>)).toHaveLength(CUSTOMERS);
  // The first one solved, the next stands for the incident.
  const [first] = await seen();
  const by = { actor: 'aiko@fde.example', at: now };
  await changeTicketState(desk.db, { id: first!.id, version: first!.version, to: 'solved', ...by });
  const [second, ...none] = await seen();
  expect(none).toEqual([]);
  expect(second!.id).not.toBe(first!.id);
  expect(await readIncident(desk.db, incidents[0]!.id)).toMatchObject({ open: CUSTOMERS - 1 });
  expect((await readIncidentTickets(desk.db, incidents[0]!.id, now, 100)).at(-1)!.id).toBe(first!.id);
});

it('tells events apart by ARN, region and words, and knows one by its ARN whatever the words', async () => {
  const arn = 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_OPERATIONAL_ISSUE/AWS_EC2_OPERATIONAL_ISSUE_ABCDE_FGHIJ';
  await keep(1, outage(1, { arn }));
  await keep(2, outage(2, { arn, words: 'Wir untersuchen erhöhte Fehlerraten bei increased error rates.' }));
  await keep(1, outage(3, { region: 'Frankfurt' }));
  await keep(
    2,
    outage(4, { region: 'Frankfurt', words: 'We have identified the root cause of packet loss between zones.' }),
  );
  await keep(1, outage(5, { region: 'Tokyo' }));
  await desk.start({ settings });
  await desk.settled();
  expect(await readIncidents(desk.db, null, 10)).toMatchObject([{ customers: 2 }]);
  // A second ticket of one of the two, and later mail, are no further customer; the incident lasts to the last of them.
  await keep(1, outage(58, { arn, words: 'A second time, under other words, for the instances of another account.' }));
  await desk.ring();
  await desk.settled();
  expect(await rows('select customers, last_at from incidents where customers > 1')).toEqual([
    { customers: 2, last_at: new Date('2026-11-20T10:58:00Z') },
  ]);
  expect(await rows('select count(*)::int as n from tickets where incident_id is not null')).toEqual([{ n: 5 }]);
});

it('shows the team all customers of an incident, and whoever asks for one customer nothing of another', async () => {
  await keep(1, outage(1));
  await keep(2, outage(2));
  await desk.start({ settings });
  await desk.settled();
  const id = (await readIncidents(desk.db, null, 10))[0]!.id;
  const { url, close } = await startTestConsole(desk);
  try {
    const get = async (path: string) => {
      const answer = await fetch(new URL(path, url));
      return { status: answer.status, text: await answer.text() };
    };
    const page = await get(`/incidents/${id}`);
    expect(page.text).toContain('Kumo KK');
    expect(page.text).toContain('Acme');
    expect((await get('/incidents')).text).toContain(`/incidents/${id}`);
    const queue = (await get('/')).text;
    expect(queue.split('class="row"')).toHaveLength(2);
    expect(queue).toContain(`href="/incidents/${id}"`);
    const api = JSON.parse((await get(`/api/v1/incidents/${id}`)).text);
    expect(api).toMatchObject({ id, customers: 2, tickets: [{ customer: expect.any(String) }, expect.anything()] });
    expect(JSON.parse((await get('/api/v1/incidents')).text).items).toHaveLength(1);
    // One customer's answers: neither the other's slug, nor its name, nor its ticket.
    const own = await rows('select id from tickets where customer_id = 1');
    for (const path of ['/api/v1/tickets?customer=kumo', `/api/v1/tickets/${own[0].id}`, '/api/v1/customers/kumo']) {
      const { status, text } = await get(path);
      expect(status).toBe(200);
      expect(text).not.toMatch(/acme/i);
    }
    expect((await get(`/tickets/${own[0].id}`)).text).not.toMatch(/acme/i);
    expect((await get('/incidents/999')).status).toBe(404);
  } finally {
    await close();
  }
});
