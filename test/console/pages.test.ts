import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startChromium } from '../servers/chromium.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { everyPage } from './everyPage.ts';
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
  all = [...(await everyPage(fresh, scene)), '/?q=customer:kumo+-kind:budget+due:%3C7d+xx:'];
  console_ = await startTestConsole(fresh);
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await console_?.close();
  await fresh?.drop();
});

let all: string[];
const paths = (): [string, string][] =>
  all.filter((path) => path !== '/nothing-here').map((path) => [path.replaceAll(/\W+/g, '-'), path]);

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
  }, 180_000);
});

describe('without JavaScript', () => {
  test('a ticket is found, solved and put back by links and forms', async () => {
    await open({ width: 1440, scheme: 'light', script: false }, async (page) => {
      await page.goto(`${console_.url}/`);
      expect(await page.locator('.keys').isVisible()).toBe(false);
      await page.getByRole('link', { name: 'MFA has been deactivated on the root user' }).click();
      await page.getByRole('button', { name: 'Solve' }).click();
      expect(new URL(page.url()).search).toMatch(/^\?done=\d+$/);
      expect(await page.getByRole('status').textContent()).toContain('is now solved');
      await page.getByRole('button', { name: 'Undo' }).click();
      expect(await page.locator('.meta').textContent()).toContain('Open');
      expect(await page.locator('.timeline').textContent()).toContain('changed state from open to solved');
    });
  });

  test('filters narrow the queue and can be removed; the mail form finds by outcome', async () => {
    await open({ width: 1440, scheme: 'light', script: false }, async (page) => {
      await page.goto(`${console_.url}/`);
      await page.getByRole('link', { name: 'Velo Nord' }).first().click();
      expect(await page.locator('tr.row').count()).toBe(5);
      await page.getByRole('link', { name: 'Remove filter Customer' }).click();
      expect(await page.locator('tr.row').count()).toBe(18);
      await page.goto(`${console_.url}/mails`);
      await page.getByLabel('Outcome').selectOption('unrouted');
      await page.getByRole('button', { name: 'Show' }).click();
      expect(await page.locator('tr.row').count()).toBe(1);
      await page.goto(`${console_.url}/mails?sha256=zz`);
      expect(await page.getByRole('alert').textContent()).toContain('SHA-256');
      expect(await page.locator('tr.row').count()).toBe(0);
    });
  });
});

describe('keys', () => {
  test('move, open, go back, and can be turned off', async () => {
    await open({ width: 1440, scheme: 'light' }, async (page) => {
      await page.goto(`${console_.url}/`);
      await page.keyboard.press('j');
      await page.keyboard.press('j');
      expect(await page.evaluate('document.activeElement.textContent')).toBe(
        'MFA has been deactivated on the root user',
      );
      await page.keyboard.press('k');
      await page.keyboard.press('Enter');
      await page.waitForURL('**/tickets/*');
      expect(await page.locator('h1').textContent()).toContain('Abuse report');
      await page.keyboard.press('w');
      await page.waitForURL('**/mails/*');
      await page.keyboard.press('u');
      await page.waitForURL('**/tickets/*');
      await page.keyboard.press('u');
      await page.waitForURL(`${console_.url}/`);
      await page.keyboard.press('?');
      await page.locator('dialog').getByRole('link', { name: 'Preferences' }).click();
      await page.getByRole('group', { name: 'Letters that act' }).getByLabel('off').check();
      await page.getByRole('button', { name: 'Keep' }).click();
      await page.goto(`${console_.url}/`);
      await page.locator('main').focus();
      await page.keyboard.press('j');
      expect(await page.evaluate('document.activeElement.id')).toBe('main');
    });
  });

  test('letters typed into a field are text', async () => {
    await open({ width: 1440, scheme: 'light' }, async (page) => {
      await page.goto(`${console_.url}/mails`);
      await page.getByLabel('Customer', { exact: true }).fill('');
      await page.getByLabel('Customer', { exact: true }).pressSequentially('gqujk');
      expect(await page.getByLabel('Customer', { exact: true }).inputValue()).toBe('gqujk');
      expect(new URL(page.url()).pathname).toBe('/mails');
    });
  });
});

test('on a phone every link and button that acts is large enough for a thumb', async () => {
  await open({ width: 390, scheme: 'light' }, async (page) => {
    for (const path of ['/', `/tickets/${scene.compromise}`]) {
      await page.goto(console_.url + path);
      for (const one of await page.locator('.thumb a, .title-line .acts .button, .menu summary').all()) {
        if (!(await one.isVisible())) continue;
        const box = await one.boundingBox();
        expect(box?.height ?? 0, await one.innerText()).toBeGreaterThanOrEqual(44);
      }
    }
  });
});

test('every page has landmarks, landmarks, named tables and fields', async () => {
  await open({ width: 1440, scheme: 'light' }, async (page) => {
    for (const [, path] of paths()) {
      await page.goto(console_.url + path);
      const faults = await page.evaluate<string[]>(`(() => {
        const faults = [];
        for (const one of document.querySelectorAll('a, button')) {
          const name = one.getAttribute('aria-label') || one.textContent.trim();
          if (!name) faults.push('no name: ' + one.outerHTML.slice(0, 120));
        }
        for (const field of document.querySelectorAll('input:not([type=hidden]), select')) {
          if (field.labels.length === 0) faults.push('no label: ' + field.outerHTML);
        }
        for (const head of document.querySelectorAll('th')) if (!head.scope) faults.push('no scope: ' + head.textContent);
        const ids = [...document.querySelectorAll('[id]')].map((one) => one.id);
        if (new Set(ids).size !== ids.length) faults.push('an id twice');
        if (!document.querySelector('main') || !document.documentElement.lang) faults.push('no main or no lang');
        if (document.querySelector('[style], style, script:not([src])')) faults.push('inline style or script');
        return faults;
      })()`);
      expect(faults, path).toEqual([]);
    }
  });
});
