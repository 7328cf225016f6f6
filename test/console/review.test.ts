import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Looking, startLooking } from './inBrowser.ts';
import { hours, type SeedMail, UNSIGNED } from './seed.ts';

/** Quarantine and parked mail: what waits longest first, one at a time, with those alike, and several that are ticked. */
let looking: Looking;
beforeAll(async () => {
  looking = await startLooking();
});
beforeEach(() => looking.renew());
afterAll(() => looking?.close());

const rows = async (text: string, values: unknown[] = []) => (await looking.fresh.pool.query(text, values)).rows;
const reviews = async () => rows(`select id::int, review from mails where outcome = 'quarantine' order by id`);
const listed = (page: Page) =>
  page.evaluate<number[]>(`[...document.querySelectorAll('.review-list li')].map((one) => Number(one.dataset.id))`);
const said = async (page: Page, words: string) => {
  await page.locator('.undo', { hasText: words }).waitFor();
  // Keys are heard once the scripts of the page have run.
  await page.waitForLoadState();
};
const undo = async (page: Page) => {
  await page.locator('.undo').getByRole('button', { name: 'Undo' }).click();
  await said(page, 'Taken back');
};

const lure = (more: Partial<SeedMail> = {}): SeedMail => ({
  customer: 'hoshizora',
  subject: 'Your account is locked',
  sender: 'help@amazom.example',
  kind: 'phish.look_alike',
  outcome: 'quarantine',
  rule: 'phish.look_alike',
  verdict: 'pretends',
  auth: UNSIGNED,
  text: 'Follow the link.',
  reasons: [{ code: 'sender.look_alike', text: 'Look-alike domain' }],
  at: hours(-2),
  ...more,
});

test('by keys: the oldest first, x, Shift x, reject with a reason, z; each customer has it in their log', async () => {
  const { seed } = looking.scene;
  for (let n = 0; n < 4; n++) await seed.mail(lure({ subject: `Locked ${n}` }));
  const before = await reviews();
  await looking.open({}, async (page) => {
    await page.goto(`${looking.pages.url}/quarantine`);
    const order = await listed(page);
    expect(order).toEqual(order.toSorted((a, b) => a - b));
    expect(await page.locator('.bar').textContent()).toContain('Oldest first');
    // The first one has the cursor and is shown beside.
    await page.locator('.review-line a').first().focus();
    await page.keyboard.press('x');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('X');
    await page.locator('[data-selected]', { hasText: '3 selected' }).waitFor();
    expect(await page.locator('.bar').isVisible()).toBe(false);
    await page.locator('.bulk').getByLabel('Reason').fill('a campaign');
    await page.locator('.review-line a').nth(2).focus();
    await page.keyboard.press('1');
    await said(page, '3 mails rejected');
    expect(await listed(page)).toEqual(order.slice(3));
    expect((await reviews()).filter((row) => row.review === 'rejected').map((row) => row.id)).toEqual(
      order.slice(0, 3),
    );
    const told = await rows(
      `select customer_id as customer, convert_from(bytes, 'UTF8') as body from audit where convert_from(bytes, 'UTF8') like '%mail.rejected%' order by 1`,
    );
    const customers = told.map(({ customer }) => customer).filter((one) => one > 0);
    expect(customers).toHaveLength(3);
    expect(JSON.stringify(told)).toContain('a campaign');
    await page.keyboard.press('z');
    await said(page, 'Taken back: 3 mails rejected');
    expect(await listed(page)).toEqual(order);
  });
  expect(await reviews()).toEqual(before);
});

test('without script: tick, release, and see which one somebody had decided about meanwhile', async () => {
  await looking.open({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${looking.pages.url}/quarantine`);
    const [first, second] = (await listed(page)) as [number, number];
    expect(await page.locator('.bulk').isVisible()).toBe(false);
    await page.getByLabel(`Select mail ${first}`, { exact: true }).check();
    await page.getByLabel(`Select mail ${second}`, { exact: true }).check();
    await looking.fresh.pool.query(`update mails set review = 'rejected' where id = $1`, [second]);
    await page.locator('.bulk').getByRole('button', { name: 'Ordinary mail' }).click();
    await said(page, '1 mail released as ordinary mail');
    expect(await page.locator('.kept').textContent()).toMatch(new RegExp(`1 mail not done.*${second} no longer waits`));
    expect(await rows('select review from mails where id = $1', [first])).toEqual([{ review: 'not_aws' }]);
    await undo(page);
    expect(await rows('select review from mails where id = $1', [first])).toEqual([{ review: null }]);
  });
});

test('one reason or customer at a time, by links', async () => {
  await looking.scene.seed.mail(lure({ kind: 'phish.bill' }));
  await looking.open({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${looking.pages.url}/quarantine`);
    const all = await listed(page);
    await page.locator('summary.token', { hasText: 'Customer' }).click();
    await page.getByRole('link', { name: /^Kumo/ }).click();
    await page.waitForLoadState();
    expect(await listed(page)).toHaveLength(1);
    await page.locator('summary.token', { hasText: 'Customer' }).click();
    await page.getByRole('link', { name: 'any' }).click();
    await page.waitForLoadState();
    expect(await listed(page)).toEqual(all);
    await page.goto(`${looking.pages.url}/quarantine?customer=tidewater`);
    expect(await page.locator('.empty').textContent()).toContain('No mail that waits fits');
  });
});

