import { afterAll, beforeAll, expect, test } from 'vitest';
import { parseFilter } from '../../src/console/filterText.ts';
import { countBands } from '../../src/store/countBands.ts';
import { indexSearch } from '../../src/store/indexSearch.ts';
import { readPlace } from '../../src/store/readPlace.ts';
import { type QueueKey, type QueuePage, type QueueSort, readQueue } from '../../src/store/readQueue.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { hours, NOW, Seed } from './seed.ts';

/** Search, filter and order of the queue in a real PostgreSQL. */
let fresh: FreshDatabase;
let seed: Seed;
const ids: Record<string, number> = {};

beforeAll(async () => {
  fresh = await freshDatabase();
  seed = new Seed(fresh);
  await seed.customer('kumo', 'Kumo KK', '222233334444', 'ja');
  await seed.customer('tidewater', 'Tidewater Ltd', '111122223333');
  const open = async (
    name: string,
    more: Partial<Parameters<Seed['ticket']>[0]>,
    mail: Partial<Parameters<Seed['mail']>[0]>,
  ) => {
    const customer = more.customer ?? 'kumo';
    ids[name] = await seed.ticket({
      customer,
      subject: name,
      kind: 'support.case_reply',
      urgency: 'normal',
      actAt: hours(100),
      ...more,
    });
    await seed.mail({ customer, ticket: ids[name], outcome: 'open', subject: name, ...mail });
  };
  await open('invoice', { kind: 'billing.past_due' }, { text: 'お客様の請求書番号 4711 をご確認ください。' });
  await open(
    'instance',
    { kind: 'health.scheduled_change', actAt: hours(2) },
    { text: 'Instance i-0abc123def is retired in eu-west-1.' },
  );
  await open(
    'budget',
    { kind: 'billing.budget_alert', customer: 'tidewater', actAt: hours(20) },
    { text: 'The budget S3-team exceeds 80%.' },
  );
  await open(
    'breach',
    { urgency: 'critical', actAt: hours(50), kind: 'security.compromise' },
    { text: 'Suspicious activity' },
  );
  await open('solved', { state: 'solved' }, { text: 'Instance i-0abc123def was replaced.' });
  while ((await indexSearch(fresh.db, null)).full);
});
afterAll(() => fresh?.drop());

const find = async (text: string, sort: QueueSort = 'number') => {
  const { filter, problems } = parseFilter(text);
  expect(problems).toEqual([]);
  const page = await readQueue(fresh.db, { filter, sort, after: null, asOf: NOW, limit: 50 });
  return page.rows.map((row) => Object.keys(ids).find((name) => ids[name] === row.id));
};

test.each([
  ['請求', ['invoice']],
  ['請求書番号', ['invoice']],
  ['求書', ['invoice']],
  ['請書', []],
  ['i-0abc123def', ['instance']],
  ['state:any I-0ABC123DEF', ['solved', 'instance']],
  ['instance -replaced state:any', ['instance']],
  ['eu-west', ['instance']],
  ['s3', ['budget']],
  ['80%', ['budget']],
  ['%', []],
  ['instance suspicious', []],
  ['kind:billing', ['budget', 'invoice']],
  ['kind:billing -kind:budget', ['invoice']],
  ['customer:tidewater', ['budget']],
  ['-customer:tidewater kind:budget', []],
  ['urgency:critical', ['breach']],
  ['customer:nobody', []],
  ['due:any', []],
])('%s', async (text, names) => {
  if (text === '%') expect(parseFilter(text).problems).toHaveLength(1);
  else expect(await find(text)).toEqual(names);
});

test('the next thing to do comes first; critical ones are now', async () => {
  expect(await find('', 'act')).toEqual(['instance', 'breach', 'budget', 'invoice']);
  const bands = await countBands(fresh.db, parseFilter('').filter, NOW);
  expect(bands).toEqual({ now: 2, today: 1, week: 1, later: 0, all: 4, limit: 1000 });
  // PostgreSQL keeps microseconds, a Date does not: no ticket stands beside itself.
  await fresh.pool.query(`update tickets set act_at = act_at + interval '123 microseconds'`);
  const places = await Promise.all(
    ['instance', 'breach', 'budget', 'invoice', 'solved'].map((name) => readPlace(fresh.db, ids[name] as number, NOW)),
  );
  const at = (name: string) => ({ ticket: ids[name], incident: null });
  expect(places).toEqual([
    { position: 1, previous: null, next: at('breach') },
    { position: 2, previous: at('instance'), next: at('budget') },
    { position: 3, previous: at('breach'), next: at('invoice') },
    { position: 4, previous: at('budget'), next: null },
    null,
  ]);
});

