import { describe, expect, it } from 'vitest';
import { applyPlan } from '../../src/core/applyPlan.ts';
import { decide, type MailAtHand, type Plan } from '../../src/core/decide.ts';
import { emptySituation, type Situation } from '../../src/core/situation.ts';
import { NO_FACTS, type Unread } from '../../src/core/unread.ts';
import type { Deadline } from '../../src/core/values.ts';
import { AWS, HISTORY, mailOf, OUTSIDER, PERSON, PRETENDER, UNPROVEN } from './understandingOf.ts';

const NOTIFY = {
  mail: true,
  webhook: true,
  least: 'high',
  followUpDays: 30,
  own: { domains: ['customer.example'], addresses: [] },
} as const;

function run(mails: MailAtHand[], situation = emptySituation()): { plans: Plan[]; situation: Situation } {
  const plans = mails.map((mail) => {
    const plan = decide(mail, situation, NOTIFY);
    applyPlan(situation, mail, plan);
    return plan;
  });
  return { plans, situation };
}

const outcomes = (mails: MailAtHand[]) => run(mails).plans.map((plan) => plan.outcome);
const codes = (plan: Plan | undefined) => plan?.reasons.map((reason) => reason.code);
const at = (minutes: number) => new Date(Date.UTC(2026, 10, 20, 10, minutes)).toISOString();
const hash = (letter: string) => letter.repeat(64);