test('a mail that a name confirms for the team can be taken back, on its page and in History', async () => {
  await looking.open({ javaScriptEnabled: false }, async (page) => {
    for (const way of ['line', 'history']) {
      await page.goto(`${looking.pages.url}/quarantine?mail=${looking.scene.held}`);
      await page.locator('.confirm summary').click();
      await page.getByLabel('Your name').fill('Ines Kaplan');
      await page.locator('.confirm').getByLabel('Reason').fill('I asked them by phone');
      await page.locator('.confirm').getByRole('button', { name: 'Ticket for the team' }).click();
      await said(page, 'confirmed by Ines Kaplan');
      expect(await listed(page)).not.toContain(looking.scene.held);
      expect(await rows('select review, review_by from mails where id = $1', [looking.scene.held])).toEqual([
        { review: 'internal', review_by: 'Ines Kaplan' },
      ]);
      if (way === 'line') await undo(page);
      else {
        await page.goto(`${looking.pages.url}/history`);
        await page.getByRole('button', { name: 'Undo' }).first().click();
        await said(page, 'Taken back');
      }
      expect(
        await rows('select review, review_by, review_reason from mails where id = $1', [looking.scene.held]),
      ).toEqual([{ review: null, review_by: null, review_reason: null }]);
      await page.goto(`${looking.pages.url}/quarantine`);
      expect(await listed(page)).toContain(looking.scene.held);
    }
  });
});

test('parked: those alike are tried with it unless that is unticked, and several that are ticked', async () => {
  const { seed } = looking.scene;
  const parked = (more: Partial<SeedMail>): SeedMail => ({
    customer: 'tidewater',
    subject: 'Digest',
    sender: 'news@list.example',
    kind: null,
    outcome: 'parked',
    error: 'Reading it took longer than 2 s.',
    reasons: [],
    at: hours(-2),
    ...more,
  });
  const [a, b, c, other, stranger] = [
    await seed.mail(parked({ text: 'same', contentHash: 'p' })),
    await seed.mail(parked({ text: 'same', contentHash: 'p' })),
    // Not read at all: the same sender, subject and error is what there is to go by.
    await seed.mail(parked({ subject: 'Unread' })),
    await seed.mail(parked({ subject: 'Unread' })),
    // The same of another customer is not alike.
    await seed.mail(parked({ customer: 'kumo', text: 'same', contentHash: 'p' })),
  ] as const;
  const due = async () =>
    (await rows(`select id::int from mails where outcome = 'parked' and decide_due is not null order by id`)).map(
      ({ id }) => id,
    );
  await looking.open({ javaScriptEnabled: false }, async (page) => {
    const tryAgain = async (mail: number, alike: boolean, words: string) => {
      await page.goto(`${looking.pages.url}/parked?mail=${mail}`);
      await page.getByText('Also the 1 alike').waitFor();
      if (!alike) await page.locator('.retry input[name=alike]').uncheck();
      await page
        .locator('.retry')
        .getByRole('button', { name: /^Try again/ })
        .click();
      await said(page, words);
    };
    await page.goto(`${looking.pages.url}/parked`);
    expect(await page.locator(`li[data-id="${a}"]`).textContent()).toContain('+1 alike');
    expect(await page.locator(`li[data-id="${stranger}"]`).textContent()).not.toContain('alike');
    await tryAgain(a, true, '2 mails are tried again');
    expect(await due()).toEqual([a, b]);
    await tryAgain(c, false, '1 mail is tried again');
    expect(await due()).toEqual([a, b, c]);
    // What is in line has no box; the others have.
    await page.goto(`${looking.pages.url}/parked`);
    expect(await page.locator(`li[data-id="${a}"] .pick`).count()).toBe(0);
    await page.getByLabel(`Select mail ${other}`, { exact: true }).check();
    await page.getByLabel(`Select mail ${stranger}`, { exact: true }).check();
    await page.locator('.bulk').getByRole('button', { name: 'Try again' }).click();
    await said(page, '2 mails are tried again');
    expect(await due()).toEqual([a, b, c, other, stranger]);
    // Trying again cannot be taken back, and no button says so.
    expect(await page.locator('.undo button').count()).toBe(0);
  });
});

test('the API does the same, and says what it left', async () => {
  const held = (await reviews()).map((row) => row.id as number);
  const post = async (path: string, body: object, status = 200) => {
    const answer = await fetch(`${looking.pages.url}/api/v1${path}`, {
      method: 'POST',
      headers: { origin: looking.pages.url, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
    expect(answer.status).toBe(status);
    return (await answer.json()) as { act: number };
  };
  const mails = [...held, looking.scene.parked, 987_654];
  const done = await post('/mails/bulk', { mails, act: 'reject', reason: 'lures' });
  expect(done).toEqual({
    act: expect.any(Number),
    done: held,
    notDone: [
      { mail: looking.scene.parked, why: 'decided' },
      { mail: 987_654, why: 'gone' },
    ],
  });
  expect(await post('/mails/bulk', { mails: held, act: 'release' })).toMatchObject({ act: null, done: [] });
  await post(`/acts/${done.act}/undo`, {});
  expect((await reviews()).map((row) => row.review)).toEqual(held.map(() => null));
  expect(looking.pages.deps.rings).not.toContain('decide');
  await post('/mails/bulk', { mails: [looking.scene.parked], act: 'retry' });
  expect(looking.pages.deps.rings).toContain('decide');
  await post('/mails/bulk', { mails: [], act: 'retry' }, 400);
  await post('/mails/bulk', { mails: [1], act: 'believe' }, 400);
});
