import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { UNVERIFIED } from '../../src/core/values.ts';
import { loadSettings } from '../../src/settings.ts';
import { caseMail, type Desk, openDesk } from './desk.ts';

/** Urgent by its kind: people would be told of it. */
const compromise = (account: string, minute: number) =>
  [
    'From: Amazon Web Services <no-reply-aws@amazon.com>',
    'To: kumo-7f3k@roots.example',
    `Subject: ACTION REQUIRED: Your AWS account ${account} is compromised`,
    `Date: ${new Date(Date.UTC(2026, 10, 20, 10, minute)).toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <c.${account}.${minute}@amazon.com>`,
    'Content-Type: text/plain; charset=utf-8',
    '',
    `The AWS access key of account ${account} was found in public. Your account may be compromised. Text ${minute}.`,
    '',
  ].join('\r\n');

describe('mail that lay in a mailbox before', () => {
  let desk: Desk;
  beforeAll(async () => {
    desk = await openDesk();
    const env = {
      ROOTDESK_OUTGOING_HOST: 'localhost',
      ROOTDESK_OUTGOING_FROM: 'desk@desk.test',
      ROOTDESK_NOTIFY_ADDRESSES: 'team@desk.test',
    };
    await desk.start({ settings: loadSettings({ env }) });
  });
  afterAll(() => desk?.close());

  const decided = async () => {
    await desk.ring();
    await desk.settled();
  };
  const ticketOf = async (mail: number) => {
    const { rows } = await desk.pool.query(
      `select t.id, t.state, t.queue, t.urgency, t.solved_at, m.outcome, m.rule, (select count(*)::int from effects where ticket_id = t.id) as told
         from mails m left join tickets t on t.id = m.ticket_id where m.id = $1`,
      [mail],
    );
    return rows[0];
  };
  const reasons = async (mail: number) => {
    const { rows } = await desk.pool.query('select reasons from readings where mail_id = $1', [mail]);
    return rows[0].reasons.map(({ code }: { code: string }) => code);
  };

  it('and is old arrives as a solved ticket, in either order, and tells nobody', async () => {
    const newer = await desk.keep(compromise('111111111111', 30), { history: 'closed' });
    await decided();
    const older = await desk.keep(compromise('111111111111', 5), { history: 'closed' });
    await decided();
    expect(await ticketOf(newer)).toMatchObject({ state: 'solved', queue: 'solved', outcome: 'open', told: 0 });
    expect(await ticketOf(older)).toMatchObject({ id: (await ticketOf(newer)).id, state: 'solved', told: 0 });
    expect((await ticketOf(older)).solved_at).toEqual(new Date(Date.UTC(2026, 10, 20, 10, 30)));
    expect(await reasons(older)).toContain('history.closed');
    // News of the same matter opens it, and people hear of it.
    const news = await desk.keep(compromise('111111111111', 55));
    await decided();
    expect(await ticketOf(news)).toMatchObject({ id: (await ticketOf(newer)).id, state: 'open' });
    expect((await ticketOf(news)).told).toBeGreaterThan(0);
  });

  it('joins an open ticket without closing it or bringing old deadlines back', async () => {
    const open = await desk.keep(
      caseMail({ caseId: '170000000000001', minute: 20, text: 'The tunnel is down again.' }),
    );
    await decided();
    const before = await ticketOf(open);
    const old = await desk.keep(caseMail({ caseId: '170000000000001', minute: 1, text: 'Hello, we look into it.' }), {
      history: 'closed',
    });
    await decided();
    expect(await ticketOf(old)).toMatchObject({ id: before.id, state: 'open', urgency: before.urgency });
  });

  it('and is recent opens a ticket without telling anybody; news of it does', async () => {
    const recent = await desk.keep(compromise('222222222222', 1), { customerId: 2, history: 'open' });
    await decided();
    expect(await ticketOf(recent)).toMatchObject({ state: 'open', told: 0 });
    expect(await reasons(recent)).toContain('history.open');
    const news = await desk.keep(compromise('222222222222', 40), { customerId: 2 });
    await decided();
    expect((await ticketOf(news)).told).toBeGreaterThan(0);
  });

  it('that can no longer be checked is filed as unverifiable and changes no ticket', async () => {
    const gone = await desk.keep(caseMail({ caseId: '170000000000001', minute: 2, text: 'An old answer.' }), {
      history: 'closed',
      auth: { ...UNVERIFIED, state: 'unverifiable' },
    });
    await decided();
    expect(await ticketOf(gone)).toMatchObject({ id: null, outcome: 'drop', rule: 'history.unverifiable' });
    expect(await reasons(gone)).toContain('decide.history');
  });
});
