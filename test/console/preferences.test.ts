import type { Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { cookieOf, preferencesOf, USUAL } from '../../src/console/preferences.ts';
import { type Looking, startLooking } from './inBrowser.ts';

let looking: Looking;
beforeAll(async () => {
  looking = await startLooking();
});
afterAll(() => looking?.close());
const open: Looking['open'] = (options, work) => looking.open(options, work);
const focused = (page: Page) => page.evaluate<string>('document.activeElement.textContent');

test('are read from their cookie, and what cannot be read is as usual', () => {
  const wanted = { rows: 'roomy', keys: 'off', line: 'off', map: { e: 'd', x: 'v', '/': ';' } } as const;
  expect(preferencesOf(`a=b; rootdesk_preferences=${cookieOf(wanted)}; c=d`)).toEqual(wanted);
  for (const odd of [
    '',
    'rootdesk_preferences=',
    'rootdesk_preferences=rows=x&map=e_dd-q_q-__-e',
    'rootdesk_preferences=%%%',
  ])
    expect(preferencesOf(odd), odd).toEqual(USUAL);
  // One key never does two things, whatever a cookie says.
  expect(preferencesOf('rootdesk_preferences=map=e_x').map).toEqual({});
});

test('are kept without script: rows are roomy', async () => {
  await open({ javaScriptEnabled: false }, async (page) => {
    await page.goto(looking.pages.url);
    const height = async () => (await page.locator('tr.row').first().boundingBox())?.height ?? 0;
    expect(Math.round(await height())).toBe(34);
    await page.goto(`${looking.pages.url}/preferences`);
    await page.getByLabel('Roomy').check();
    await page.getByRole('button', { name: 'Keep' }).click();
    expect(await page.getByLabel('Roomy').isChecked()).toBe(true);
    await page.goto(looking.pages.url);
    expect(Math.round(await height())).toBe(40);
  });
});

test('letters are changed, on the caps too; two acts on one key are refused', async () => {
  await open({}, async (page) => {
    await page.goto(`${looking.pages.url}/preferences`);
    await page.locator('[name=key_x]').fill('v');
    await page.locator('[name=key_j]').fill('y');
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.waitForURL('**/preferences');
    await page.goto(looking.pages.url);
    await page.keyboard.press('y');
    await page.keyboard.press('x');
    expect(await page.locator('.pick:checked').count()).toBe(0);
    await page.keyboard.press('v');
    expect(await page.locator('.pick:checked').count()).toBe(1);
    expect(await page.locator('.keys li', { hasText: 'select' }).locator('kbd').textContent()).toBe('v');
    await page.goto(`${looking.pages.url}/preferences`);
    await page.locator('[name=key_s]').fill('e');
    await page.getByRole('button', { name: 'Keep' }).click();
    expect(await page.locator('main').textContent()).toContain('One key cannot do two things');
  });
});

test('with letters off none acts, and the palette still has every act by name', async () => {
  await open({}, async (page) => {
    await page.goto(`${looking.pages.url}/preferences`);
    await page.getByRole('group', { name: 'Letters that act' }).getByLabel('off').check();
    await page.getByRole('button', { name: 'Keep' }).click();
    await page.goto(looking.pages.url);
    await page.locator('.row .matter > a').first().focus();
    const before = await focused(page);
    await page.keyboard.press('j');
    await page.keyboard.press('x');
    expect(await focused(page)).toBe(before);
    expect(await page.locator('.pick:checked').count()).toBe(0);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('select');
    await page.keyboard.press('Enter');
    expect(await page.locator('.pick:checked').count()).toBe(1);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('health');
    await page.keyboard.press('Enter');
    await page.waitForURL('**/health');
    await page.keyboard.press('Control+k');
    await page.keyboard.type(String(looking.scene.compromise));
    await page.keyboard.press('Enter');
    await page.waitForURL(`**/tickets/${looking.scene.compromise}`);
  });
});

test('Enter shows and hides the reasons of a step, c copies the fact that has the focus', async () => {
  await open({ permissions: ['clipboard-read', 'clipboard-write'] }, async (page) => {
    await page.goto(`${looking.pages.url}/mails/${looking.scene.mail}`);
    await page.keyboard.press('j');
    const reasons = page.locator('.story .step').nth(1).locator('details');
    await page.keyboard.press('j');
    expect(await reasons.getAttribute('open')).toBe('');
    await page.keyboard.press('Enter');
    expect(await reasons.getAttribute('open')).toBe(null);
    await page.keyboard.press('Enter');
    expect(await reasons.getAttribute('open')).toBe('');
    await page.goto(`${looking.pages.url}/tickets/${looking.scene.compromise}`);
    const button = page.locator('.facts button[data-copy]').first();
    await button.focus();
    await page.keyboard.press('c');
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toBe(await button.getAttribute('data-copy'));
    await page.locator('[data-live-status]', { hasText: 'Copied' }).waitFor({ state: 'attached' });
    await page.locator('h1').click();
    await page.keyboard.press('c');
    await expect
      .poll(() => page.evaluate('navigator.clipboard.readText()'))
      .toBe(`${looking.pages.url}/tickets/${looking.scene.compromise}`);
  });
});
