import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startChromium } from '../servers/chromium.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { hours, Seed } from './seed.ts';
import { startTestConsole } from './startTestConsole.ts';

let fresh: FreshDatabase;
let started: Awaited<ReturnType<typeof startTestConsole>>;
let browser: Browser;
const paths: string[] = [
  '/',
  '/?q=state:waiting',
  '/history',
  '/quarantine',
  '/parked',
  '/mails',
  '/health',
  '/customers',
  '/customers/tidewater',
  '/sink',
];

/** What a stranger may write into any field of a mail. Each would set `window.ran` or ask another host for something. */
const EVIL = [
  '<script>window.ran=1</script>',
  '"><script>window.ran=1</script>',
  `'"><img src="http://127.0.0.1:9/x" onerror="window.ran=1">`,
  '<svg onload=window.ran=1>',
  '</title></textarea></style><script>window.ran=1</script>',
  'javascript:window.ran=1',
  '" autofocus onfocus=window.ran=1 x="',
  '<iframe srcdoc="<script>parent.ran=1</script>"></iframe>',
  '<a href="javascript:window.ran=1">x</a>',
  '<meta http-equiv="refresh" content="0;url=http://127.0.0.1:9/">',
  '<link rel=stylesheet href=http://127.0.0.1:9/x.css>',
  '$'.concat('{window.ran=1} {{7*7}} <%= 7*7 %>'),
  '\u202e<script>window.ran=1</script>\u2066',
  '[link, sealed<script>window.ran=1</script>]',
  '<base href="http://127.0.0.1:9/"><form action="http://127.0.0.1:9/"><button>Solve</button></form>',
];

beforeAll(async () => {
  fresh = await freshDatabase();
  const seed = new Seed(fresh);
  await seed.customer('tidewater', `Tidewater ${EVIL[1]}`, '111122223333');
  for (const [index, evil] of EVIL.entries()) {
    const mail = {
      customer: 'tidewater' as const,
      subject: evil,
      text: EVIL.join('\n'),
      sender: `${evil}@attacker.example`,
      senderName: evil,
      kind: `evil.${evil}`,
      rule: evil,
      messageId: evil,
      helo: evil,
      nextSteps: [evil],
      ticketBody: evil,
      error: evil,
      secrets: { count: 1, kinds: [evil], level: index % 2 === 0 ? ('masked' as const) : ('sealed' as const) },
      reasons: [{ code: evil, text: evil }],
      headers: [
        { name: evil, value: evil },
        { name: 'From', value: evil },
        { name: 'Reply-To', value: evil },
      ],
      attachments: [{ name: evil, type: evil, size: 1 }],
      auth: {
        state: 'final',
        by: 'us',
        authservId: evil,
        signatures: [
          { domain: evil, selector: evil, result: 'pass', signs: [evil, 'from'], identity: evil, defect: evil },
        ],
        spf: { result: evil, domain: evil },
        dmarc: { result: evil, domain: evil, policy: evil },
        ignored: [{ name: evil, why: evil }],
      },
      facts: {
        accountIds: [{ value: evil, where: evil }],
        service: { value: evil, where: evil },
        amount: { value: { amount: evil, currency: evil }, where: evil },
        links: [
          { text: evil, href: evil, where: evil },
          { text: 'x', href: 'javascript:window.ran=1', where: 'link' },
        ],
      },
    };
    const ticket = await seed.ticket({
      customer: 'tidewater',
      subject: evil,
      kind: mail.kind,
      urgency: 'high',
      actAt: hours(index),
    });
    const { id: customer } = seed.customers.get('tidewater') as { id: number };
    await fresh.pool.query(
      `insert into entries (ticket_id, customer_id, type, at, actor, body) values ($1, $2, 'note', now(), $3, $4), ($1, $2, 'change', now(), $3, $5)`,
      [
        ticket,
        customer,
        evil,
        JSON.stringify({ text: evil }),
        JSON.stringify({ changes: [{ field: evil, from: evil, to: evil }] }),
      ],
    );
    await fresh.pool.query(
      `insert into effects (type, key, ticket_id, customer_id, order_key, payload, state, due_at, attempts) values ($1, $2, $3, $4, 'x', '{}', 'parked', now(), $5)`,
      [
        evil,
        `x:${index}`,
        ticket,
        customer,
        JSON.stringify([{ at: evil, ok: false, code: evil, text: evil, unclear: false }]),
      ],
    );
    await fresh.pool.query('insert into mailboxes (name, state, last_error) values ($1, $1, $1)', [evil]);
    paths.push(`/tickets/${ticket}`, `/mails/${await seed.mail({ ...mail, ticket })}`);
    const held = await seed.mail({ ...mail, outcome: 'quarantine', verdict: 'pretends' });
    const parked = await seed.mail({ ...mail, outcome: 'parked' });
    // The same fields stand on these pages as on the story: a third of the texts is enough for each.
    if (index % 3 === 0) paths.push(`/quarantine?mail=${held}`, `/mails/${parked}`);
    if (index % 3 === 1) paths.push(`/parked?mail=${parked}`, `/mails?customer=${encodeURIComponent(evil)}`);
    if (index % 3 === 2) paths.push(`/?q=${encodeURIComponent(evil)}`, `/${encodeURIComponent(evil)}`);
  }
  started = await startTestConsole(fresh, {
    demo: true,
    sink: {
      list: () => EVIL.map((evil) => ({ at: '2026-11-23T10:00:00Z', from: evil, to: evil, subject: evil, text: evil })),
    },
    listeners: () =>
      EVIL.map((evil) => ({ name: evil, how: evil, address: evil, state: evil, lastSuccessAt: null, detail: evil })),
  });
  browser = await startChromium();
});
afterAll(async () => {
  await browser?.close();
  await started?.close();
  await fresh?.drop();
});

test('what strangers wrote runs nowhere and loads nothing', async () => {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 } });
  const page = await context.newPage();
  const foreign: string[] = [];
  page.on('request', (request) => {
    if (!request.url().startsWith(`${started.url}/`)) foreign.push(request.url());
  });
  const refused: string[] = [];
  page.on('console', (message) => {
    // A policy that had to step in means that something was written as markup.
    if (/Content Security Policy|Refused to/i.test(message.text())) refused.push(message.text());
  });
  for (const path of paths) {
    const answer = await page.goto(started.url + path);
    expect(answer?.status(), path).toBeLessThan(500);
    const faults = await page.evaluate<unknown>(`({
      ran: window.ran,
      markup: document.querySelectorAll('script:not([src="/assets/console.js"]), iframe, img, object, embed, base, meta[http-equiv], [onload], [onerror], [onfocus], [style]').length,
      links: [...document.querySelectorAll('a[href], form[action]')].map((one) => one.getAttribute('href') ?? one.getAttribute('action')).filter((to) => !/^[/#?]/.test(to) || to.startsWith('//')),
    })`);
    expect(faults, path).toEqual({ ran: undefined, markup: 0, links: [] });
  }
  expect(foreign).toEqual([]);
  expect(refused).toEqual([]);
  await context.close();
}, 240_000);
