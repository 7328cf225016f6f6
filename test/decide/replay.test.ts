import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { DecidingDeps } from '../../src/decide/deciding.ts';
import { type KindFiles, readKindFiles } from '../../src/lib/kindFiles.ts';
import { loadSettings } from '../../src/settings.ts';
import { changeTicketState } from '../../src/store/acts/changeState.ts';
import { rejectMail } from '../../src/store/acts/reviewMail.ts';
import { snoozeTicket } from '../../src/store/acts/snoozeTicket.ts';
import { verifyAudit } from '../../src/store/audit.ts';
import { sumCounters } from '../../src/store/counters.ts';
import { indexSearch } from '../../src/store/indexSearch.ts';
import { TOMBSTONE } from '../../src/store/writeReplay.ts';
import { caseMail, type Desk, openDesk, PROVEN } from './desk.ts';
import { everything, type Replaying, replayWith } from './replaying.ts';

/** Mail that was decided by other rules than today's, replayed by today's: real workers, keys and PostgreSQL. */
let desk: Desk;
beforeEach(async () => {
  desk = await openDesk();
});
afterEach(() => desk.close());

const TODAY = readKindFiles('config', 'templates');
const CASE = '176508697500328';
const by = (at = new Date()) => ({ actor: 'aiko@fde.example', at });
const settings = loadSettings({
  file: '/dev/null',
  env: {},
  overrides: {
    'notify.webhookUrl': 'https://hook.example/',
    'notify.webhookSecret': 'told-to-nobody-but-the-receiver',
  },
});

/** The rules with one kind changed; null: without it. */
function rulesWith(kind: string, change: Record<string, unknown> | null): KindFiles {
  const files = TODAY.files
    .filter(({ name }) => change !== null || !name.endsWith(`/${kind}.yaml`))
    .map((file) =>
      file.name === `kinds/${kind}.yaml` ? { ...file, data: { ...(file.data as object), ...change } } : file,
    );
  return { ...TODAY, files };
}

const rows = async (text: string, values: unknown[] = []) => (await desk.pool.query(text, values)).rows;
async function decideWith(kinds: KindFiles, more: Partial<DecidingDeps> = {}): Promise<void> {
  const running = await desk.start({ kinds, ...more });
  await desk.settled();
  await running.close();
}
const replayed = (kinds = TODAY, options: Replaying = {}) => replayWith(desk, kinds, options);
const keepCase = (minute: number, text: string, more: { subject?: string; caseId?: string } = {}) =>
  desk.keep(caseMail({ caseId: CASE, minute, text, ...more }));
const mail = (from: string, subject: string, text: string, minute = 0) =>
  [
    `From: ${from}`,
    'To: kumo-7f3k@roots.example',
    `Subject: ${subject}`,
    `Date: Fri, 20 Nov 2026 10:${String(minute).padStart(2, '0')}:00 +0000`,
    `Message-ID: <${subject.length}.${minute}@amazon.com>`,
    '',
    text,
  ].join('\r\n');
const budget = (name: string, minute: number) =>
  mail(
    'AWS Budgets <budgets@costalerts.amazonaws.com>',
    `AWS Budgets: ${name} has exceeded your alert threshold`,
    `Account 111111111111\r\nBudget Name: ${name}\r\nBudgeted Amount: $100.00\r\nAlert Type: ACTUAL\r\nACTUAL Amount: $85.12`,
    minute,
  );
const issue = (minute = 0) =>
  mail(
    'AWS Health <health@aws.com>',
    'AWS Health Event: Operational issue - Amazon EC2 (N. Virginia)',
    `AWS Health Event\r\nIncreased API Error Rates in the us-east-1 Region\r\nWe are investigating increased error rates. Update ${minute}.`,
    minute,
  );
const COSTS = PROVEN('costalerts.amazonaws.com');

