import type { Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Looking, startLooking } from './inBrowser.ts';
import { hours } from './seed.ts';

/** Many tickets at once: ticked by key, by hand, without script; done, not done with reasons, taken back. */
let looking: Looking;
beforeAll(async () => {
  looking = await startLooking();
});
beforeEach(() => looking.renew());
afterAll(() => looking?.close());
const open: Looking['open'] = (options, work) => looking.open(options, work);
const rows = async (text: string, values: unknown[] = []) => (await looking.fresh.pool.query(text, values)).rows;
const states = async () =>
  (await rows(`select queue, count(*)::int as n from tickets group by 1 order by 1`)) as object[];
const undoLine = (page: Page, words: string) => page.locator('.undo', { hasText: words }).waitFor();

describe('by keys', () => {
  test('x, Shift x, an act from the bar, z', async () => {
    const before = await states();
    await open({}, async (page) => {
      await page.goto(looking.pages.url);
      await page.keyboard.press('j');
      await page.keyboard.press('x');
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      await page.keyboard.press('X');
      await page.locator('[data-selected]', { hasText: '3 selected' }).waitFor();
      expect(await page.locator('.bar').isVisible()).toBe(false);
      await page.keyboard.press('e');
      await undoLine(page, '3 tickets are now solved');
      await page.waitForLoadState();
      // The focus is on the first row below them.
      expect(await page.evaluate('document.activeElement.id')).toBe(new URL(page.url()).hash.slice(1));
      expect(await page.locator('.bulk').isVisible()).toBe(false);
      await page.keyboard.press('z');
      await undoLine(page, 'Taken back: 3 tickets are now solved');
    });
    expect(await states()).toEqual(before);
  });

  test('s and h are for the row under the cursor where nothing is ticked, and Escape lets it go', async () => {
    await open({}, async (page) => {
      await page.goto(looking.pages.url);
      await page.keyboard.press('j');
      await page.keyboard.press('h');
      await page.locator('[data-selected]', { hasText: '1 selected' }).waitFor();
      expect(await page.evaluate('document.activeElement.value')).toBe('1h');
      await page.keyboard.press('Escape');
      await page.keyboard.press('Escape');
      expect(await page.locator('.pick:checked').count()).toBe(0);
      await page.locator('.row .matter > a').first().focus();
      await page.keyboard.press('s');
      await page.locator('.bulk').getByRole('button', { name: 'Wait' }).press('Enter');
      await undoLine(page, '1 ticket is now waiting');
    });
  });
});

test('without script: tick, solve, see what was left and why, undo', async () => {
  const [first, second] = (await rows(`select id from tickets where queue = 'open' order by id limit 2`)).map(
    ({ id }) => id as number,
  );
  await open({ javaScriptEnabled: false }, async (page) => {
    await page.goto(looking.pages.url);
    expect(await page.locator('.bulk').isVisible()).toBe(false);
    await page.getByLabel(`Select ${first}`, { exact: true }).check();
    await page.getByLabel(`Select ${second}`, { exact: true }).check();
    expect(await page.locator('.bulk').isVisible()).toBe(true);
    await looking.fresh.pool.query('update tickets set version = version + 1 where id = $1', [second]);
    await page
      .locator('.bulk')
      .getByRole('button', { name: /^Solve/ })
      .last()
      .click();
    await undoLine(page, '1 ticket is now solved');
    expect(await page.locator('.kept').textContent()).toMatch(new RegExp(`1 not done.*${second} changed meanwhile`));
    expect(await page.getByLabel(`Select ${second}`, { exact: true }).isChecked()).toBe(true);
    await page.locator('.undo').getByRole('button', { name: 'Undo' }).click();
    await undoLine(page, 'Taken back');
  });
  expect(await rows('select state from tickets where id = $1', [first])).toEqual([{ state: 'open' }]);
});

