import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { everyPage } from './everyPage.ts';
import { type Looking, startLooking } from './inBrowser.ts';

/** WCAG 2.2 AA beyond what axe sees: keys alone, zoom, spacing, colour, forced colours, and every act without script. */
let looking: Looking;
beforeAll(async () => {
  looking = await startLooking();
  pages = await everyPage(looking.fresh, looking.scene);
});
afterAll(() => looking?.close());
const open: Looking['open'] = (options, work) => looking.open(options, work);

let pages: string[];
const paths = () => pages;

/** What Tab should come to, in the order of reading: seen, not turned off, one of a group of which one is in the order. */
const REACHABLE = `[...document.querySelectorAll('a[href], button, input, select, summary, textarea')].filter((one) =>
  one.checkVisibility({ visibilityProperty: true }) && !one.disabled && one.tabIndex >= 0 && !one.closest('[inert]') &&
  !(one.type === 'radio' && !one.checked && document.querySelector('input[name="' + one.name + '"]:checked')))`;

test('by Tab alone: everything that acts is reached in the order of reading, seen, and hidden by nothing', async () => {
  await open({}, async (page) => {
    for (const path of paths()) {
      await page.goto(looking.pages.url + path);
      const all = await page.evaluate<number>(`(window.all = ${REACHABLE}).length`);
      for (let n = 0; n < all; n++) {
        await page.keyboard.press('Tab');
        const fault = await page.evaluate<string | null>(`(() => {
          const one = document.activeElement;
          const name = one.outerHTML.slice(0, 120);
          if (one !== all[${n}]) return 'order: ' + name + ' in the place of ' + all[${n}].outerHTML.slice(0, 120);
          const style = getComputedStyle(one);
          const row = one.closest('tr.row');
          const ringed = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2) ||
            (row && getComputedStyle(row).outlineStyle !== 'none');
          if (!ringed) return 'no ring: ' + name;
          const { left, top, width, height } = one.getBoundingClientRect();
          if (width <= 1 || one.matches('.hidden-go')) return null;
          const at = document.elementFromPoint(left + Math.min(width / 2, 20), top + height / 2);
          return at && (one.contains(at) || at.contains(one) || at.closest('label')?.contains(one)) ? null : 'hidden: ' + name + ' by ' + at?.outerHTML.slice(0, 80);
        })()`);
        expect(fault, path).toBe(null);
      }
      // And on, out of the page: nothing holds the focus.
      await page.keyboard.press('Tab');
      expect(await page.evaluate('document.activeElement === all.at(-1)'), path).toBe(false);
    }
  });
}, 300_000);

const SIDEWAYS = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';
/** Text that is cut off where it does not say so by an ellipsis. */
const CUT = `[...document.querySelectorAll('body *')].filter((one) => {
  const style = getComputedStyle(one);
  if (!one.checkVisibility() || one.closest('.hidden, .hidden-go, svg, iframe, option, select, input') || style.overflow === 'visible') return false;
  if (style.clipPath !== 'none' || style.textOverflow === 'ellipsis' || style.webkitLineClamp !== 'none' || /auto|scroll/.test(style.overflow)) return false;
  return one.scrollWidth > one.clientWidth + 1 || one.scrollHeight > one.clientHeight + 1;
}).map((one) => one.outerHTML.slice(0, 120))`;

describe('nothing is lost', () => {
  test('at 200 % zoom, at 400 % (320 px)', async () => {
    await open({ deviceScaleFactor: 2 }, async (page) => {
      for (const path of paths()) {
        // Zooming is no loading either: the page that is there becomes narrower.
        for (const [width, height] of [
          [720, 450],
          [320, 256],
        ] as const) {
          await page.setViewportSize({ width, height });
          if (width === 720) await page.goto(looking.pages.url + path);
          expect(await page.evaluate<number>(SIDEWAYS), `${path} at ${width}`).toBeLessThanOrEqual(0);
          expect(await page.evaluate(CUT), `${path} at ${width}`).toEqual([]);
        }
      }
    });
  }, 240_000);

  test('with wider spacing of text (1.4.12)', async () => {
    await open({ bypassCSP: true }, async (page) => {
      for (const path of paths()) {
        await page.setViewportSize({ width: 1440, height: 900 });
        await page.goto(looking.pages.url + path);
        await page.addStyleTag({
          content: `* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important; }
            p { margin-bottom: 2em !important; }`,
        });
        for (const width of [1440, 390]) {
          await page.setViewportSize({ width, height: 900 });
          expect(await page.evaluate<number>(SIDEWAYS), `${path} at ${width}`).toBeLessThanOrEqual(0);
          expect(await page.evaluate(CUT), `${path} at ${width}`).toEqual([]);
        }
      }
    });
  }, 240_000);
});

