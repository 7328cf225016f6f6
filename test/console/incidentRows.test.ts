import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Looking, startLooking } from './inBrowser.ts';
import { hours } from './seed.ts';

/** An incident is one row: what is counted, walked through and selected is what people see. */
let looking: Looking;
let incident: number;
/** The tickets of the incident that are open, the one that stands for it first. */
const hidden: number[] = [];
const MANY = 55;

beforeAll(async () => {
  looking = await startLooking();
  const { scene, fresh } = looking;
  for (let n = 0; n < MANY; n++) {
    await scene.seed.ticket({
      customer: 'hoshizora',
      subject: `Matter ${n}`,
      kind: 'health.issue',
      urgency: 'low',
      actAt: hours(300 + n),
    });
  }
  const { rows } = await fresh.pool.query(
    `insert into incidents (key, kind, first_at, last_at, customers) values ('\\x01', 'health.issue', now(), now(), 3) returning id`,
  );
  incident = rows[0].id;
  for (const [customer, at] of [
    ['kumo', 3],
    ['velonord', 30],
    ['tidewater', 60],
  ] as const) {
    const id = await scene.seed.ticket({
      customer,
      subject: 'RDS has an issue',
      kind: 'health.issue',
      urgency: 'normal',
      actAt: hours(at),
    });
    hidden.push(id);
    await fresh.pool.query('update tickets set incident_id = $2 where id = $1', [id, incident]);
  }
});
afterAll(() => looking?.close());

test('Next leads through the rows of the queue as they stand there, and each says its place among them', async () => {
  await looking.open({ javaScriptEnabled: false }, async (page) => {
    const rows: string[] = [];
    await page.goto(looking.pages.url);
    for (;;) {
      rows.push(
        ...(await page.evaluate<string[]>(
          `[...document.querySelectorAll('.queue .matter > a:first-child')].map((one) => one.getAttribute('href'))`,
        )),
      );
      const more = page.getByRole('link', { name: 'Show 50 more' });
      if ((await more.count()) === 0) break;
      await more.click();
      await page.waitForLoadState();
    }
    expect(rows.filter((row) => row.startsWith('/incidents/'))).toEqual([`/incidents/${incident}`]);
    expect(await page.locator('.side nav a[aria-current] .count').textContent()).toBe(String(rows.length));
    const walked: string[] = [];
    await page.goto(looking.pages.url + rows[0]);
    for (;;) {
      walked.push(new URL(page.url()).pathname);
      expect(await page.locator('.neighbours .beside').textContent()).toBe(`${walked.length} of ${rows.length}`);
      const next = page.locator('.neighbours').getByRole('link', { name: /^Next/ });
      if ((await next.count()) === 0) break;
      await next.click();
      await page.waitForLoadState();
    }
    expect(walked).toEqual(rows);
    // And back, from the last but one.
    await page
      .locator('.neighbours')
      .getByRole('link', { name: /^Previous/ })
      .click();
    expect(new URL(page.url()).pathname).toBe(rows.at(-2));
    // A ticket that the queue does not show by itself stands where its incident does.
    await page.goto(`${looking.pages.url}/tickets/${hidden[2]}`);
    const place = rows.indexOf(`/incidents/${incident}`) + 1;
    expect(await page.locator('.neighbours .beside').textContent()).toBe(`${place} of ${rows.length}`);
  });
}, 120_000);

test('"select all" counts and means rows with a box: no ticket of an incident', async () => {
  await looking.open({}, async (page) => {
    await page.goto(looking.pages.url);
    const count = (await page.locator('.head .beside').first().textContent()) ?? '';
    const all = Number.parseInt(count, 10);
    await page.locator('.pick').first().check();
    await page.getByRole('link', { name: `Select all ${all - 1}` }).click();
    await page.locator('[data-selected]', { hasText: `${all - 1} selected` }).waitFor();
    await page
      .locator('.bulk')
      .getByRole('button', { name: /^Solve/ })
      .last()
      .click();
    await page.locator('.undo', { hasText: `${all - 1} tickets are now solved` }).waitFor();
  });
  const { rows } = await looking.fresh.pool.query(`select id::int from tickets where queue = 'open' order by act_at`);
  expect(rows.map(({ id }) => id)).toEqual(hidden);
});
