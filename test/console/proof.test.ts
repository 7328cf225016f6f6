import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CATALOGUES } from '../../src/console/words/texts.ts';
import { openSeal, type Seal } from '../../src/lib/seal.ts';
import { startChromium } from '../servers/chromium.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { everyPage } from './everyPage.ts';
import { hours, NOW, seedScene } from './seed.ts';
import { startTestConsole } from './startTestConsole.ts';

/** What holds on every page for everybody: accessibility, long words, narrow windows, keys alone, live news, hostile HTML. */
let fresh: FreshDatabase;
let pages: Awaited<ReturnType<typeof startTestConsole>>;
let browser: Browser;
let scene: Awaited<ReturnType<typeof seedScene>>;
let seal: Seal;
let keys: string;
/** Would be asked by a page that loads something; counts what it is asked. */
let outside: Server;
let asked = 0;
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

beforeAll(async () => {
  outside = createServer((_request, response) => {
    asked++;
    response.end();
  });
  await new Promise<void>((resolve) => outside.listen(0, '127.0.0.1', resolve));
  keys = mkdtempSync(join(tmpdir(), 'rootdesk-proof-'));
  seal = openSeal({ keyFile: null, dataDir: keys, clock: { now: () => NOW } });
  fresh = await freshDatabase();
  scene = await seedScene(fresh);
  all = await everyPage(fresh, scene);
  await keep(scene.mail, html('<p>A reminder: please respond by November 24, 2026, 08:00 UTC.</p>'.repeat(4)));
  pages = await startTestConsole(fresh, { seal });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await pages?.close();
  await fresh?.drop();
  outside?.close();
  rmSync(keys, { recursive: true, force: true });
});

/** Stores the bytes of a mail as the road does. */
async function keep(id: number, raw: Buffer): Promise<void> {
  const { bytes, wrappedKey, keyId } = seal.seal(raw);
  await fresh.pool.query(
    `insert into raws (mail_id, kept_at, bytes, wrapped_key, key_id)
     select id, received_at, $2, $3, $4 from mails where id = $1`,
    [id, bytes, wrappedKey, keyId],
  );
}

const html = (body: string) =>
  Buffer.from(
    `From: no-reply@amazonaws.com\r\nSubject: Hello\r\nMIME-Version: 1.0\r\nContent-Type: text/html; charset=utf-8\r\n\r\n${body}`,
  );

let all: string[];
const paths = () => all;

async function open(options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', ...options });
  try {
    await work(await context.newPage());
  } finally {
    await context.close();
  }
}

const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

describe('axe finds nothing serious', () => {
  test.each([
    ['light', 'en-GB', 1440],
    ['dark', 'ja', 1440],
    ['dark', 'en-GB', 390],
  ] as const)(
    '%s, %s, %i px',
    async (colorScheme, locale, width) => {
      await open({ colorScheme, locale, viewport: { width, height: 900 }, bypassCSP: true }, async (page) => {
        for (const path of paths()) {
          await page.goto(pages.url + path);
          await page.evaluate(axe);
          const found = await page.evaluate<
            string[]
          >(`axe.run(document, { iframes: false, resultTypes: ['violations'] }).then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => id + ': ' + node.html.slice(0, 200))))`);
          expect(found, path).toEqual([]);
        }
      });
    },
    240_000,
  );
});

test('320 px, and words 40 % longer: nothing scrolls sideways', async () => {
  await open({ viewport: { width: 320, height: 800 } }, async (page) => {
    for (const path of paths()) {
      await page.goto(pages.url + path);
      expect(await page.evaluate<number>(SIDEWAYS), path).toBeLessThanOrEqual(0);
    }
  });
  const short = { ...CATALOGUES.en };
  Object.assign(CATALOGUES.en, longer(short));
  try {
    await open({}, async (page) => {
      for (const path of paths()) {
        for (const width of [1440, 390]) {
          await page.setViewportSize({ width, height: 900 });
          if (width === 1440) await page.goto(pages.url + path);
          expect(await page.evaluate<number>(SIDEWAYS), `${path} at ${width}`).toBeLessThanOrEqual(0);
        }
      }
    });
  } finally {
    Object.assign(CATALOGUES.en, short);
  }
}, 240_000);

/** Every word with 40 % more letters; `lang`, locales and units stay what they are. */
function longer(value: unknown, key = ''): unknown {
  if (['lang', 'times', 'effectTypes'].includes(key)) return value;
  if (typeof value === 'string') return value + 'e'.repeat(Math.ceil(value.length * 0.4));
  if (typeof value === 'function') return (...args: unknown[]) => longer(value(...args));
  return Object.fromEntries(Object.entries(value as object).map(([name, member]) => [name, longer(member, name)]));
}

