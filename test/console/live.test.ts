import type { BrowserContext } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { type Looking, startLooking } from './inBrowser.ts';
import { NOW } from './seed.ts';
import { startTestConsole } from './startTestConsole.ts';

/** Live news in a real browser: one stream for all tabs, asking by oneself without it, nothing that moves under the hand. */
let looking: Looking;
beforeAll(async () => {
  looking = await startLooking();
});
beforeEach(() => looking.renew());
afterAll(() => looking?.close());

async function inBrowser(work: (context: BrowserContext) => Promise<void>): Promise<void> {
  const context = await looking.browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB' });
  try {
    await work(context);
  } finally {
    await context.close();
  }
}

/** Streams that the server has open, as it tells Prometheus. */
const streams = async () =>
  Number(/^rootdesk_event_streams (\d+)$/m.exec(await (await fetch(`${looking.pages.url}/metrics`)).text())?.[1]);

/** Something happens to the ticket: a note, another urgency. */
async function happens(id: number, text: string): Promise<void> {
  await looking.fresh.pool.query(
    `insert into entries (ticket_id, customer_id, type, at, actor, body)
     select id, customer_id, 'note', $2, 'rootdesk', jsonb_build_object('text', $3::text) from tickets where id = $1`,
    [id, NOW, text],
  );
  await looking.fresh.pool.query(
    `update tickets set kind = 'billing.budget_alert', version = version + 1 where id = $1`,
    [id],
  );
}
const tell = (id: number) =>
  looking.fresh.pool.query(`select pg_notify('rootdesk_news', $1)`, [JSON.stringify({ t: [id] })]);

test('a stream that is refused is soon asked for again', async () => {
  await inBrowser(async (context) => {
    let refused = 0;
    await context.route('**/events', (route) => {
      if (refused === 2) return route.continue();
      refused += 1;
      return route.fulfill({ status: 503, body: '' });
    });
    const page = await context.newPage();
    await page.goto(looking.pages.url);
    await page.locator('.news-paused').waitFor();
    // Sooner than the 30 seconds of polling.
    await expect.poll(streams, { timeout: 20_000 }).toBe(1);
    expect(refused).toBe(2);
    await page.locator('.news-paused').waitFor({ state: 'hidden' });
  });
});

test('a stream that neither opens nor fails is asked for anew', async () => {
  await inBrowser(async (context) => {
    let asked = 0;
    await context.route('**/events', async (route) => {
      asked += 1;
      if (asked > 1) await route.continue();
    });
    const page = await context.newPage();
    await page.clock.install();
    await page.goto(looking.pages.url);
    await expect.poll(() => asked).toBe(1);
    await page.clock.fastForward(10_500);
    await expect.poll(streams).toBe(1);
    expect(asked).toBe(2);
    await page.locator('.news-paused').waitFor({ state: 'hidden' });
  });
});

test('two tabs have one stream, both are told, and the second takes over from the first', async () => {
  await inBrowser(async (context) => {
    const queue = await context.newPage();
    await queue.goto(looking.pages.url);
    await expect.poll(streams).toBe(1);
    const ticket = await context.newPage();
    await ticket.goto(`${looking.pages.url}/tickets/${looking.scene.compromise}`);
    const scrolled = await ticket.evaluate<number>('scrollY');
    await happens(looking.scene.compromise, 'Seen in both tabs');
    await tell(looking.scene.compromise);
    await ticket.locator('.note', { hasText: 'Seen in both tabs' }).waitFor();
    // New entries stand below; what is read stays where it is.
    expect(await ticket.locator('ol.timeline > li').last().textContent()).toContain('Seen in both tabs');
    expect(await ticket.evaluate('scrollY')).toBe(scrolled);
    await queue.locator(`tr[data-id="${looking.scene.compromise}"] .c-kind`, { hasText: 'Budget' }).waitFor();
    expect(await streams()).toBe(1);

    await queue.close();
    await expect.poll(streams).toBe(1);
    // Told again and again until the other tab listens: what was said between two streams is asked for by its pages anyway.
    await happens(looking.scene.compromise, 'After the first tab closed');
    const told = async () => {
      await tell(looking.scene.compromise);
      return ticket.locator('.note', { hasText: 'After the first tab closed' }).count();
    };
    await expect.poll(told, { timeout: 20_000, interval: 500 }).toBe(1);
    // An act from this page names the version that is seen now.
    await ticket.keyboard.press('e');
    await ticket.locator('.undo', { hasText: 'is now solved' }).waitFor();
  });
});

test('an entry that comes out of sight waits behind a pill', async () => {
  await inBrowser(async (context) => {
    const page = await context.newPage();
    await page.setViewportSize({ width: 1440, height: 400 });
    await page.goto(`${looking.pages.url}/tickets/${looking.scene.compromise}`);
    await expect.poll(streams).toBe(1);
    await happens(looking.scene.compromise, 'Far below');
    await tell(looking.scene.compromise);
    await page.locator('.news', { hasText: '1 new entry' }).waitFor();
    expect(await page.evaluate('scrollY')).toBe(0);
    await page.keyboard.press('.');
    await expect.poll(() => page.evaluate<number>('scrollY')).toBeGreaterThan(0);
    expect(await page.locator('.news').isVisible()).toBe(false);
  });
});

test('without the stream every tab says so and asks by itself each half minute', async () => {
  await inBrowser(async (context) => {
    await context.route('**/events', (route) => route.abort());
    const queue = await context.newPage();
    await queue.clock.install();
    await queue.goto(looking.pages.url);
    await queue.locator('.news-paused').waitFor();
    const ticket = await context.newPage();
    await ticket.clock.install();
    await ticket.goto(`${looking.pages.url}/tickets/${looking.scene.compromise}`);
    // The tab that came later has no stream to fail: it asks the one that has.
    await ticket.locator('.news-paused').waitFor();
    await happens(looking.scene.compromise, 'Asked for');
    expect(await ticket.locator('.note', { hasText: 'Asked for' }).count()).toBe(0);
    for (const page of [queue, ticket]) await page.clock.fastForward(31_000);
    await ticket.bringToFront();
    for (const page of [queue, ticket]) await page.clock.fastForward(5000);
    await ticket.locator('.note', { hasText: 'Asked for' }).waitFor();
    expect(await streams()).toBe(0);
  });
});

test('open tabs never hold up the stop, and say that news are paused', async () => {
  await inBrowser(async (context) => {
    const page = await context.newPage();
    await page.goto(looking.pages.url);
    await expect.poll(streams).toBe(1);
    await looking.pages.close();
    await page.locator('.news-paused').waitFor();
    // What was readable stays so.
    expect(await page.locator('tr[data-id]').count()).toBeGreaterThan(0);
    looking.pages = await startTestConsole(looking.fresh);
  });
});