describe('all of a filter', () => {
  const many = async () => {
    for (let n = 0; n < 60; n++) {
      await looking.scene.seed.ticket({
        customer: 'hoshizora',
        subject: `Matter ${n}`,
        kind: 'health.issue',
        urgency: 'low',
        actAt: hours(300 + n),
        updatedAt: hours(-5),
      });
    }
  };

  test('is counted on the server, leaves out what is unticked and what came since, and is one act', async () => {
    await many();
    await open({ javaScriptEnabled: false }, async (page) => {
      await page.goto(`${looking.pages.url}/?q=customer:hoshizora+kind:health.issue`);
      await page.locator('.pick').first().check();
      await page.getByRole('link', { name: 'Select all 60' }).click();
      expect(await page.locator('[data-selected]').textContent()).toBe('60 selected');
      await page.locator('.pick').nth(3).uncheck();
      const came = await looking.scene.seed.ticket({
        customer: 'hoshizora',
        subject: 'Came since',
        kind: 'health.issue',
        urgency: 'low',
        actAt: hours(400),
        updatedAt: hours(1),
      });
      await page.locator('.bulk summary', { hasText: 'Snooze' }).click();
      await page.getByRole('button', { name: /Tomorrow/ }).click();
      await undoLine(page, '59 tickets snoozed');
      const left = await rows(`select id from tickets where queue = 'open' and subject ~ '^(Matter|Came)' order by id`);
      expect(left).toHaveLength(2);
      expect(left.at(-1)).toEqual({ id: came });
      await page.locator('.undo').getByRole('button', { name: 'Undo' }).click();
      await undoLine(page, 'Taken back: 59 tickets');
    });
    expect(await rows(`select count(*)::int as n from tickets where queue = 'snoozed'`)).toEqual([{ n: 0 }]);
  });

  test('that cannot be read whole, or has no time, is nothing', async () => {
    const before = await states();
    for (const [body, status] of [
      ['all=1&to=solved&q=%22-&asOf=2026-11-23T10:42:00.000Z', 400],
      ['all=1&to=solved&q=state:nonsense&asOf=2026-11-23T10:42:00.000Z', 400],
      ['all=1&to=solved', 400],
      ['t=1.1', 400],
      ['t=1.1&to=solved&back=//elsewhere.example', 400],
      ['t=1.1&until=day', 409],
    ] as const) {
      const answer = await fetch(`${looking.pages.url}/tickets/bulk`, {
        method: 'POST',
        redirect: 'manual',
        headers: {
          origin: looking.pages.url,
          'sec-fetch-site': 'same-origin',
          'content-type': 'application/x-www-form-urlencoded',
        },
        body,
      });
      expect(answer.status, body).toBe(status);
    }
    expect(await states()).toEqual(before);
  });

  test('a selection goes along to the next page of its filter, and not to another filter', async () => {
    await many();
    await open({}, async (page) => {
      await page.goto(`${looking.pages.url}/?q=customer:hoshizora+kind:health.issue`);
      await page.locator('.pick').first().check();
      await page.getByRole('link', { name: 'Show 50 more' }).click();
      await page.locator('[data-selected]', { hasText: '1 selected' }).waitFor();
      await page.locator('.pick').first().check();
      await page.locator('[data-selected]', { hasText: '2 selected' }).waitFor();
      await page.keyboard.press('e');
      await undoLine(page, '2 tickets are now solved');
      await page.locator('.pick').first().check();
      await page.goto(`${looking.pages.url}/?q=customer:kumo`);
      expect(await page.locator('.bulk').isVisible()).toBe(false);
    });
  });
});

test('the API does the same, says what it left, and refuses what names no act', async () => {
  const found = await rows(`select id, version from tickets where queue = 'open' order by id limit 2`);
  const post = (path: string, body: object) =>
    fetch(`${looking.pages.url}/api/v1${path}`, {
      method: 'POST',
      headers: { origin: looking.pages.url, 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const tickets = [...found, { id: 987_654, version: 1 }];
  const answer = await post('/tickets/bulk', { tickets, state: 'waiting' });
  expect(answer.status).toBe(200);
  const done = (await answer.json()) as { act: number };
  expect(done).toEqual({
    act: expect.any(Number),
    done: found.map(({ id }) => id),
    notDone: [{ ticket: 987_654, why: 'gone' }],
  });
  expect((await post('/tickets/bulk', { tickets })).status).toBe(400);
  expect((await post('/tickets/bulk', { tickets, state: 'waiting', until: '1h' })).status).toBe(400);
  expect(await (await post('/tickets/bulk', { tickets: found, until: '1h' })).json()).toMatchObject({
    act: null,
    notDone: found.map(({ id }) => ({ ticket: id, why: 'changed' })),
  });
  expect((await post(`/acts/${done.act}/undo`, {})).status).toBe(200);
  expect(await rows('select distinct state from tickets where id = any($1)', [found.map(({ id }) => id)])).toEqual([
    { state: 'open' },
  ]);
});
