import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type NoticeView, noticeView } from '../../src/act/noticeView.ts';
import { loadTemplates } from '../../src/act/templates.ts';
import type { NoticeTicket } from '../../src/store/noticeTicket.ts';

const SHIPPED = 'templates';
let folder: string;
let logged: { level: number; msg: string; file?: string }[];
const log = pino({ level: 'info' }, { write: (line: string) => void logged.push(JSON.parse(line)) });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'rd-templates-'));
  mkdirSync(join(folder, 'mail'));
  logged = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const ticket: NoticeTicket = {
  id: 7,
  subject: 'Account suspended',
  kind: 'account.suspended',
  urgency: 'critical',
  actionRequired: true,
  deadline: { date: '2026-12-01', at: null, sort: 'respond' },
  state: 'open',
  secretLevel: 'none',
  customer: 'Acme',
  slug: 'acme',
  language: 'en',
  incident: null,
  facts: { accountIds: [{ value: '012345678901', where: 'body 3' }], regions: [], resources: [], links: [] } as never,
};
const view = (changes: Partial<NoticeTicket> = {}): NoticeView =>
  noticeView({ ...ticket, ...changes }, 'https://desk.example/', false);
const own = (name: string, text: string) => writeFileSync(join(folder, 'mail', name), text);
const load = () => loadTemplates({ templatesDir: folder, shippedDir: SHIPPED, log });
const render = (changes: Partial<NoticeTicket> = {}, language = 'en') => load().urgentTicket(view(changes), language);

describe('the shipped notice of an urgent ticket', () => {
  it('says what, who, when and where, in English', () => {
    const notice = render();
    expect(notice.subject).toBe('[CRITICAL] Acme: Account suspended (due 2026-12-01)');
    expect(notice.text).toContain('Customer:  Acme\n');
    expect(notice.text).toContain('Account:   012345678901\n');
    expect(notice.text).toContain('Due:       2026-12-01\n');
    expect(notice.text).toContain('Ticket 7: https://desk.example/tickets/7\n');
    expect(notice.text).not.toContain('Region:');
    expect(notice.text).not.toMatch(/\n{3}/);
    expect(notice.html).toContain('href="https://desk.example/tickets/7"');
    expect(logged).toEqual([]);
  });

  it('names the incident over several customers, with its page where it is known, and no customer of it', () => {
    const incident = { id: 31, customers: 12 };
    expect(render().text).not.toContain('Incident');
    expect(render({ incident }).text).toContain('Incident:  31, 12 customers: https://desk.example/incidents/31\n');
    expect(render({ incident }).html).toContain('href="https://desk.example/incidents/31"');
    expect(render({ incident }, 'ja').text).toContain(
      'インシデント: 31(お客様 12 社) https://desk.example/incidents/31\n',
    );
    const bare = load().urgentTicket(noticeView({ ...ticket, incident }, null, false), 'en');
    expect(bare.text).toContain('Incident:  31, 12 customers\n');
    expect(bare.html).not.toContain('incidents/31');
    expect(logged).toEqual([]);
  });

  it('and in Japanese; another language falls back to English', () => {
    const notice = render({}, 'ja');
    expect(notice.subject).toBe('[緊急] Acme: Account suspended(期限 2026-12-01)');
    expect(notice.text).toContain('お客様: Acme\n');
    expect(notice.html).toContain('<html lang="ja">');
    expect(render({}, 'ko').subject).toContain('[CRITICAL]');
  });

  it('tells that a secret was taken out, and works without facts, deadline or link', () => {
    expect(render({ secretLevel: 'sealed' }).text).toContain('It is in no ticket and in no notice.');
    const bare = loadTemplates({ templatesDir: null, shippedDir: SHIPPED, log });
    const notice = bare.urgentTicket(noticeView({ ...ticket, facts: null, deadline: null }, null, false), 'en');
    expect(notice.subject).toBe('[CRITICAL] Acme: Account suspended');
    expect(notice.html).not.toContain('href');
  });

  it('escapes for HTML and lets no value make a line or a header', () => {
    const subject = 'x\r\nBcc: eve@evil.example\u2028<img src=x onerror=alert(1)>"\'\u202egnp.exe\0\u0085';
    const notice = render({ subject, customer: '<script>&' });
    expect(notice.subject).not.toMatch(/[\r\n\u2028\u0085\0\u202e]/);
    expect(notice.html).not.toMatch(/<img|<script/);
    expect(notice.html).toContain('&lt;script&gt;&amp;');
    expect(notice.text).not.toMatch(/\nBcc:/);
  });

  it('stays short whatever the ticket holds', () => {
    const many = Array.from({ length: 5000 }, (_, n) => ({ value: `arn:${n}`.padEnd(2000, 'x'), where: 'body' }));
    const notice = render({ subject: '件'.repeat(5000), facts: { resources: many, links: [] } as never });
    expect(notice.subject.length).toBeLessThanOrEqual(250);
    expect(notice.text.length).toBeLessThan(10_000);
  });
});