describe('decide', () => {
  it('opens a ticket, then appends to it by its key', () => {
    const { plans, situation } = run([
      mailOf({ mailTime: at(0) }),
      mailOf({ mailTime: at(5), contentHash: hash('b'), urgency: 'high' }),
    ]);
    expect(plans.map((plan) => plan.outcome)).toEqual(['open', 'append']);
    expect(codes(plans[1])).toContain('thread.key');
    expect([...situation.tickets.values()]).toMatchObject([
      { state: 'open', folded: { face: { urgency: 'high', mails: 2 } } },
    ]);
  });

  it('says that a deadline changed only when it did: a table gives its keys back in another order', () => {
    const until = (value: Deadline) => ({ ...NO_FACTS, deadline: { value, where: 'body 1' } });
    const { plans } = run([
      mailOf({ facts: until({ date: '2026-11-28', at: null, sort: 'respond' }), mailTime: at(0) }),
      mailOf({
        facts: until({ at: null, date: '2026-11-28', sort: 'respond' }),
        mailTime: at(5),
        contentHash: hash('b'),
      }),
      mailOf({
        facts: until({ at: null, date: '2026-11-29', sort: 'respond' }),
        mailTime: at(6),
        contentHash: hash('c'),
      }),
    ]);
    const changed = plans.map((plan) => JSON.stringify(plan.ticket?.entries).includes('"field":"deadline"'));
    expect(changed).toEqual([false, false, true]);
  });

  it('holds a stranger who wants something done at a link, where the people of the customer are known', () => {
    const people = new Map([[1, { domains: ['acme.example'], addresses: [] }]]);
    const asks = { sender: OUTSIDER, kind: 'nonaws.customer_human', strangersAsk: 'link' } as const;
    const outcome = (set: Parameters<typeof mailOf>[0], known = people) =>
      run([mailOf(set)], emptySituation({ people: known })).plans[0]?.outcome;
    expect(outcome(asks)).toBe('quarantine');
    expect(outcome({ ...asks, sender: { ...OUTSIDER, authentic: false } })).toBe('quarantine');
    expect(outcome({ ...asks, strangersAsk: null })).toBe('open');
    expect(outcome({ ...asks, sender: { ...OUTSIDER, address: 'rina@acme.example' } })).toBe('open');
    // One of ours; and a customer of whom no people are known, to whom everybody would be a stranger.
    expect(outcome({ ...asks, sender: PERSON })).toBe('open');
    expect(outcome(asks, new Map([[1, { domains: [], addresses: [] }]]))).toBe('open');
    // A person looked at it.
    const letGo = mailOf({ ...asks, sender: { ...OUTSIDER, authentic: false } }, { review: 'not_aws' });
    expect(run([letGo], emptySituation({ people })).plans[0]?.outcome).toBe('open');
  });

  it('holds what a stranger wants done with an account, and what borrows the name of one who is known, as a lure', () => {
    const people = new Map([[1, { domains: ['acme.example'], addresses: [] }]]);
    const wants = { sender: OUTSIDER, kind: 'nonaws.customer_human', strangersAsk: 'account' } as const;
    const plan = (set: Parameters<typeof mailOf>[0]) => run([mailOf(set)], emptySituation({ people })).plans[0]!;
    const held = { outcome: 'quarantine', rule: 'sender.stranger_asks', kind: 'phish.lure', ticket: null };
    expect(plan(wants)).toMatchObject(held);
    const rina = { ...OUTSIDER, address: 'rina@acme.example' };
    expect(plan({ ...wants, sender: { ...rina, authentic: false } })).toMatchObject(held);
    expect(plan({ ...wants, sender: rina }).outcome).toBe('open');
    expect(plan({ ...wants, strangersAsk: null }).kind).toBeUndefined();
    expect(plan({ ...wants, strangersAsk: 'keys' })).toMatchObject(held);
    // Rather than dropped.
    const invitation = {
      ...wants,
      kind: 'nonaws.calendar_invite',
      disposition: 'drop',
      rule: 'drop.calendar',
    } as const;
    expect(plan({ ...invitation, strangersAsk: 'keys' })).toMatchObject(held);
    expect(plan({ ...invitation, strangersAsk: null })).toMatchObject({ outcome: 'drop', rule: 'drop.calendar' });
    expect(plan({ ...invitation, strangersAsk: 'keys', sender: rina }).outcome).toBe('drop');
  });

  it('lets the people of a customer speak as AWS does, by proof: at member domains and single addresses too', () => {
    const people = new Map([[1, { domains: ['acme.example', 'acme-nordic.example'], addresses: ['kai@gmail.com'] }]]);
    const plan = (address: string, authentic = true, known = people) =>
      run(
        [mailOf({ sender: { ...OUTSIDER, address, authentic }, kind: 'nonaws.customer_human', strangersAsk: 'voice' })],
        emptySituation({ people: known }),
      ).plans[0]!;
    for (const known of ['rina@acme.example', 'rina@it.acme-nordic.example', 'kai@gmail.com']) {
      expect([known, plan(known).outcome]).toEqual([known, 'open']);
      expect([known, plan(known, false).outcome]).toEqual([known, 'quarantine']);
    }
    const held = { outcome: 'quarantine', rule: 'quarantine.phish_impostor', kind: 'phish.impostor', ticket: null };
    expect(plan('eve@gmail.com')).toMatchObject(held);
    // No proof of a name is needed to hold what speaks for AWS, nor any people of the customer.
    expect(plan('eve@stranger.example', true, new Map())).toMatchObject(held);
  });

  it('holds what a stranger wishes under the name of the customer or ours', () => {
    const people = new Map([[1, { domains: ['acme.example', 'cloud.example'], addresses: [] }]]);
    const plan = (address: string, displayName: string | null, strangersAsk: 'wish' | null = 'wish') =>
      run(
        [mailOf({ sender: { ...OUTSIDER, address, displayName }, kind: 'nonaws.customer_human', strangersAsk })],
        emptySituation({ people }),
      ).plans[0]!;
    const held = { outcome: 'quarantine', rule: 'sender.borrows_name', kind: 'phish.lure' };
    expect(plan('martin.oakes.acme@outlook.com', 'Martin')).toMatchObject(held);
    expect(plan('martin@outlook.com', 'Martin (ACME)')).toMatchObject(held);
    expect(plan('martin@outlook.com', 'Martin Acmeson').outcome).toBe('open');
    expect(plan('martin.acme@outlook.com', 'Martin', null).outcome).toBe('open');
    expect(plan('rina@acme.example', 'Acme').outcome).toBe('open');
    // A name that all sorts of companies have is nobody's.
    expect(plan('desk@cloud-house.example', 'Cloud Desk').outcome).toBe('open');
  });

  it('holds what an SNS topic of somebody else tells its reader to do', () => {
    const of = (account: string) => ({
      facts: { ...NO_FACTS, topicArn: { value: `arn:aws:sns:eu-west-1:${account}:t`, where: 'link' } },
      strangersAsk: 'topic' as const,
      kind: 'sns.notification',
    });
    const accounts = new Map([
      ['111122223333', 1],
      ['777788889999', 2],
    ]);
    const plans = ['111122223333', '777788889999', '909090909090'].map(
      (account) => run([mailOf(of(account))], emptySituation({ accounts })).plans[0]!,
    );
    expect(plans.map(({ outcome, kind }) => [outcome, kind])).toEqual([
      ['open', undefined],
      ['quarantine', 'phish.sns_message'],
      ['quarantine', 'phish.sns_message'],
    ]);
    expect(run([mailOf({ ...of('909090909090'), strangersAsk: null })]).plans[0]!.outcome).toBe('open');
  });

  it('keeps two customers apart, though everything else is equal', () => {
    expect(outcomes([mailOf(), mailOf({}, { customerId: 2 })])).toEqual(['open', 'open']);
  });

  it('takes no mail without a customer into a ticket', () => {
    const { plans } = run([mailOf({}, { customerId: null })]);
    expect(plans[0]).toMatchObject({ outcome: 'unrouted', ticket: null });
  });

  it('quarantines what pretends to be AWS, whatever its kind wants', () => {
    const { plans } = run([
      mailOf({ sender: PRETENDER, disposition: 'drop', rule: 'marketing' }),
      mailOf({ sender: PRETENDER }),
      mailOf({ sender: { ...AWS, authentic: false } }),
    ]);
    expect(plans.map((plan) => [plan.outcome, plan.ticket])).toEqual([
      ['quarantine', null],
      ['quarantine', null],
      ['quarantine', null],
    ]);
  });

  it('shows history that can no longer be checked, and changes no ticket by it', () => {
    const { plans, situation } = run([mailOf(), mailOf({ sender: HISTORY, resolves: true, contentHash: hash('b') })]);
    expect(plans[1]).toMatchObject({ outcome: 'drop', rule: 'history.unverifiable', ticket: null });
    expect([...situation.tickets.values()]).toMatchObject([{ state: 'open', mails: [{}] }]);
  });

  it('drops and quarantines by the rule that the kind names', () => {
    const { plans } = run([
      mailOf({ disposition: 'drop', rule: 'marketing.newsletter', kind: 'marketing.newsletter' }),
      mailOf({ disposition: 'quarantine', rule: null, kind: 'nonaws.cron', sender: PERSON }),
    ]);
    expect(plans.map(({ outcome, rule }) => [outcome, rule])).toEqual([
      ['drop', 'marketing.newsletter'],
      ['quarantine', 'kind.nonaws.cron'],
    ]);
  });

  it('lets an unproven person open a ticket but never join one, with the right case number or a reply', () => {
    const original = mailOf({ messageId: 'one@aws' });
    const forged = mailOf({
      sender: UNPROVEN,
      kind: 'nonaws.customer_human',
      messageId: 'two@customer',
      contentHash: hash('b'),
      threadKeys: {
        primary: 'case:176508697500328',
        aliases: ['message:one@aws', 'message:two@customer'],
        mentions: [],
      },
    });
    const answer = mailOf({
      sender: PERSON,
      kind: 'nonaws.customer_human',
      messageId: 'three@customer',
      contentHash: hash('c'),
      threadKeys: { primary: 'message:two@customer', aliases: ['message:three@customer'], mentions: [] },
    });
    for (const order of [
      [original, forged, answer],
      [answer, forged, original],
    ]) {
      const { plans, situation } = run(order);
      expect(plans.map((plan) => plan.outcome)).toEqual(['open', 'open', 'open']);
      expect(situation.tickets.size).toBe(3);
    }
  });

  it('shows an unproven mail twice as a duplicate of itself', () => {
    const twice = { sender: UNPROVEN, messageId: 'two@customer' };
    expect(outcomes([mailOf(twice), mailOf(twice), mailOf({ ...twice, contentHash: hash('b') })])).toEqual([
      'open',
      'duplicate',
      'open',
    ]);
  });

  it('joins a mail to nothing when it names an account of another customer, and says why', () => {
    const accounts = new Map([
      ['111111111111', 1],
      ['222222222222', 2],
    ]);
    const naming = (value: string) => ({ facts: { ...NO_FACTS, accountIds: [{ value, where: 'body 1' }] } });
    const { plans, situation } = run(
      [
        mailOf(naming('111111111111')),
        mailOf({ ...naming('222222222222'), contentHash: hash('b') }),
        mailOf({ ...naming('********2222'), contentHash: hash('c') }),
      ],
      emptySituation({ accounts }),
    );
    expect(plans.map((plan) => plan.outcome)).toEqual(['open', 'open', 'append']);
    expect(codes(plans[1])).toEqual(expect.arrayContaining(['account.foreign', 'thread.foreign_account']));
    expect(situation.tickets.size).toBe(2);
  });

  it.each([
    [
      'the same deduping id',
      { dedupingId: 'd1', mailTime: at(0) },
      { dedupingId: 'd1', contentHash: hash('b'), mailTime: at(900) },
    ],
    ['the same Message-ID and content', { messageId: 'm@x', mailTime: at(0) }, { messageId: 'm@x', mailTime: at(900) }],
    ['the same text within 15 minutes', { mailTime: at(0) }, { mailTime: at(15) }],
  ])('calls %s a duplicate in both orders, visible on the ticket', (_, first, second) => {
    for (const [a, b] of [
      [first, second],
      [second, first],
    ]) {
      const { plans, situation } = run([mailOf(a), mailOf(b)]);
      expect(plans.map((plan) => plan.outcome)).toEqual(['open', 'duplicate']);
      expect([...situation.tickets.values()]).toMatchObject([{ folded: { face: { mails: 2, urgency: 'normal' } } }]);
    }
  });

  it('calls the same text 16 minutes later a reminder, which raises the urgency', () => {
    const { plans, situation } = run([mailOf({ mailTime: at(0) }), mailOf({ mailTime: at(16) })]);
    expect(plans.map((plan) => plan.outcome)).toEqual(['open', 'append']);
    expect([...situation.tickets.values()]).toMatchObject([{ folded: { face: { urgency: 'high' } } }]);
  });

  it('keeps both mails of one Message-ID with different text, flags the second, and decides each on its own', () => {
    const one = mailOf({ messageId: 'm@x', threadKeys: { primary: 'case:1', aliases: ['message:m@x'], mentions: [] } });
    const two = mailOf({
      messageId: 'm@x',
      contentHash: hash('b'),
      threadKeys: { primary: 'case:2', aliases: ['message:m@x'], mentions: [] },
    });
    for (const order of [
      [one, two],
      [two, one],
    ]) {
      const { plans } = run(order);
      expect(plans.map((plan) => plan.outcome)).toEqual(['open', 'open']);
      expect(codes(plans[1])).toContain('message_id.collision');
      expect(plans[1]?.ticket?.entries[0]).toMatchObject({ body: { collision: true } });
    }
  });

  it('puts a mail that leads to two tickets on that of its own key, and links them', () => {
    const case1 = { primary: 'case:1', aliases: [], mentions: [] };
    const first = mailOf({ threadKeys: case1, messageId: 'a@aws' });
    const original = mailOf({ threadKeys: case1, messageId: 'b@aws', contentHash: hash('b'), mailTime: at(20) });
    const reply = mailOf({
      sender: PERSON,
      messageId: 'c@customer',
      contentHash: hash('c'),
      threadKeys: { primary: 'message:b@aws', aliases: ['message:c@customer'], mentions: [] },
      mailTime: at(30),
    });
    const { plans, situation } = run([first, reply, original]);
    expect(plans.map((plan) => plan.outcome)).toEqual(['open', 'open', 'append']);
    expect(plans[2]?.ticket).toMatchObject({ id: -1, related: [{ ticketId: -2, how: 'joins' }] });
    expect(codes(plans[2])).toContain('thread.linked');
    expect([...situation.tickets.keys()]).toEqual([-1, -2]);
  });

  it('puts a mail that no key of its own leads to a ticket on the older of two, by their mails and not by their numbers', () => {
    const key = (primary: string, ...aliases: string[]) => ({ primary, aliases, mentions: [] });
    const { plans } = run([
      mailOf({ threadKeys: key('change:a'), mailTime: at(20) }),
      mailOf({ threadKeys: key('change:b'), mailTime: at(10), contentHash: hash('b') }),
      mailOf({ threadKeys: key('change:c', 'change:a', 'change:b'), mailTime: at(30), contentHash: hash('c') }),
    ]);
    expect(plans[2]?.ticket).toMatchObject({ id: -2, related: [{ ticketId: -1, how: 'joins' }] });
  });

  it('links tickets where a mail of one names the number of the other, whichever came first', () => {
    const one = mailOf({ threadKeys: { primary: 'case:1', aliases: [], mentions: [] } });
    const two = mailOf({
      threadKeys: { primary: 'event:2', aliases: [], mentions: ['case:1'] },
      contentHash: hash('b'),
    });
    for (const order of [
      [one, two],
      [two, one],
    ]) {
      const { plans } = run(order);
      expect(plans.map((plan) => plan.outcome)).toEqual(['open', 'open']);
      expect(plans[1]?.ticket?.related).toEqual([{ ticketId: -1, how: 'names' }]);
    }
  });

  it('solves by a resolving mail, and opens again by the next one', () => {
    const situation = emptySituation();
    const states = [
      mailOf({ mailTime: at(0), contentHash: hash('a') }),
      mailOf({ mailTime: at(20), contentHash: hash('b'), resolves: true }),
      mailOf({ mailTime: at(40), contentHash: hash('c') }),
    ].map((mail) => {
      const plan = decide(mail, situation, NOTIFY);
      applyPlan(situation, mail, plan);
      return plan.ticket?.state;
    });
    expect(states).toEqual(['open', 'solved', 'open']);
  });

  it('reopens within the days of the setting; after them a linked ticket follows it up', () => {
    const day = (days: number) => new Date(Date.parse(at(0)) + days * 86_400_000).toISOString();
    const ended = [mailOf({ mailTime: day(0) }), mailOf({ mailTime: day(1), contentHash: hash('b'), resolves: true })];
    const within = run([...ended, mailOf({ mailTime: day(31), contentHash: hash('c') })]);
    expect(within.plans[2]).toMatchObject({ outcome: 'append', ticket: { id: -1, state: 'open', solvedAt: null } });
    const { plans, situation } = run([
      ...ended,
      mailOf({ mailTime: day(31.1), contentHash: hash('c') }),
      mailOf({ mailTime: day(2), contentHash: hash('d') }),
      mailOf({ mailTime: day(33), contentHash: hash('e') }),
    ]);
    expect(plans[2]).toMatchObject({
      outcome: 'open',
      threadKey: 'case:176508697500328~2026-12-21',
      ticket: { id: null, related: [{ ticketId: -1, how: 'followUp' }] },
    });
    expect(codes(plans[2])).toContain('thread.follow_up');
    expect(plans.slice(3).map((plan) => plan.ticket?.id)).toEqual([-1, -2]);
    const faces = [...situation.tickets.values()].map((ticket) => ticket.folded.face.threadKey);
    expect(faces).toEqual(['case:176508697500328', 'case:176508697500328~2026-12-21']);
  });

  it('leaves a solved ticket solved when an older mail or a duplicate comes late', () => {
    const { plans, situation } = run([
      mailOf({ mailTime: at(40), contentHash: hash('b'), resolves: true }),
      mailOf({ mailTime: at(0) }),
      mailOf({ mailTime: at(1) }),
    ]);
    expect(plans.map((plan) => plan.outcome)).toEqual(['open', 'append', 'duplicate']);
    expect([...situation.tickets.values()]).toMatchObject([{ state: 'solved' }]);
  });

  it('reopens what people solved when something new is said, but not for a duplicate', () => {
    const { situation } = run([mailOf({ mailTime: at(0) })]);
    const ticket = [...situation.tickets.values()][0]!;
    ticket.state = 'solved';
    expect(run([mailOf({ mailTime: at(5) })], situation).plans[0]?.ticket?.state).toBe('solved');
    const plan = run([mailOf({ mailTime: at(6), contentHash: hash('b') })], situation).plans[0];
    expect(plan?.ticket?.state).toBe('open');
    expect(codes(plan)).toContain('ticket.reopened');
  });

  it('tells of an urgent ticket once', () => {
    const { plans } = run([
      mailOf({ mailTime: at(0), urgency: 'normal' }),
      mailOf({ mailTime: at(20), contentHash: hash('b'), urgency: 'critical' }),
      mailOf({ mailTime: at(40), contentHash: hash('c'), urgency: 'critical' }),
    ]);
    expect(plans.map((plan) => plan.ticket?.notices)).toEqual([[], ['notify.mail', 'notify.webhook'], []]);
  });
});