test('by keys alone: peek, follow, close, solve from a menu, take back', async () => {
  await open({}, async (page) => {
    await page.goto(pages.url);
    const active = () => page.evaluate<string>('document.activeElement.textContent');
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    await page.keyboard.press('Space');
    await page.locator('.with-peek > .peek').waitFor();
    await page.keyboard.press('j');
    await page.locator('.with-peek > .peek > h2', { hasText: 'Root sign-in code' }).waitFor();
    expect(await active()).toContain('Root sign-in code');
    await page.keyboard.press('Escape');
    expect(await page.locator('.with-peek').count()).toBe(0);
    await page.keyboard.press('Enter');
    await page.waitForURL('**/tickets/*');
    await page.keyboard.press('h');
    expect(await active()).toContain('1 hour');
    await page.keyboard.press('Escape');
    await page.keyboard.press('s');
    expect(await active()).toContain('Wait');
    await page.keyboard.press('Enter');
    await page.locator('.undo', { hasText: 'is now waiting' }).waitFor();
    // The page is shown before its script is there, and with it the keys.
    await page.waitForLoadState();
    await page.keyboard.press('z');
    await page.locator('.undo', { hasText: 'Taken back' }).waitFor();
    await page.waitForLoadState();
    await page.keyboard.press('/');
    await page.keyboard.type('customer:kumo mfa');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/?q=*');
    expect(await page.locator('.token').count()).toBe(3);
  });
}, 60_000);

test('what comes waits behind the pill, what leaves is grey and says so', async () => {
  await open({}, async (page) => {
    await page.goto(`${pages.url}/?q=customer:velonord`);
    const row = page.locator('tr[data-id]').first();
    const id = await row.getAttribute('data-id');
    const before = await page.locator('tr[data-id]').count();
    await page.keyboard.press('j');
    const made = await scene.seed.ticket({
      customer: 'velonord',
      subject: 'A new matter',
      kind: 'health.issue',
      urgency: 'low',
      actAt: hours(300),
    });
    await fresh.pool.query(`update tickets set state = 'solved', version = version + 1 where id = $1`, [id]);
    await fresh.pool.query(`select pg_notify('rootdesk_news', $1)`, [JSON.stringify({ t: [made, Number(id)] })]);
    await page.locator('.news', { hasText: '1 new' }).waitFor();
    await page.locator('tr.gone', { hasText: 'no longer here' }).waitFor();
    expect(await page.locator('tr[data-id]').count()).toBe(before);
    await page.keyboard.press('.');
    await page.getByRole('link', { name: 'A new matter' }).waitFor();
    expect(await page.locator('tr.gone').count()).toBe(0);
  });
}, 60_000);

describe('held mail', () => {
  test('is rejected without JavaScript, found again, and put back', async () => {
    await open({ javaScriptEnabled: false }, async (page) => {
      await page.goto(`${pages.url}/quarantine?mail=${scene.held}`);
      await page.getByRole('button', { name: /^Reject/ }).click();
      expect(await page.locator('.undo').textContent()).toContain('1 mail rejected');
      await page.goto(`${pages.url}/quarantine?show=decided`);
      expect(await page.locator('.review-list').textContent()).toContain('Rejected');
      await page.goto(`${pages.url}/history`);
      await page.getByRole('button', { name: 'Undo' }).first().click();
      await page.goto(`${pages.url}/quarantine?mail=${scene.held}`);
      expect(await page.getByRole('button', { name: /^Reject/ }).count()).toBe(1);
    });
  });
});

test('the language switch needs no script', async () => {
  await open({ javaScriptEnabled: false }, async (page) => {
    await page.goto(`${pages.url}/health`);
    await page.locator('.side').getByRole('button', { name: '日本語' }).click();
    expect(new URL(page.url()).pathname).toBe('/health');
    expect(await page.locator('html').getAttribute('lang')).toBe('ja');
    expect(await page.locator('h1').textContent()).toBe('経路の状態');
  });
});

test('on paper stand the words and not the ways around them', async () => {
  await open({}, async (page) => {
    await page.goto(`${pages.url}/tickets/${scene.compromise}`);
    await page.emulateMedia({ media: 'print' });
    expect(await page.locator('h1').isVisible()).toBe(true);
    for (const one of ['.side', '.keys', '.title-line .acts', '.neighbours'])
      expect(await page.locator(one).first().isVisible(), one).toBe(false);
    // A subject is not cut where nothing can be clicked for the rest of it.
    await page.setViewportSize({ width: 800, height: 900 });
    await page.goto(pages.url);
    expect(
      await page.evaluate(`[...document.querySelectorAll('.matter > a')]
        .filter((one) => one.scrollWidth > one.clientWidth + 1).length`),
    ).toBe(0);
    await page.goto(`${pages.url}/tickets/${scene.compromise}/peek`);
    expect(await page.locator('.peek').isVisible()).toBe(true);
    await page.goto(`${pages.url}/tickets/${scene.compromise}`);
    await page.emulateMedia({ media: 'screen', forcedColors: 'active' });
    expect(await page.locator('.urgency-critical .icon').first().isVisible()).toBe(true);
  });
});