describe('replay', () => {
  it('says in a dry run what it would do, changes nothing then, does it, and a second time finds nothing to do', async () => {
    for (const minute of [0, 1, 2]) await desk.keep(issue(minute * 20), { auth: PROVEN('aws.com') });
    await keepCase(5, 'Could you please send the logs?');
    await decideWith(rulesWith('health.issue', { urgency: 'low', urgencyWhen: [] }));
    const before = await everything(desk.pool);
    const dry = await replayed(TODAY, { dry: true });
    expect(await everything(desk.pool)).toBe(before);
    expect(dry.report).toMatchObject({ 'urgency:low>high': 3, changed: 3, unchanged: 1 });
    const real = await replayed();
    expect(real.report).toEqual(dry.report);
    expect(await rows('select urgency from tickets where kind = $1', ['health.issue'])).toEqual([{ urgency: 'high' }]);
    const after = await everything(desk.pool);
    expect((await replayed()).report).toEqual({ unchanged: 4 });
    expect(await everything(desk.pool)).toBe(after);
    expect(await verifyAudit(desk.db, 1)).toMatchObject({ ok: true });
  });

  it('changes a ticket once, however many of its mails change, and says so in its history', async () => {
    for (const minute of [0, 20, 40]) await desk.keep(issue(minute), { auth: PROVEN('aws.com') });
    await decideWith(rulesWith('health.issue', { urgency: 'low', urgencyWhen: [] }));
    await replayed();
    const entries = await rows(`select actor, body from entries where type = 'change' and body ? 'replay'`);
    expect(entries).toEqual([
      {
        actor: 'rootdesk',
        body: expect.objectContaining({ changes: [{ field: 'urgency', from: expect.any(String), to: 'high' }] }),
      },
    ]);
    expect(await rows(`select count(*)::int as n from entries where type = 'mail'`)).toEqual([{ n: 3 }]);
  });

  it('tells people of a mail that is newly understood as urgent, and never of the same ticket twice', async () => {
    await desk.keep(issue(), { auth: PROVEN('aws.com') });
    await decideWith(rulesWith('health.issue', { urgency: 'low', urgencyWhen: [] }), { settings });
    expect(await rows('select key from effects')).toEqual([]);
    const urgent = rulesWith('health.issue', { urgency: 'critical', urgencyWhen: [] });
    expect((await replayed(urgent, { settings, dry: true })).report).toMatchObject({ 'notice:notify.webhook': 1 });
    const { report, rung } = await replayed(urgent, { settings });
    expect(report).toMatchObject({ 'notice:notify.webhook': 1 });
    expect(rung).toEqual(['act']);
    expect(await rows('select type, key, state from effects')).toEqual([
      { type: 'notify.webhook', key: 'notify.webhook:ticket:1', state: 'due' },
    ]);
    await replayed(rulesWith('health.issue', { urgency: 'low', urgencyWhen: [] }), { settings });
    expect((await replayed(urgent, { settings })).report['notice:notify.webhook']).toBeUndefined();
    expect(await rows('select count(*)::int as n from effects')).toEqual([{ n: 1 }]);
    expect(await rows('select count(*)::int as n from deliveries')).toEqual([{ n: 0 }]);
  });

  it('writes a ticket anew that earlier rules summed up otherwise, though no mail of it reads otherwise', async () => {
    for (const minute of [0, 20]) await desk.keep(issue(minute), { auth: PROVEN('aws.com') });
    await keepCase(5, 'Could you please send the logs?');
    await decideWith(TODAY, { settings });
    const [meant] = await rows('select * from tickets where id = 1');
    await desk.pool.query('delete from effects');
    // As a fold of another day wrote it; a person has it in hand.
    await changeTicketState(desk.db, { id: 1, version: meant.version, to: 'waiting', ...by() });
    await desk.pool.query(
      `update tickets set urgency = 'low', subject = 'Another', act_at = act_at + interval '9 days',
              deadline = '{"date": "2027-01-01", "at": null, "sort": "respond"}' where id = 1`,
    );
    const before = await everything(desk.pool);
    const dry = await replayed(TODAY, { dry: true, settings });
    expect(dry.report).toEqual({ unchanged: 3, 'ticket:refolded': 1, 'notice:notify.webhook': 1 });
    expect(await everything(desk.pool)).toBe(before);
    const real = await replayed(TODAY, { settings });
    expect(real.report).toEqual(dry.report);
    const { urgency, subject, deadline, act_at } = meant;
    const [now] = await rows('select * from tickets where id = 1');
    expect(now).toMatchObject({ urgency, subject, deadline, act_at, state: 'waiting', mails: 2 });
    const [entry] = await rows(`select body from entries where type = 'change' and body ? 'replay'`);
    expect(entry.body.changes.map(({ field }: { field: string }) => field)).toEqual(['subject', 'urgency', 'deadline']);
    const after = await everything(desk.pool);
    expect((await replayed(TODAY, { settings })).report).toEqual({ unchanged: 3 });
    expect(await everything(desk.pool)).toBe(after);
  });

  it('sets the state of a ticket by what its mails sum up to today, where no person set it', async () => {
    for (const caseId of [CASE, '176508697500329']) {
      await keepCase(0, 'Could you please send the logs?', { caseId });
      await keepCase(5, 'This case has been resolved. Please contact us again if you need further assistance.', {
        caseId,
      });
    }
    await decideWith(TODAY);
    const meant = await rows('select id, state, solved_at, version from tickets order by id');
    expect(meant.map(({ state }) => state)).toEqual(['solved', 'solved']);
    // As a fold of another day left both; a person opened the second one.
    await desk.pool.query(`update tickets set state = 'open', solved_at = null where id = 1`);
    await changeTicketState(desk.db, { id: 2, version: meant[1].version, to: 'open', ...by() });
    const { report } = await replayed(TODAY, { dry: true });
    expect(report).toEqual({ unchanged: 4, 'ticket:refolded': 1, 'ticket:open>solved': 1 });
    expect((await replayed()).report).toEqual(report);
    const { state, solved_at } = meant[0];
    expect(await rows('select state, solved_at from tickets order by id')).toEqual([
      { state, solved_at },
      { state: 'open', solved_at: null },
    ]);
    expect((await replayed()).report).toEqual({ unchanged: 4 });
  });

  it('moves mail of one matter together that was apart, and leaves the empty ticket pointing at the other', async () => {
    // Without the budget kind each subject is a matter of its own.
    await desk.keep(budget('Team Blue', 0), { auth: COSTS });
    await desk.keep(budget('Team Blue', 30).replace(' has exceeded', ' exceeded'), { auth: COSTS });
    await decideWith(rulesWith('billing.budget_alert', null));
    expect(await rows('select kind, state from tickets')).toHaveLength(2);
    const dry = await replayed(TODAY, { dry: true });
    const { report } = await replayed();
    expect(report).toEqual(dry.report);
    expect(report).toMatchObject({ 'kind:aws.other>billing.budget_alert': 2, 'thread:moved': 1, 'ticket:emptied': 1 });
    expect(await rows('select id, state, mails, merged_into, thread_key from tickets order by id')).toEqual([
      { id: 1, state: 'open', mails: 2, merged_into: null, thread_key: 'budget:111111111111:team blue:2026-11' },
      expect.objectContaining({ id: 2, state: 'solved', mails: 0, merged_into: 1 }),
    ]);
    expect(await rows(`select ticket_id, body from entries where type = 'moved'`)).toEqual([
      { ticket_id: 2, body: { mailId: 2, to: 1, outcome: expect.any(String) } },
    ]);
    expect(await rows('select distinct ticket_id from thread_keys')).toEqual([{ ticket_id: 1 }]);
    // Later mail goes to the one that is left.
    await desk.keep(budget('Team Blue', 50), { auth: COSTS });
    await decideWith(TODAY);
    expect(await rows('select distinct ticket_id from mails')).toEqual([{ ticket_id: 1 }]);
    expect((await replayed()).report).toEqual({ unchanged: 3 });
  });

  it('parts matters that were one, with the first mail keeping the ticket, and links them', async () => {
    const lumped = rulesWith('billing.budget_alert', { threadKey: [{ as: 'budgets', of: ['account', 'month'] }] });
    for (const [n, name] of ['Blue', 'Red', 'Red', 'Blue'].entries())
      await desk.keep(budget(name, n * 15), { auth: COSTS });
    await decideWith(lumped);
    expect(await rows('select mails from tickets')).toEqual([{ mails: 4 }]);
    const dry = await replayed(TODAY, { dry: true });
    const { report } = await replayed();
    expect(report).toEqual(dry.report);
    expect(report).toMatchObject({ 'thread:split': 1, 'thread:moved': 1, 'thread:renamed': 2 });
    expect(await rows('select id, mails, thread_key from tickets order by id')).toEqual([
      { id: 1, mails: 2, thread_key: 'budget:111111111111:blue:2026-11' },
      { id: 2, mails: 2, thread_key: 'budget:111111111111:red:2026-11' },
    ]);
    expect(await rows('select ticket_id, other_id, how from ticket_links')).toEqual([
      { ticket_id: 1, other_id: 2, how: 'joins' },
    ]);
    expect((await replayed()).report).toEqual({ unchanged: 4 });
    expect(await sumCounters(desk.db, 'mails.')).toEqual(await countedOutcomes());
  });

  it('takes mail off a ticket that needs none today, and puts dropped mail on one', async () => {
    const ready = mail(
      'Amazon Web Services <no-reply-aws@amazon.com>',
      'Your AWS Account is Ready - Get Started Now',
      'Your account is ready. Get started now with these tutorials.',
    );
    await desk.keep(ready);
    await keepCase(0, 'Could you please send the logs?');
    const other = { ...rulesWith('account.ready', { disposition: 'ticket', rule: undefined }) };
    const both = {
      ...other,
      files: other.files.map((file) =>
        file.name === 'kinds/support.case_reply.yaml'
          ? { ...file, data: { ...(file.data as object), disposition: 'drop', rule: 'drop.cases' } }
          : file,
      ),
    };
    await decideWith(both);
    expect(await rows('select outcome from mails order by id')).toEqual([{ outcome: 'open' }, { outcome: 'drop' }]);
    const { report } = await replayed();
    expect(report).toMatchObject({
      'outcome:open>drop': 1,
      'outcome:drop>open': 1,
      'thread:left': 1,
      'thread:opened': 1,
    });
    expect(await rows('select outcome, rule, ticket_id from mails order by id')).toEqual([
      { outcome: 'drop', rule: 'drop.account_ready', ticket_id: null },
      { outcome: 'open', rule: null, ticket_id: 2 },
    ]);
    expect(await rows('select id, state from tickets order by id')).toEqual([
      { id: 1, state: 'solved' },
      { id: 2, state: 'open' },
    ]);
    expect((await replayed()).report).toEqual({ unchanged: 2 });
    expect(await sumCounters(desk.db, 'mails.')).toEqual(await countedOutcomes());
  });

  it('keeps what people did: a state that they set, a snooze, a mail that they rejected', async () => {
    for (const caseId of ['17650869750', '17650869751', '17650869752'])
      await desk.keep(caseMail({ caseId, minute: 0, text: 'We wait for your answer.' }));
    const lure = await desk.keep(issue().replace('health@aws.com', 'health@aws-alerts.example'), {
      auth: PROVEN('aws-alerts.example'),
    });
    await decideWith(rulesWith('support.case_reply', { urgency: 'low' }));
    const until = new Date(Date.now() + 86_400_000);
    await changeTicketState(desk.db, { id: 1, version: 1, to: 'solved', ...by() });
    await changeTicketState(desk.db, { id: 2, version: 1, to: 'waiting', ...by() });
    await snoozeTicket(desk.db, { id: 3, version: 1, until, ...by() });
    const [held] = await rows('select outcome, rule from mails where id = $1', [lure]);
    expect(held.outcome).toBe('quarantine');
    await rejectMail(desk.db, { id: lure, alike: false, ...by() });
    const { report } = await replayed();
    expect(report).toMatchObject({ 'urgency:low>normal': 3, unchanged: 1 });
    expect(await rows('select state, snoozed_until, urgency from tickets order by id')).toEqual([
      { state: 'solved', snoozed_until: null, urgency: 'normal' },
      { state: 'waiting', snoozed_until: null, urgency: 'normal' },
      { state: 'open', snoozed_until: until, urgency: 'normal' },
    ]);
    expect(await rows('select outcome, rule, review from mails where id = $1', [lure])).toEqual([
      { ...held, review: 'rejected' },
    ]);
    // Before a replay and after it, an act names the version that its actor saw.
    expect(await changeTicketState(desk.db, { id: 2, version: 2, to: 'solved', ...by() })).toMatchObject({
      result: 'stale',
    });
  });

  it('runs over the mails that are asked for alone', async () => {
    await keepCase(0, 'We wait for your answer.');
    await desk.keep(caseMail({ caseId: CASE, minute: 0, text: 'Hello' }), { customerId: 2 });
    await desk.keep(issue(), { auth: PROVEN('aws.com') });
    await decideWith(TODAY);
    const counted = async (filter: Replaying['filter']) => (await replayed(TODAY, { filter })).total;
    expect(await counted({ customers: ['acme'] })).toBe(1);
    expect(await counted({ kinds: ['support'] })).toBe(2);
    expect(await counted({ kinds: ['health.issue'], customers: ['kumo'] })).toBe(1);
    expect(await counted({ since: new Date(Date.now() + 60_000).toISOString() })).toBe(0);
    expect(await counted({})).toBe(3);
  });

  it('passes over mail whose raw bytes are gone, and counts it', async () => {
    const removed = await keepCase(0, 'We wait for your answer.');
    await keepCase(10, 'Still waiting.');
    await desk.keep(
      mail(
        'no-reply <no-reply@signin.aws>',
        'Verify your identity',
        'Your verification code is 482913. Sign in with it.',
      ),
      { auth: PROVEN('signin.aws') },
    );
    await decideWith(TODAY);
    await desk.pool.query('delete from raws where mail_id = $1', [removed]);
    desk.seal.destroyDayKeysBefore(new Date(Date.now() + 3 * 86_400_000));
    const before = await everything(desk.pool);
    const { report } = await replayed(rulesWith('support.case_reply', null), { dry: true });
    expect(report).toMatchObject({ 'skipped:raw_removed': 1, 'skipped:key_destroyed': 1, changed: 1 });
    expect(await everything(desk.pool)).toBe(before);
  });
});