describe("an operator's own templates", () => {
  it('go before the shipped ones, file by file, and may include each other and the shipped ones', () => {
    own(
      'urgent-ticket.en.text.liquid',
      `{% render 'greeting.liquid' %}{{ ticket.id }} {% include 'urgent-ticket.en.subject.liquid' %}`,
    );
    own('greeting.liquid', 'Hello ');
    const notice = render();
    expect(notice.text).toContain('Hello 7 [CRITICAL] Acme');
    expect(notice.subject).toContain('[CRITICAL]');
    expect(load().problems).toEqual([]);
  });

  it.each([
    ['a mistake', '{% if %}'],
    ['an unknown filter', '{{ ticket.subject | nope }}'],
    ['an unescaped value', '{{ ticket.subject | raw }}'],
    ['a file outside', `{% include '../../package.json' %}`],
    ['an absolute file', `{% render '/etc/passwd' %}`],
    ['no end', '{% for i in (1..100000000) %}{% for j in (1..1000) %}{{ j }}{% endfor %}{% endfor %}'],
    [
      'too much memory',
      '{% assign a = "xxxxxxxxxx" %}{% for i in (1..60) %}{% assign a = a | append: a %}{% endfor %}{{ a }}',
    ],
    ['an endless include', `{% include 'urgent-ticket.en.html.liquid' %}`],
    ['nothing', '  \n'],
    ['too many characters', 'x'.repeat(70_000)],
  ])('with %s are replaced by the shipped ones, with an alert', (_what, text) => {
    own('urgent-ticket.en.html.liquid', text);
    const start = performance.now();
    const templates = load();
    expect(performance.now() - start).toBeLessThan(8000);
    expect(templates.problems.map((problem) => problem.file)).toEqual(['urgent-ticket.en.html.liquid']);
    expect(logged.filter((line) => line.level === 50 && line.msg.startsWith('ALERT')).length).toBeGreaterThan(0);
    const notice = templates.urgentTicket(view(), 'en');
    expect(notice.html).toContain('Open ticket 7');
    expect(notice.html).not.toContain('root:');
  });

  it('cannot put a line break into the subject', () => {
    own('urgent-ticket.en.subject.liquid', 'one\r\nBcc: eve@evil.example\n\n{{ ticket.id }}\n');
    expect(render().subject).toBe('one Bcc: eve@evil.example 7');
  });

  it('see nothing but the redacted ticket', () => {
    own(
      'urgent-ticket.en.text.liquid',
      '{{ settings }}{{ process }}{{ ticket.constructor }}{{ ticket.__proto__ }}{{ ticket.facts.constructor.name }}{{ ticket.text }}|',
    );
    expect(render().text.trim()).toBe('|');
  });

  it('fall back when they fail for one ticket only', () => {
    own(
      'urgent-ticket.en.text.liquid',
      `{% if ticket.id == 7 %}{% for i in (1..9999999) %}{{ i }}{% endfor %}{% endif %}fine`,
    );
    const templates = load();
    expect(templates.problems).toEqual([]);
    expect(templates.urgentTicket(view(), 'en').text).toContain('Customer:  Acme');
    expect(templates.problems.length).toBe(1);
  });

  it('are not read through a link', () => {
    writeFileSync(join(folder, 'secret'), 'TOP SECRET');
    symlinkSync(join(folder, 'secret'), join(folder, 'mail', 'urgent-ticket.en.text.liquid'));
    const templates = load();
    expect(templates.urgentTicket(view(), 'en').text).not.toContain('TOP SECRET');
    expect(templates.problems.map((problem) => problem.file)).toEqual(['urgent-ticket.en.text.liquid']);
  });

  it('may be missing in a folder that is there; a folder that is not is a mistake', () => {
    rmSync(join(folder, 'mail'), { recursive: true });
    expect(load().problems).toEqual([]);
    const absent = loadTemplates({ templatesDir: join(folder, 'absent'), shippedDir: SHIPPED, log });
    expect(absent.problems).toEqual([{ file: 'mail/', error: expect.stringContaining('ENOENT') }]);
    expect(absent.urgentTicket(view(), 'en').text).toContain('Acme');
  });
});

describe('a broken release', () => {
  it('does not start', () => {
    expect(() => loadTemplates({ templatesDir: null, shippedDir: folder, log })).toThrow(/urgent-ticket/);
  });
});