test('the HTML of a mail runs nothing, loads nothing and shows no root address', async () => {
  const away = `http://127.0.0.1:${(outside.address() as AddressInfo).port}`;
  const words = '<p>This is the body of the mail that everybody should be able to read on the page.</p>';
  const evil = [
    `<script>parent.ran=1;fetch('${away}/a')</script>`,
    `<img src="${away}/b.png" onerror="parent.ran=1" srcset="${away}/c.png 2x">`,
    `<svg><image href="${away}/d"/><script href="${away}/e"></script></svg>`,
    `<style>@import url(${away}/f);body{background:url(${away}/g)}</style>`,
    `<div style="background-image:url(${away}/h);list-style:url('${away}/i')">x</div>`,
    `<link rel="stylesheet" href="${away}/j"><link rel="dns-prefetch" href="${away}">`,
    `<meta http-equiv="refresh" content="0;url=${away}/k"><base href="${away}/">`,
    `<iframe src="${away}/l"></iframe><object data="${away}/m"></object><embed src="${away}/n">`,
    `<video poster="${away}/o" src="${away}/p" autoplay></video><audio src="${away}/q" autoplay></audio>`,
    `<form action="${away}/r"><input type="image" src="${away}/s"><button>Go</button></form>`,
    `<a href="javascript:parent.ran=1">x</a><a href="${away}/t" ping="${away}/u">y</a>`,
    `<table background="${away}/v"><tr><td background="${away}/w">z</td></tr></table>`,
    `<p style="color:red;}</style><script>parent.ran=1</script>">x</p>`,
    `<math><mtext></p><mglyph><style><img src=x onerror=parent.ran=1></style></mglyph></mtext></math>`,
    `<noscript><p title="</noscript><img src=x onerror=parent.ran=1>"></noscript>`,
    `<!--><img src="${away}/x">--><![CDATA[<img src="${away}/y">]]>`,
    '<p>Sent to tidewater-k7m2p9xq4rtd@root.example.net</p>',
  ];
  const ids: number[] = [];
  const pieces = Array.from({ length: 6 }, (_, index) => evil.slice(index * 3, index * 3 + 3).join(''));
  for (const piece of [...pieces, evil.join('')]) {
    const id = await scene.seed.mail({ customer: 'tidewater', subject: 'Hello', text: 'Hello', at: hours(-1) });
    await keep(id, html(words + piece));
    ids.push(id);
  }
  await open({}, async (page) => {
    const foreign: string[] = [];
    page.on('request', (request) => {
      if (!/^(?:data:|http:\/\/127\.0\.0\.1)/.test(request.url()) || !request.url().startsWith(pages.url)) {
        if (!request.url().startsWith('data:')) foreign.push(request.url());
      }
    });
    for (const [index, id] of ids.entries()) {
      await page.goto(`${pages.url}/mails/${id}?form=html`);
      // No script runs in the frame, not even a test's: what stands in it is read from where it came.
      const frame = page.locator('iframe');
      expect(await page.locator('.why-text').allTextContents(), pieces[index]).toEqual([]);
      expect(await frame.getAttribute('sandbox'), pieces[index]).toBe('');
      await frame.scrollIntoViewIfNeeded();
      await expect.poll(() => page.frames().some((one) => one.url().endsWith(`/mails/${id}/rendered`))).toBe(true);
      const answer = await page.request.get(`${pages.url}/mails/${id}/rendered`);
      expect(answer.headers()['content-security-policy']).toMatch(/^default-src 'none';.*; sandbox$/);
      const source = await answer.text();
      expect(source, pieces[index]).toContain('everybody should be able to read');
      expect(source).not.toContain('k7m2p9xq4rtd');
      expect(
        source.match(/<(?:script|img|iframe|object|embed|form|link|meta http|base|video|svg\b(?! class="icon))/g),
      ).toBe(null);
      expect(await page.evaluate('window.ran'), pieces[index]).toBe(undefined);
    }
    expect(foreign).toEqual([]);
  });
  expect(asked).toBe(0);
}, 120_000);

test('a sealed mail has no view, whatever its bytes are', async () => {
  const id = await scene.seed.mail({
    customer: 'tidewater',
    subject: 'Code',
    text: '',
    secrets: { count: 1, kinds: ['code'], level: 'sealed' },
    at: hours(-1),
  });
  await keep(id, html('<p>Your code is 482913</p>'));
  await open({}, async (page) => {
    await page.goto(`${pages.url}/mails/${id}?form=html`);
    expect(await page.locator('iframe').count()).toBe(0);
    expect(await page.content()).not.toContain('482913');
    expect((await page.request.get(`${pages.url}/mails/${id}/rendered`)).status()).toBe(404);
  });
});
