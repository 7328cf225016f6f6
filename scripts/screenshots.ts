import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { ALL_ROLES, startApp } from '../src/app.ts';
import { prepareDemo } from '../src/demo/demo.ts';
import { createLog } from '../src/lib/log.ts';
import { loadSettings } from '../src/settings.ts';
import { startChromium } from '../test/servers/chromium.ts';
import { projectDir } from './runCommand.ts';

/**
 * `npm run screenshots`: starts the demo on a folder of its own, waits until its mails are decided, and takes the
 * pictures of docs/screenshots with Debian's chromium. Nothing on them is real.
 */
type Shot = {
  name: string;
  /** Path, or the words of a link on the queue that leads there. */
  at: string | { link: RegExp };
  width?: number;
  dark?: boolean;
  language?: 'ja';
  act?(page: Page): Promise<void>;
};

const compromise = { link: /Suspicious|irregular|compromis/i };
const SHOTS: readonly Shot[] = [
  { name: 'queue', at: '/' },
  { name: 'queue-dark', at: '/', dark: true },
  { name: 'queue-ja', at: '/', language: 'ja' },
  { name: 'queue-phone', at: '/', width: 390 },
  { name: 'queue-peek', at: '/', act: peek },
  { name: 'queue-bulk', at: '/', act: select },
  { name: 'ticket', at: compromise },
  { name: 'ticket-dark', at: compromise, dark: true },
  { name: 'ticket-phone', at: compromise, width: 390 },
  { name: 'story', at: compromise, act: (page) => page.locator('[data-key="w"]').first().click() },
  { name: 'quarantine', at: '/quarantine' },
  { name: 'health', at: '/health' },
  { name: 'customer', at: '/customers/tidewater-bio' },
  { name: 'list', at: '/lists', act: (page) => page.locator('a[data-row]').first().click() },
];

/** Longest that the demo's mails may take (ms). */
const DECIDED_MS = 120_000;

const folder = mkdtempSync(join(tmpdir(), 'rootdesk-screenshots-'));
process.env.ROOTDESK_DATA_DIR = folder;
process.env.TZ = 'Europe/Berlin';
const target = resolve(projectDir, 'docs/screenshots');
mkdirSync(target, { recursive: true });

const demo = await prepareDemo((choice) => loadSettings(choice));
try {
  const log = createLog('warn');
  const app = await startApp({ settings: demo.settings, log, roles: ALL_ROLES, use: 'demo', sink: demo.sink });
  try {
    await demo.load(app, new Promise(() => {}));
    const url = app.consoleUrl as string;
    await decided(url);
    const browser = await startChromium();
    try {
      for (const shot of SHOTS) await take(browser, url, shot);
    } finally {
      await browser.close();
    }
  } finally {
    await app.close();
  }
} finally {
  await demo.close();
  rmSync(folder, { recursive: true, force: true });
}

async function decided(url: string): Promise<void> {
  const until = Date.now() + DECIDED_MS;
  for (;;) {
    const { mails, waiting } = (await (await fetch(`${url}/api/v1/stats`)).json()) as {
      mails: Record<string, number>;
      waiting: { authenticate: { oldestAt: string | null }; decide: { oldestAt: string | null } };
    };
    const all = Object.values(mails).reduce((sum, count) => sum + count, 0);
    if (all > 10 && waiting.decide.oldestAt === null && waiting.authenticate.oldestAt === null) return;
    if (Date.now() > until) throw new Error('the mails of the demo were not decided in time');
    await new Promise((wake) => setTimeout(wake, 300));
  }
}

async function take(browser: Browser, url: string, shot: Shot): Promise<void> {
  const width = shot.width ?? 1440;
  const context = await browser.newContext({
    viewport: { width, height: width < 700 ? 844 : 900 },
    colorScheme: shot.dark ? 'dark' : 'light',
    locale: shot.language ?? 'en-GB',
    timezoneId: 'Europe/Berlin',
  });
  try {
    const page = await context.newPage();
    if (typeof shot.at === 'string') await page.goto(url + shot.at);
    else {
      await page.goto(url);
      await page.getByRole('link', { name: shot.at.link }).first().click();
      await page.locator('.mail[open] .forms a').first().click();
    }
    await shot.act?.(page);
    await page.waitForLoadState('load');
    for (const frame of page.frames()) await frame.waitForLoadState('load');
    await page.evaluate('scrollTo(0, 0)');
    await page.screenshot({ path: join(target, `${shot.name}.png`) });
    console.log(`docs/screenshots/${shot.name}.png`);
  } finally {
    await context.close();
  }
}

async function select(page: Page): Promise<void> {
  for (const key of ['j', 'j', 'x', 'j', 'x', 'j', 'j', 'x']) await page.keyboard.press(key);
  await page.locator('[data-selected]', { hasText: '3' }).waitFor();
}

async function peek(page: Page): Promise<void> {
  for (const key of ['j', 'j', 'j', 'Space']) await page.keyboard.press(key);
  await page.locator('.with-peek > .peek > h2').waitFor();
}