test('a ticket is found by what came since, and no longer when it is gone', async () => {
  await seed.mail({
    customer: 'tidewater',
    ticket: ids.budget as number,
    outcome: 'append',
    subject: 'x',
    text: 'A flamingo was seen.',
  });
  await fresh.pool.query('update tickets set updated_at = $2 where id = $1', [ids.budget, hours(1)]);
  expect(await find('flamingo')).toEqual([]);
  await indexSearch(fresh.db, null);
  expect(await find('flamingo')).toEqual(['budget']);
  const { rows } = await fresh.pool.query(
    `select count(*)::int as n from ticket_search s join tickets t on t.id = s.ticket_id and t.updated_at = s.as_of and s.mail_id = 0`,
  );
  expect(rows).toEqual([{ n: 5 }]);
});

test('every mail of a ticket is looked through, whole: the middle one of many, the end of a long one, in both languages', async () => {
  const ticket = ids.budget as number;
  const long = `${'Nothing of note here. '.repeat(40_000)} kingfisher ${'本文は以上です。'.repeat(40_000)}翡翠の配管点検`;
  for (let n = 0; n < 30; n++) {
    const text = n === 15 ? 'A capybara, and カピバラ as well.' : n === 16 ? long : `Mail ${n} of many.`;
    await seed.mail({ customer: 'tidewater', ticket, outcome: 'append', subject: 'x', text });
  }
  const subject = 'Fwd: heron';
  await seed.mail({
    customer: 'tidewater',
    ticket,
    outcome: 'append',
    subject,
    text: '',
    attachments: [{ name: 'egret.pdf', type: 'application/pdf', size: 1 }],
  });
  await fresh.pool.query('update tickets set updated_at = $2 where id = $1', [ticket, hours(2)]);
  for (let since: Date | null = null, full = true; full; ) ({ since, full } = await indexSearch(fresh.db, since));
  for (const word of [
    'capybara',
    'カピバラ',
    'kingfisher',
    '翡翠',
    '配管点検',
    '"以上です。翡翠"',
    'heron',
    'egret.pdf',
    'flamingo',
    'kingfisher カピバラ s3',
  ])
    expect(await find(word), word).toEqual(['budget']);
  expect(await find('-capybara kind:budget')).toEqual([]);
  expect(await find('-albatross kind:budget')).toEqual(['budget']);
  expect(await find('capybara flamingo -heron')).toEqual([]);
  expect(await find('capybara albatross')).toEqual([]);
  // A mail that is no longer on it is not found with it.
  await fresh.pool.query(
    `update mails set ticket_id = null where id in (select mail_id from readings where text like '%capybara%')`,
  );
  await fresh.pool.query('update tickets set updated_at = $2 where id = $1', [ticket, hours(3)]);
  await indexSearch(fresh.db, null);
  expect(await find('capybara')).toEqual([]);
  expect(await find('kingfisher')).toEqual(['budget']);
});

test('a search goes by its index, in both languages', async () => {
  const client = await fresh.pool.connect();
  try {
    await client.query('set enable_seqscan = off');
    for (const pattern of ['%flamingo%', '%請請求求%', '% s3%']) {
      const { rows } = await client.query(
        `explain (format text) select ticket_id from ticket_search where text like '${pattern}'`,
      );
      expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toContain('ticket_search_text');
    }
  } finally {
    client.release(true);
  }
});

test('a word that most tickets have is found as well: every page in order, each ticket once', async () => {
  await fresh.pool.query(
    `insert into tickets (customer_id, kind, subject, urgency, action_required, act_at, state, thread_key, created_at, updated_at)
     select (select id from customers where slug = 'kumo'), 'health.issue', case when n % 3 = 0 then 'Brownout here' else 'Brownout of ' || n end,
            'normal', true, $1::timestamptz + n * interval '1 minute', 'waiting', 'test:' || n, $1, $1
       from generate_series(1, 900) n`,
    [NOW],
  );
  for (let since = new Date(0), full = true; full; ) ({ since, full } = await indexSearch(fresh.db, since));
  const page = (text: string, after: QueueKey | null) =>
    readQueue(fresh.db, { filter: parseFilter(text).filter, sort: 'act', after, asOf: NOW, limit: 170 });
  for (const [text, number] of [
    ['state:waiting brownout', 900],
    ['state:waiting brownout -here', 600],
    ['state:waiting here brownout', 300],
    ['state:waiting "brownout of 77"', 8],
  ] as const) {
    const seen: number[] = [];
    let after: QueueKey | null = null;
    do {
      const found: QueuePage = await page(text, after);
      seen.push(...found.rows.map((row) => row.id));
      after = found.next;
    } while (after !== null);
    expect([text, seen.length, new Set(seen).size]).toEqual([text, number, number]);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
  }
  // None is without it: so many are looked into, and the next page goes on from there.
  const none = await page('state:waiting -brownout', null);
  expect(none.rows).toEqual([]);
  expect(none.next).not.toBeNull();
  expect(await page('state:waiting -brownout', none.next)).toEqual({ rows: [], next: null });
  expect(await countBands(fresh.db, parseFilter('state:waiting -brownout').filter, NOW)).toMatchObject({
    all: 0,
    limit: 0,
  });
  const counts = await countBands(fresh.db, parseFilter('state:waiting brownout').filter, NOW);
  expect(counts.today).toBe(counts.limit);
});
