import type { Browser } from 'playwright-core';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { actByLink, proposeMember } from '../../src/store/membership.ts';
import { addList, addMember, depsOf, linkTo, stateOf } from '../members/stage.ts';
import { startChromium } from '../servers/chromium.ts';
import { dump, type PublicStage, startPublicStage } from './stage.ts';

let stage: PublicStage;
let listId: number;
beforeEach(async () => {
  stage = await startPublicStage();
  ({ listId } = await addList(stage.fresh, { language: 'ja' }));
});
afterEach(() => stage.close());

const until = (check: () => unknown) => vi.waitFor(check, { timeout: 30_000, interval: 50 });
const deps = () => depsOf(stage.fresh, { now: new Date() });
const propose = async (address: string) => {
  expect(await proposeMember(deps(), { listId, address, by: { user: 'alice' } })).toMatchObject({ ok: true });
  await stage.ring();
};
/** The link of the newest mail to an address, once every mail has left. */
async function mailedLink(address: string, page: string): Promise<string> {
  const pattern = new RegExp(`${stage.url}/${page}/\\S+`);
  const find = () => {
    const mail = stage.sink.list().find(({ to, text }) => to.includes(address) && pattern.test(text));
    return pattern.exec(mail?.text ?? '')?.[0];
  };
  await until(() => expect(find()).toBeDefined());
  await until(async () => {
    const { rows } = await stage.fresh.pool.query(`select 1 from effects where state <> 'done'`);
    expect(rows).toEqual([]);
  });
  return find()!;
}
const get = (url: string, headers: Record<string, string> = {}) => fetch(url, { headers });
const post = (url: string, form: Record<string, string>) =>
  fetch(url, { method: 'POST', body: new URLSearchParams(form) });

describe('with a browser', { timeout: 180_000 }, () => {
  let browser: Browser;
  beforeEach(async () => {
    browser = await startChromium();
  });
  afterEach(() => browser.close());

  it('an addition is approved and confirmed by clicks in two mails; looking, even with scripts, changes nothing', async () => {
    await propose('ops@acme.example');
    const approve = await mailedLink('bob@msp.example', 'approve');
    const before = await dump(stage.fresh);
    const context = await browser.newContext({ locale: 'en-GB' });
    const page = await context.newPage();
    const asked: string[] = [];
    page.on('request', (request) => asked.push(request.url()));
    await page.goto(approve, { waitUntil: 'networkidle' });
    await page.evaluate('document.title');
    expect(await page.title()).toBe('May this person receive root mail? · Root mail list');
    // A scanner's browser comes as often as it likes.
    for (let n = 0; n < 3; n++) await page.reload({ waitUntil: 'networkidle' });
    await fetch(approve, { method: 'HEAD' });
    await get(approve, { 'user-agent': 'scanner' });
    expect(await dump(stage.fresh)).toBe(before);
    expect(new Set(asked)).toEqual(new Set([approve]));
    expect(await page.locator('main').innerText()).toMatch(/ops@acme\.example[\s\S]*alice[\s\S]*111122223333/);
    expect(await page.locator('main').innerText()).not.toContain('k3j9x2m4q7w8');

    await page.getByRole('button', { name: 'Agree' }).click();
    await page.getByText('You agreed. The person is asked to confirm.').waitFor();
    const confirm = await mailedLink('ops@acme.example', 'confirm');
    expect(await stateOf(stage.fresh, 'ops@acme.example')).toBe('invited');
    const japanese = await (await browser.newContext({ locale: 'ja-JP' })).newPage();
    await japanese.goto(confirm);
    await japanese.getByRole('button', { name: '登録する' }).click();
    await japanese.getByText('配信先に登録しました。').waitFor();
    expect(await stateOf(stage.fresh, 'ops@acme.example')).toBe('confirmed');

    await japanese.goto(confirm);
    await japanese.getByRole('heading', { name: 'このリンクは使えません' }).waitFor();
    const tokens = [approve, confirm].map((url) => url.split('/').at(-1)!.split('-').slice(1).join('-'));
    const tables = await stage.fresh.pool.query(
      `select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('public', 'bullmq')`,
    );
    const everything = `${await dump(
      stage.fresh,
      tables.rows.map(({ name }) => name),
    )}${stage.logged()}`;
    expect(everything).toContain('ops@acme.example');
    for (const token of tokens) {
      expect(token).toHaveLength(27);
      expect(everything).not.toContain(token);
    }
  });

  it('a member asks for their own link by the form behind List-Unsubscribe, and leaves', async () => {
    await addMember(stage.fresh, listId, 'ops@acme.example');
    await addMember(stage.fresh, listId, 'sec@acme.example');
    const page = await (await browser.newContext({ locale: 'en' })).newPage();
    await page.goto(`${stage.url}/list/${stage.tokens.listToken(listId)}`);
    await page.getByLabel('Address').fill('sec@acme.example');
    await page.getByRole('button', { name: 'Send me the link' }).click();
    await page.getByText('If this address is on the list').waitFor();
    await page.goto(await mailedLink('sec@acme.example', 'manage'));
    await page.getByRole('button', { name: 'Leave the list' }).click();
    await page.getByText('You left the list.').waitFor();
    expect(await stateOf(stage.fresh, 'sec@acme.example')).toBe('removed');
    await mailedLink('sec@acme.example', 'manage');
    expect(stage.sink.list().filter(({ to }) => to.includes('ops@acme.example'))).toHaveLength(1);
  });
});

