import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { proposeMember } from '../../src/store/membership.ts';
import { addList, addMember, depsOf } from '../members/stage.ts';
import { startChromium } from '../servers/chromium.ts';
import { type PublicStage, startPublicStage } from './stage.ts';

/** The pages of members and approvers for everybody: axe, keys alone, zoom, dark, without script, on paper. */
let stage: PublicStage;
let browser: Browser;
const pages: string[] = [];
const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

beforeAll(async () => {
  stage = await startPublicStage();
  const { listId } = await addList(stage.fresh, { language: 'ja' });
  await addMember(stage.fresh, listId, 'ops@acme.example');
  for (const [address, purpose] of [
    ['night@acme.example', 'approve'],
    ['day@acme.example', 'confirm'],
    ['ops@acme.example', 'manage'],
    ['ops@acme.example', 'acknowledge'],
  ] as const) {
    if (purpose === 'approve')
      await proposeMember(depsOf(stage.fresh, { now: new Date() }), { listId, address, by: { user: 'alice' } });
    else if (purpose === 'confirm') await addMember(stage.fresh, listId, address, 'invited');
    if (purpose !== 'approve')
      await stage.fresh.pool.query(
        `insert into links (purpose, member_id, address, created_at, expires_at)
         select $1, id, address, now(), now() + interval '2 days' from members where address = $2`,
        [purpose, address],
      );
    const { rows } = await stage.fresh.pool.query(
      'select id::int, purpose, address from links where purpose = $1 order by id desc limit 1',
      [purpose],
    );
    pages.push(`${stage.url}/${purpose}/${stage.tokens.token(rows[0])}`);
  }
  pages.push(`${stage.url}/list/${stage.tokens.listToken(listId)}`, `${stage.url}/approve/1-nothing`, `${stage.url}/`);
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await stage?.close();
});

async function open(options: BrowserContextOptions, work: (page: Page) => Promise<void>): Promise<void> {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, locale: 'en-GB', ...options });
  try {
    await work(await context.newPage());
  } finally {
    await context.close();
  }
}

describe.each([
  ['light', 'en-GB', 1440],
  ['dark', 'ja', 1440],
  ['light', 'ja', 390],
  ['dark', 'en-GB', 320],
] as const)('%s, %s, %i px', (colorScheme, locale, width) => {
  it('axe finds nothing serious, nothing scrolls sideways, each page is what its link is for', async () => {
    await open({ colorScheme, locale, viewport: { width, height: 800 }, bypassCSP: true }, async (page) => {
      const titles = new Set<string>();
      for (const path of pages) {
        await page.goto(path);
        titles.add(await page.title());
        await page.evaluate(axe);
        const found = await page.evaluate<string[]>(`axe.run(document).then(({ violations }) => violations
          .filter(({ impact }) => impact === 'serious' || impact === 'critical')
          .flatMap(({ id, nodes }) => nodes.slice(0, 3).map((node) => id + ': ' + node.html.slice(0, 200))))`);
        expect(found, path).toEqual([]);
        expect(
          await page.evaluate<number>('document.documentElement.scrollWidth - document.documentElement.clientWidth'),
          path,
        ).toBeLessThanOrEqual(0);
      }
      // Four purposes, the form, a link that is none, and no page.
      expect(titles.size).toBeGreaterThanOrEqual(6);
    });
  });
});

it('by Tab alone, without script: every field and button is reached in the order of reading, with a ring', async () => {
  await open({ javaScriptEnabled: false }, async (page) => {
    for (const path of pages) {
      await page.goto(path);
      const all = await page.locator('a[href], button, input:not([type=hidden])').all();
      for (const one of all) {
        await page.keyboard.press('Tab');
        expect(await one.evaluate((element) => element === element.ownerDocument.activeElement), path).toBe(true);
        const ring = await one.evaluate((element) => {
          const { outlineStyle, outlineWidth } = element.ownerDocument.defaultView!.getComputedStyle(element);
          return outlineStyle !== 'none' && Number.parseFloat(outlineWidth) >= 2;
        });
        expect(ring, path).toBe(true);
        const box = await one.boundingBox();
        expect(box!.height, path).toBeGreaterThanOrEqual(24);
      }
    }
  });
});
