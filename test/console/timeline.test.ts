import type { Locator } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Looking, startLooking } from './inBrowser.ts';
import { hours } from './seed.ts';

/** A ticket with more entries than a page holds: the rest is a link away, with and without script, and in the API. */
let looking: Looking;
/** Its mails, oldest first. */
const mails: number[] = [];
let ticket: number;
beforeAll(async () => {
  looking = await startLooking();
  const { seed } = looking.scene;
  const matter = {
    customer: 'hoshizora',
    subject: 'A long matter',
    kind: 'health.issue',
    urgency: 'normal',
    actAt: hours(50),
  } as const;
  ticket = await seed.ticket(matter);
  for (let n = 0; n < 130; n++) {
    const text = n === 40 ? `The fortieth. ${'word '.repeat(2000)}THE END` : `Text ${n}`;
    mails.push(await seed.mail({ ...matter, text, ticket, at: hours(-200 + n), outcome: n === 0 ? 'open' : 'append' }));
  }
});
afterAll(() => looking?.close());

const SHOWN = `[...document.querySelectorAll('.timeline .mail')].map((one) => Number(one.id.slice(5)))`;

test('without script: the newest, what opened the ticket, and links through all the rest', async () => {
  await looking.open({ javaScriptEnabled: false }, async (page) => {
    const follow = async (link: Locator) => {
      await link.click();
      await page.waitForLoadState();
    };
    await page.goto(`${looking.pages.url}/tickets/${ticket}`);
    expect(await page.evaluate(SHOWN)).toEqual([mails[0], ...mails.slice(-50)]);
    expect(await page.locator('.timeline > li').first().textContent()).toContain('opened this ticket');
    expect(await page.getByText('opened this ticket').count()).toBe(1);
    await follow(page.getByRole('link', { name: '79 earlier entries' }));
    expect(await page.evaluate(SHOWN)).toEqual([mails[0], ...mails.slice(30, 80)]);
    expect(await page.getByText('opened this ticket').count()).toBe(1);
    expect(await page.getByRole('link', { name: '50 later entries' }).count()).toBe(1);
    await follow(page.getByRole('link', { name: '29 earlier entries' }));
    // The entry that opened the ticket is in its place again.
    expect(await page.evaluate(SHOWN)).toEqual(mails.slice(0, 30));
    expect(await page.getByRole('link', { name: /earlier/ }).count()).toBe(0);
    await follow(page.getByRole('link', { name: '100 later entries' }));
    expect(await page.evaluate(SHOWN)).toEqual([mails[0], ...mails.slice(30, 80)]);
    // A mail in another form keeps the reader where they are.
    await page.locator(`#mail-${mails[40]} summary`).first().click();
    await follow(page.locator(`#mail-${mails[40]}`).getByRole('link', { name: 'Show all' }));
    expect(await page.evaluate(SHOWN)).toEqual([mails[0], ...mails.slice(30, 80)]);
    expect(await page.locator(`#mail-${mails[40]}`).textContent()).toContain('THE END');
    await follow(page.getByRole('link', { name: 'Newest entries' }));
    expect(await page.evaluate(SHOWN)).toEqual([mails[0], ...mails.slice(-50)]);
    // A mail by its number is found wherever it stands.
    await page.goto(`${looking.pages.url}/tickets/${ticket}?mail=${mails[10]}&form=text`);
    expect(await page.locator(`#mail-${mails[10]}`).getAttribute('open')).not.toBeNull();
    // What is no entry of this ticket is the newest.
    await page.goto(`${looking.pages.url}/tickets/${ticket}?upto=1`);
    expect(await page.evaluate(SHOWN)).toEqual([mails[0], ...mails.slice(-50)]);
  });
});

test('with script: earlier ones come above what is read, which stays where it is', async () => {
  await looking.open({}, async (page) => {
    await page.goto(`${looking.pages.url}/tickets/${ticket}`);
    const link = page.getByRole('link', { name: '79 earlier entries' });
    await link.focus();
    const top = `document.querySelector('#mail-${mails[80]}').getBoundingClientRect().top`;
    const before = await page.evaluate<number>(top);
    await page.keyboard.press('Enter');
    await page.getByRole('link', { name: '29 earlier entries' }).waitFor();
    expect(Math.abs((await page.evaluate<number>(top)) - before)).toBeLessThan(2);
    expect(await page.evaluate(SHOWN)).toEqual([mails[0], ...mails.slice(30)]);
    expect(await page.evaluate('document.activeElement.textContent')).toBe('29 earlier entries');
    await page.keyboard.press('Enter');
    await page.locator('.timeline .gap').waitFor({ state: 'detached' });
    expect(await page.evaluate(SHOWN)).toEqual(mails);
    expect(await page.locator('.timeline .gap').count()).toBe(0);
    // The focus is on what came, not lost.
    expect(await page.evaluate(`document.activeElement.closest('.timeline') !== null`)).toBe(true);
  });
});

test('the API has all of it, a page at a time', async () => {
  const all = async (path: string) => {
    const ids: number[] = [];
    for (let after = ''; ; ) {
      const answer = await fetch(`${looking.pages.url}/api/v1${path}limit=40${after}`);
      expect(answer.status).toBe(200);
      const { items, next } = (await answer.json()) as { items: { id: number; mail?: number }[]; next: string | null };
      ids.push(...items.map(({ id, mail }) => mail ?? id));
      if (next === null) return ids;
      after = `&after=${next}`;
    }
  };
  expect(await all(`/tickets/${ticket}/timeline?`)).toEqual(mails.toReversed());
  expect(await all(`/mails?ticket=${ticket}&`)).toEqual(mails.toReversed());
  expect((await fetch(`${looking.pages.url}/api/v1/tickets/987654/timeline`)).status).toBe(404);
});
