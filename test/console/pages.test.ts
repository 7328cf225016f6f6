import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChromium } from '../servers/chromium.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { ROOT_ADDRESSES, seedScene } from './seed.ts';
import { startTestConsole } from './startTestConsole.ts';

let fresh: FreshDatabase;
let console_: Awaited<ReturnType<typeof startTestConsole>>;
let browser: Browser;
let scene: Awaited<ReturnType<typeof seedScene>>;
/** Pixels that the document is wider than its window. */
const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
const shots = process.env.ROOTDESK_TEST_SCREENSHOTS;

beforeAll(async () => {
  fresh = await freshDatabase();
  scene = await seedScene(fresh);
  console_ = await startTestConsole(fresh);
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await console_?.close();
  await fresh?.drop();
});

const paths = (): [string, string][] => [
  ['queue', '/'],
  ['waiting', '/?state=waiting'],
  ['solved', '/?state=solved'],
  ['ticket', `/tickets/${scene.compromise}`],
  ['story', `/mails/${scene.mail}`],
  ['parked-story', `/mails/${scene.parked}`],
  ['quarantine', '/quarantine'],
  ['parked', '/parked'],
  ['mails', '/mails'],
  ['health', '/health'],
  ['customers', '/customers'],
  ['customer', '/customers/tidewater'],
];

async function open(
  options: { width: number; scheme: 'light' | 'dark'; script?: boolean },
  work: (page: Page, context: BrowserContext) => Promise<void>,
): Promise<void> {
  const context = await browser.newContext({
    viewport: { width: options.width, height: options.width < 700 ? 844 : 900 },
    colorScheme: options.scheme,
    javaScriptEnabled: options.script ?? true,
    locale: 'en-GB',
  });
  try {
    await work(await context.newPage(), context);
  } finally {
    await context.close();
  }
}

describe.each([
  [1440, 'light'],
  [1440, 'dark'],
  [390, 'light'],
  [390, 'dark'],
] as const)('pages at %i px, %s', (width, scheme) => {
  test('every page loads, fits its width, and complains of nothing', async () => {
    await open({ width, scheme }, async (page) => {
      const complaints: string[] = [];
      page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
      page.on('pageerror', (error) => complaints.push(error.message));
      for (const [name, path] of paths()) {
        const answer = await page.goto(console_.url + path);
        expect(answer?.status(), path).toBe(200);
        if (shots) await page.screenshot({ path: `${shots}/${name}-${width}-${scheme}.png` });
        expect(await page.locator('h1').count(), path).toBe(1);
        const overflow = await page.evaluate<number>(SIDEWAYS);
        expect(overflow, `${path} scrolls sideways`).toBeLessThanOrEqual(0);
        const text = await page.content();
        for (const address of Object.values(ROOT_ADDRESSES))
          expect(text.includes(address), `${path} shows ${address}`).toBe(false);
      }
      expect(complaints).toEqual([]);
    });
  });
});