test('in grey the same is said: late, critical, bouncing, held, wrong have a shape or a word, links a line', async () => {
  await open({}, async (page) => {
    await page.goto(looking.pages.url);
    const shapes = await page.evaluate<string[]>(
      `['critical', 'high', 'normal', 'low'].map((one) => document.querySelector('.urgency-' + one + ' svg')?.innerHTML + '|' +
        document.querySelector('.urgency-' + one)?.textContent)`,
    );
    expect(new Set(shapes).size).toBe(4);
    expect(await page.locator('.left-late').first().textContent()).toContain('late');
    expect(await page.locator('.left-late svg').count()).toBeGreaterThan(0);
    for (const path of paths()) {
      await page.goto(looking.pages.url + path);
      const faults = await page.evaluate<string[]>(`(() => {
        const root = getComputedStyle(document.documentElement);
        const colour = (name) => { const probe = document.createElement('i'); probe.style.color = root.getPropertyValue(name);
          document.body.append(probe); const value = getComputedStyle(probe).color; probe.remove(); return value; };
        const signals = [colour('--crit'), colour('--warn')];
        const accent = colour('--accent');
        const faults = [];
        for (const one of document.querySelectorAll('main *, .head *, nav *')) {
          if (!one.checkVisibility() || one.closest('svg')) continue;
          const style = getComputedStyle(one);
          const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.data.trim() !== '');
          // A signal stands on words that say it, or beside a mark.
          if (signals.includes(style.color) && !own && one.querySelector('svg, :scope > *') === null) faults.push('signal: ' + one.outerHTML.slice(0, 100));
          // A signal in the text is bold, too, or has its mark.
          if (signals.includes(style.color) && own && Number(style.fontWeight) < 600 && !one.querySelector('svg') && !one.closest('h2, li, td, p, .urgency')) faults.push('weight: ' + one.outerHTML.slice(0, 100));
          // A link within a sentence is underlined.
          if (one.matches('p a, dd a, li a') && style.color === accent && style.textDecorationLine === 'none' &&
              !one.matches('.button, nav a, .choice a, .panel a, .forms a, .token a')) faults.push('link: ' + one.outerHTML.slice(0, 100));
        }
        return faults;
      })()`);
      expect(faults, path).toEqual([]);
    }
    await page.goto(`${looking.pages.url}/quarantine?mail=${looking.scene.held}`);
    for (const cell of await page.locator('.check-bad').all())
      expect(await cell.textContent()).toContain('does not fit');
    await page.goto(`${looking.pages.url}/mails`);
    for (const outcome of await page.locator('.outcome').all())
      expect((await outcome.textContent())?.trim()).not.toBe('');
  });
}, 120_000);

test('in forced colours marks and focus are there', async () => {
  await open({ forcedColors: 'active' }, async (page) => {
    for (const path of paths()) {
      await page.goto(looking.pages.url + path);
      const faults = await page.evaluate<
        string[]
      >(`[...document.querySelectorAll('main svg.icon, .head svg.icon')].filter((one) => {
        if (!one.checkVisibility()) return false;
        const shape = one.firstElementChild;
        const { stroke, fill } = getComputedStyle(shape);
        const ground = getComputedStyle(document.documentElement).backgroundColor;
        return [stroke, fill].every((paint) => paint === 'none' || paint === ground);
      }).map((one) => one.outerHTML.slice(0, 100))`);
      expect(faults, path).toEqual([]);
      await page.keyboard.press('Tab');
      await page.keyboard.press('Tab');
      expect(await page.evaluate(`getComputedStyle(document.activeElement).outlineStyle`), path).not.toBe('none');
    }
    await page.goto(looking.pages.url);
    await page.locator('.pick').first().check();
    expect(await page.evaluate(`getComputedStyle(document.querySelector('.bulk')).borderTopStyle`)).toBe('solid');
  });
}, 120_000);

test('without script every act is done by a form, answered by a page, and taken back', async () => {
  await open({ javaScriptEnabled: false }, async (page) => {
    const said = (words: RegExp) => expect(page.locator('.status').textContent()).resolves.toMatch(words);
    const undo = async () => {
      await page.locator('.undo').getByRole('button', { name: 'Undo' }).click();
      await said(/Taken back/);
    };
    const ticket = `${looking.pages.url}/tickets/${looking.scene.compromise}`;
    await page.goto(ticket);
    await page.locator('.title-line summary', { hasText: 'State' }).click();
    await page.getByRole('button', { name: 'Wait' }).click();
    await said(/is now waiting/);
    await undo();
    await page.locator('.title-line summary', { hasText: 'Snooze' }).click();
    await page.getByRole('button', { name: /1 hour/ }).click();
    await said(/snoozed until/);
    await undo();
    await page
      .locator('.title-line')
      .getByRole('button', { name: /^Solve/ })
      .click();
    await said(/is now solved/);
    await page.goto(`${looking.pages.url}/history`);
    await page.getByRole('button', { name: 'Undo' }).first().click();
    await said(/Taken back/);
    await page.goto(`${looking.pages.url}/quarantine?mail=${looking.scene.held}`);
    await page.getByRole('button', { name: /^Ordinary mail/ }).click();
    await said(/1 mail released/);
    await undo();
    await page.goto(`${looking.pages.url}/quarantine?mail=${looking.scene.held}`);
    await page.getByRole('button', { name: /^Reject/ }).click();
    await said(/1 mail rejected/);
    await undo();
    await page.goto(`${looking.pages.url}/parked`);
    await page.getByRole('button', { name: /^Try again/ }).click();
    await said(/1 mail is tried again/);
    await page.goto(`${looking.pages.url}/health`);
    await page
      .getByRole('button', { name: /^Try again/ })
      .first()
      .click();
    await said(/An effect is tried again/);
    // Reading: filter, sort, search, next page, forms of a mail.
    await page.goto(looking.pages.url);
    await page.locator('.filters-line summary').click();
    await page.getByLabel('Field').selectOption('customer');
    await page.getByLabel('Value').fill('kumo');
    await page.getByRole('button', { name: 'Add' }).click();
    expect(new URL(page.url()).searchParams.get('q')).toBe('customer:kumo');
    await page.locator('.sort summary').click();
    await page.getByRole('link', { name: 'Changed', exact: true }).click();
    expect(new URL(page.url()).searchParams.get('sort')).toBe('changed');
    await page.locator('.side input[name=q]').fill(String(looking.scene.compromise));
    await page.locator('.side input[name=q]').press('Enter');
    expect(page.url()).toBe(ticket);
    await page.locator('.mail[open] .forms').getByRole('link', { name: 'Headers' }).click();
    expect(await page.locator('.paper-raw').textContent()).toContain('Subject');
  });
}, 120_000);