describe('a mail that could not be read', () => {
  const unread: Unread = {
    why: 'deadline',
    error: 'Reading it was stopped: the rulebook had worked on it for 2 s.',
    messageId: 'one@aws',
    mailTime: at(0),
    subject: 'Your account',
    from: null,
    sender: AWS,
    headers: [],
    reasons: [],
  };
  const parked = (sender = AWS) => mailOf({}, { id: 900, reading: { read: false, unread: { ...unread, sender } } });

  it('is parked, and opens an urgent ticket when AWS sent it by proof', () => {
    const { plans, situation } = run([parked()]);
    expect(plans[0]).toMatchObject({
      outcome: 'parked',
      ticket: { state: 'open', notices: ['notify.mail', 'notify.webhook'] },
    });
    expect([...situation.tickets.values()]).toMatchObject([
      {
        folded: {
          face: { kind: 'aws.unreadable', urgency: 'high', subject: 'Mail from AWS could not be read: Your account' },
        },
      },
    ]);
  });

  it.each([PERSON, UNPROVEN, PRETENDER, HISTORY])('opens no ticket for $class, authentic $authentic', (sender) => {
    expect(run([parked(sender)]).plans[0]).toMatchObject({ outcome: 'parked', ticket: null });
  });

  it('stays on its ticket when it is read at last, linked with that of its matter', () => {
    const { situation } = run([mailOf({ mailTime: at(0) }), parked()]);
    const again = mailOf(
      { mailTime: at(30), contentHash: hash('b') },
      { id: 900, before: { outcome: 'parked', ticketId: -2 } },
    );
    const { plans } = run([again], situation);
    expect(plans[0]?.ticket).toMatchObject({ id: -2, related: [{ ticketId: -1, how: 'joins' }] });
    expect([...situation.tickets.values()]).toMatchObject([
      { id: -1, folded: { face: { mails: 1 } } },
      { id: -2, folded: { face: { kind: 'support.case_reply', mails: 1 } } },
    ]);
  });

  it('solves its ticket when it turns out to need none', () => {
    const { situation } = run([parked()]);
    const again = mailOf(
      { disposition: 'drop', rule: 'marketing.newsletter', kind: 'marketing.newsletter' },
      { id: 900, before: { outcome: 'parked', ticketId: -1 } },
    );
    const { plans } = run([again], situation);
    expect(plans[0]).toMatchObject({
      outcome: 'drop',
      rule: 'marketing.newsletter',
      ticket: { id: -1, state: 'solved' },
    });
  });
});