describe('the secret level in a replay', () => {
  const WORD = 'zanzibarquartz';
  const NUMBER = '48291357';
  const unknown = (minute: number, subject: string) =>
    desk.keep(mail('AWS <new-sender@aws.com>', subject, `About ${WORD}.\r\nSupport case ID: ${CASE}`, minute), {
      auth: PROVEN('aws.com'),
    });
  const sealing = rulesWith('aws.other', { secret: 'sealed' });
  const SEALING = {
    ...sealing,
    files: sealing.files.map((file) =>
      file.name === 'ticket/aws.other.yaml' ? { ...file, data: withSealed(file.data as Record<string, object>) } : file,
    ),
  };

  it('is raised: nothing that was derived from the mail has its text any more, and a tombstone says so', async () => {
    // The earlier mail comes last, so that the matter changes and the history quotes both.
    await unknown(30, `Second thing ${NUMBER}`);
    await decideWith(TODAY);
    await unknown(0, `First thing ${NUMBER}`);
    await decideWith(TODAY);
    await indexSearch(desk.db, null);
    const before = await everything(desk.pool);
    const places = (text: string) => before.split('\n').filter((line) => line.toLowerCase().includes(text)).length;
    expect(places(WORD)).toBeGreaterThanOrEqual(3);
    expect(places(NUMBER)).toBeGreaterThanOrEqual(7);
    const { report } = await replayed(SEALING);
    expect(report).toMatchObject({ changed: 2 });
    expect(Object.keys(report).some((code) => /^secret:\w+>sealed$/.test(code))).toBe(true);
    const dump = (await everything(desk.pool)).toLowerCase().split('\n');
    expect(dump.filter((line) => line.includes(WORD) || line.includes(NUMBER))).toEqual([]);
    expect(await rows('select text from readings')).not.toEqual(
      expect.arrayContaining([{ text: expect.stringContaining(WORD) }]),
    );
    const change = await rows(`select body from entries where type = 'change' order by id limit 1`);
    expect(JSON.stringify(change)).toContain(TOMBSTONE);
    expect(await rows(`select body -> 'to' as to from entries where type = 'scrubbed'`)).toEqual([
      { to: 'sealed' },
      { to: 'sealed' },
    ]);
    expect(await rows('select distinct key_id like $1 as day from raws', ['day:%'])).toEqual([{ day: true }]);
    expect(TOMBSTONE).toMatch(/scrubbed/);
    expect(TOMBSTONE).toMatch(/消去/);
    expect((await replayed(SEALING)).report).toEqual({ unchanged: 2 });
  });

  it('is never lowered: texts, facts and keys stay as they were, whatever the rules of today say', async () => {
    const id = await unknown(0, 'A thing');
    await decideWith(SEALING);
    const before = await everything(desk.pool);
    expect(before).not.toContain(WORD);
    const { report } = await replayed(TODAY);
    expect(report).toEqual({ 'secret:kept': 1, unchanged: 1 });
    expect(await everything(desk.pool)).toBe(before);
    await replayed(rulesWith('aws.other', { urgency: 'high' }));
    expect(await rows('select urgency, secret_level from mails where id = $1', [id])).toEqual([
      { urgency: 'high', secret_level: 'sealed' },
    ]);
    expect(await everything(desk.pool)).not.toContain(WORD);
    expect(await rows('select key_id like $1 as day from raws', ['day:%'])).toEqual([{ day: true }]);
  });
});

function withSealed(wording: Record<string, object>): unknown {
  const sealed = { en: 'A case mail, sealed.', ja: '封印済みのケース。' } as Record<string, string>;
  return Object.fromEntries(Object.entries(wording).map(([lang, said]) => [lang, { ...said, sealed: sealed[lang] }]));
}

async function countedOutcomes(): Promise<Record<string, number>> {
  const counted = await rows('select outcome, count(*)::int as n from mails group by 1 order by 1');
  return Object.fromEntries(counted.map(({ outcome, n }) => [`mails.${outcome}`, n]));
}