describe('the pages', () => {
  it('hold what browsers must hold, and are the only ones there', async () => {
    await propose('ops@acme.example');
    const link = await mailedLink('bob@msp.example', 'approve');
    const shown = await get(link);
    expect(shown.status).toBe(200);
    expect(Object.fromEntries(shown.headers)).toMatchObject({
      'referrer-policy': 'no-referrer',
      'cache-control': 'no-store',
      'x-frame-options': 'DENY',
      'content-security-policy': expect.stringMatching(
        /^default-src 'none'; style-src 'sha256-[\w+/=]+'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'$/,
      ),
    });
    // The language of the browser, else of the customer.
    expect(await shown.text()).toContain('<html lang="ja">');
    expect(await (await get(link, { 'accept-language': 'en;q=0.8, ja;q=0.2' })).text()).toContain('<html lang="en">');
    expect(await (await get(link, { 'accept-language': 'fr' })).text()).toContain('<html lang="ja">');
    for (const path of [
      '/',
      '/tickets/1',
      '/api/tickets',
      '/assets/console.css',
      '/approve/',
      '/list/1-x',
      '/metrics',
    ]) {
      const answer = await get(`${stage.url}${path}`);
      expect([path, answer.status]).toEqual([path, 404]);
      expect(answer.headers.get('referrer-policy')).toBe('no-referrer');
    }
    const health = await get(`${stage.url}/healthz`);
    expect([health.status, await health.json()]).toEqual([200, { status: 'ok' }]);
  });

  it('take no token but the right one, for its own page, once, in its time', async () => {
    await propose('ops@acme.example');
    const link = await mailedLink('bob@msp.example', 'approve');
    const id = await linkTo(stage.fresh, 'approve', 'bob@msp.example');
    const other = await linkTo(stage.fresh, 'approve', 'dora@acme.example');
    const token = link.split('/').at(-1)!;
    const before = await dump(stage.fresh);
    for (const url of [
      `${stage.url}/approve/${id}-${'A'.repeat(27)}`,
      `${stage.url}/approve/${other}${token.slice(token.indexOf('-'))}`,
      `${stage.url}/approve/${token}x`,
      `${stage.url}/confirm/${token}`,
      `${stage.url}/list/${token}`,
      `${stage.url}/approve/${stage.tokens.listToken(id)}`,
    ]) {
      expect((await get(url)).status).toBe(404);
      expect((await post(url, { act: 'approve' })).status).toBe(404);
    }
    expect((await post(link, { act: 'confirm' })).status).toBe(410);
    expect((await post(link, { act: 'nonsense' })).status).toBe(400);
    expect((await fetch(link, { method: 'POST', body: '{"act":"approve"}' })).status).toBe(415);
    expect(await dump(stage.fresh)).toBe(before);

    const both = await Promise.all([post(link, { act: 'approve' }), post(link, { act: 'approve' })]);
    expect(both.map(({ status }) => status).toSorted()).toEqual([200, 410]);
    expect((await stage.fresh.pool.query('select 1 from approvals')).rowCount).toBe(1);
    const late = await mailedLink('dora@acme.example', 'approve');
    await stage.fresh.pool.query(`update links set expires_at = now() - interval '1 second' where id = $1`, [other]);
    expect((await post(late, { act: 'refuse' })).status).toBe(410);
    expect(await stateOf(stage.fresh, 'ops@acme.example')).toBe('invited');
  });

  it('refuse the last confirmed member and keep the link for later', async () => {
    await addMember(stage.fresh, listId, 'ops@acme.example');
    await post(`${stage.url}/list/${stage.tokens.listToken(listId)}`, { address: 'ops@acme.example' });
    const link = await mailedLink('ops@acme.example', 'manage');
    expect((await post(link, { act: 'leave' })).status).toBe(409);
    await addMember(stage.fresh, listId, 'sec@acme.example');
    expect((await post(link, { act: 'leave' })).status).toBe(200);
  });

  it('answer the form the same for members and strangers', async () => {
    await addMember(stage.fresh, listId, 'ops@acme.example');
    const form = `${stage.url}/list/${stage.tokens.listToken(listId)}`;
    const shown = await (await get(form)).text();
    expect(shown).not.toMatch(/ACME|111122223333|roots\.example/);
    const answers = [];
    for (const address of ['ops@acme.example', 'stranger@acme.example', 'no address']) {
      const answer = await post(form, { address });
      answers.push([answer.status, await answer.text()]);
    }
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    await mailedLink('ops@acme.example', 'manage');
    expect(stage.sink.list()).toHaveLength(1);
  });

  it('let one visitor act only so often, and others go on', async () => {
    const form = `${stage.url}/list/${stage.tokens.listToken(listId)}`;
    const statuses = [];
    for (let n = 0; n < 7; n++) statuses.push((await post(form, { address: `a${n}@acme.example` })).status);
    expect(statuses).toEqual([200, 200, 200, 200, 200, 429, 429]);
    const refused = await post(form, { address: 'x@acme.example' });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect((await get(form)).status).toBe(200);
  });

  it('note a heartbeat by a click', async () => {
    const member = await addMember(stage.fresh, listId, 'ops@acme.example');
    await stage.fresh.pool.query(
      `insert into links (purpose, member_id, address, created_at, expires_at)
       values ('acknowledge', $1, 'ops@acme.example', now(), now() + interval '1 day')`,
      [member],
    );
    const id = await linkTo(stage.fresh, 'acknowledge', 'ops@acme.example');
    const token = stage.tokens.token({ id, purpose: 'acknowledge', address: 'ops@acme.example' });
    const link = `${stage.url}/acknowledge/${token}`;
    expect((await get(link)).status).toBe(200);
    expect((await post(link, { act: 'acknowledge' })).status).toBe(200);
    const { rows } = await stage.fresh.pool.query('select acknowledged_at from members where id = $1', [member]);
    expect(rows[0].acknowledged_at).toBeInstanceOf(Date);
    expect((await post(link, { act: 'acknowledge' })).status).toBe(410);
    expect(await actByLink(deps(), { linkId: id, act: 'leave' })).toEqual({ ok: false, code: 'link_used' });
  });
});
