import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findStorms } from '../../src/deliver/storms.ts';
import { createLog } from '../../src/lib/log.ts';
import type { ClaimedDelivery } from '../../src/store/deliveries.ts';
import { plainMail, signedMail } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { type ScriptedSink, type SinkReply, startScriptedSink } from '../servers/scriptedSink.ts';
import { CODES, type CopyRow, type DeliveryDesk, openDeliveryDesk } from './desk.ts';

const MINUTE = 60_000;

describe('copies when the smarthost does not simply take them', () => {
  let sink: ScriptedSink;
  let desk: DeliveryDesk;
  let serial = 0;

  beforeAll(async () => {
    sink = await startScriptedSink();
    desk = await openDeliveryDesk(sink.port, { ROOTDESK_STORM_MAILS: '4' });
    await desk.start();
  });
  afterAll(async () => {
    await desk?.close();
    await sink?.close();
  });

  const query = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
    (await desk.stage.database.pool.query<T>(text, values)).rows;

  /** A list of its own with these confirmed members, and what the smarthost says to their copies. */
  async function openList(
    members: string[],
    script: (to: string, raw: Buffer | null) => SinkReply | Promise<SinkReply> = () => null,
  ) {
    const name = `acme-${++serial}`;
    const address = `${name}@root.test`;
    const own = members.map((member) => `${member}@${name}.test`);
    await query(
      `with l as (insert into lists (customer_id, address) values (1, $1) returning id)
      insert into members (list_id, address, state) select l.id, m, 'confirmed' from l, unnest($2::text[]) as m`,
      [address, own],
    );
    const others = sink.script;
    sink.script = (mail) =>
      mail.to.endsWith(`@${name}.test`) ? script(mail.to.split('@')[0]!, mail.raw) : others(mail);
    return {
      address,
      send: (raw: Buffer = signedMail()) => desk.room.keep(raw, desk.arrivalFor(address)),
      copies: async (): Promise<CopyRow[]> =>
        (await desk.copies()).filter(({ member }) => member.endsWith(`@${name}.test`)),
      taken: () => sink.taken.filter(({ to }) => to.endsWith(`@${name}.test`)),
      tickets: () =>
        query<{ kind: string; urgency: string; subject: string; note: string }>(
          `select t.kind, t.urgency, t.subject, e.body ->> 'text' as note from tickets t join entries e on e.ticket_id = t.id
            where t.subject like $1 or e.body ->> 'text' like $1 order by e.id`,
          [`%${name}%`],
        ),
    };
  }
  const wake = () => desk.ring('deliver');
  const secret = () => signedMail({ From: `AWS <${CODES}>` });

  it('tries again later what was put off, with the same Message-ID, and keeps its log', async () => {
    let isBusy = true;
    const list = await openList(['ops'], () => (isBusy ? { stage: 'data', reply: '451 4.3.0 try again' } : null));
    const raw = signedMail({ 'Message-ID': null });
    await list.send(raw);
    await until(async () => (await list.copies())[0]?.code === 'smtp.451');
    isBusy = false;
    desk.pass(5000);
    await wake();
    await until(async () => (await list.copies())[0]?.state === 'accepted');
    const [copy] = await list.copies();
    expect(copy).toMatchObject({ attempts: 2, form: 'raw' });
    const events = await query('select event, code from delivery_events where delivery_id = $1', [copy!.id]);
    expect(events).toEqual([{ event: 'try', code: 'smtp.451' }]);
    expect(list.taken()[0]!.raw.toString()).toMatch(
      new RegExp(`^Message-ID: <m\\.${copy!.mailId}\\.[0-9a-f]{24}@desk\\.test>`, 'm'),
    );
  });

  it('wraps for a member whose server refuses raw mail for its policy, now and from then on', async () => {
    const list = await openList(['strict', 'other'], (to, raw) =>
      to === 'strict' && raw && !raw.includes('multipart/mixed') ? { stage: 'data', reply: '550 5.7.26 DMARC' } : null,
    );
    await list.send();
    await until(async () => (await list.copies()).every(({ state }) => state === 'accepted'));
    await list.send();
    await until(async () => (await list.copies()).filter(({ state }) => state === 'accepted').length === 4);
    expect(
      (await list.copies()).map(({ member, form, memberState, wrapped, attempts }) => [
        member.split('@')[0],
        form,
        memberState,
        wrapped,
        attempts,
      ]),
    ).toEqual([
      ['other', 'raw', 'confirmed', false, 1],
      ['strict', 'wrapped', 'confirmed', true, 1],
      ['other', 'raw', 'confirmed', false, 1],
      ['strict', 'wrapped', 'confirmed', true, 1],
    ]);
    expect(await list.tickets()).toEqual([]);
  });

  it('makes a member bouncing whose mailbox is gone: a ticket, word to the others, and every mail still tried', async () => {
    const list = await openList(['dead', 'alive'], (to) =>
      to === 'dead' ? { stage: 'rcpt', reply: '550 5.1.1 gone' } : null,
    );
    await list.send();
    await until(async () => (await list.tickets()).length === 1);
    expect((await list.copies()).map(({ state, memberState }) => [state, memberState])).toEqual([
      ['accepted', 'confirmed'],
      ['failed', 'bouncing'],
    ]);
    expect(await list.tickets()).toMatchObject([{ kind: 'list.member_bouncing', urgency: 'high' }]);
    const told = await query<{ type: string }>(`select type from effects where payload ->> 'state' = 'bouncing'`);
    expect(told).toEqual([{ type: 'list.member_bounced' }]);
    await list.send();
    await until(async () => (await list.copies()).filter(({ state }) => state === 'failed').length === 2);
    // The same day again is no other state and no second word to the others.
    expect((await list.copies()).at(-1)).toMatchObject({ memberState: 'bouncing' });
    expect(await query(`select from effects where payload ->> 'state' = 'bouncing'`)).toHaveLength(1);
  });

  it('suspends after three such days while somebody is left, and never the last one', async () => {
    const gone: SinkReply = { stage: 'rcpt', reply: '550 5.1.1 gone' };
    const two = await openList(['dead', 'alive'], (to) => (to === 'dead' ? gone : null));
    const one = await openList(['last'], () => gone);
    for (let day = 1; day <= 3; day++) {
      await two.send();
      await one.send();
      await until(async () => (await two.copies()).filter(({ state }) => state === 'failed').length === day);
      await until(async () => (await one.copies()).filter(({ state }) => state === 'failed').length === day);
      desk.pass(24 * 60 * MINUTE);
    }
    expect((await two.copies()).find(({ member }) => member.startsWith('dead'))?.memberState).toBe('suspended');
    expect((await one.copies())[0]?.memberState).toBe('bouncing');
    expect((await one.tickets())[0]).toMatchObject({ kind: 'list.last_member_bouncing', urgency: 'critical' });
    await two.send();
    await until(async () => (await two.copies()).filter(({ state }) => state === 'accepted').length === 4);
    expect(await two.copies()).toHaveLength(7);
  });

  it('blames no member when our own smarthost will not relay', async () => {
    const list = await openList(['ops'], () => ({ stage: 'rcpt', reply: '554 5.7.1 Relay access denied' }));
    await list.send();
    await until(async () => (await list.copies())[0]?.code === 'smtp.554');
    expect((await list.copies())[0]).toMatchObject({ state: 'due', memberState: 'confirmed', wrapped: false });
    await query(`update deliveries set state = 'skipped' where state = 'due'`);
  });

  it('sends codes at once while every other connection is stuck', async () => {
    let letGo: () => void = () => {};
    const stuck = new Promise<SinkReply>((resolve) => {
      letGo = () => resolve(null);
    });
    const slow = await openList(['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'], () => stuck);
    const list = await openList(['ops']);
    await slow.send();
    await until(async () => (await slow.copies()).filter(({ state }) => state === 'leased').length === 8);
    await list.send(secret());
    await until(async () => (await list.copies())[0]?.state === 'accepted');
    expect(slow.taken()).toEqual([]);
    letGo();
    await until(async () => (await slow.copies()).every(({ state }) => state === 'accepted'));
  });

  it('tells people once of codes that the smarthost has not taken in two minutes', async () => {
    const list = await openList(['ops', 'second'], () => ({ stage: 'rcpt', reply: '451 4.3.0 later' }));
    await list.send(secret());
    await until(async () => (await list.copies()).every(({ code }) => code === 'smtp.451'));
    desk.pass(2 * MINUTE + 1000);
    await wake();
    // A copy that is being sent in this very moment is told of in the next one, by a line of its own: each of them once.
    const told = async () =>
      (await list.tickets()).map(({ note }) => Number(/^(\d+) copies/.exec(note)?.[1])).reduce((a, n) => a + n, 0);
    const late = `select t.id, t.urgency from tickets t where t.kind = 'list.copies_late' and t.subject like '%${list.address}'`;
    await until(async () => (await told()) === 2);
    const notices = await query(`select from effects e join (${late}) t on t.id = e.ticket_id`);
    expect(notices).toHaveLength(1);
    desk.pass(2 * MINUTE);
    await wake();
    await until(async () => (await list.copies()).every(({ attempts }) => attempts >= 3));
    expect(await query(late)).toMatchObject([{ urgency: 'critical' }]);
    expect(await told()).toBe(2);
    expect(await query(`select from effects e join (${late}) t on t.id = e.ticket_id`)).toHaveLength(1);
    await query(`update deliveries set state = 'skipped' where state = 'due'`);
  });

  it('holds a flood of usual mail until it is calmer, and no code', async () => {
    const list = await openList(['ops']);
    await desk.stop();
    for (let mail = 0; mail < 6; mail++) await list.send();
    await list.send(secret());
    await desk.start();
    await until(async () => (await list.copies()).filter(({ state }) => state === 'accepted').length === 1);
    await until(async () => (await list.copies()).filter(({ code }) => code === 'deliver.storm').length === 6);
    expect(await list.tickets()).toMatchObject([{ kind: 'list.storm', urgency: 'high' }]);
    desk.pass(11 * MINUTE);
    await wake();
    await until(async () => (await list.copies()).every(({ state }) => state === 'accepted'));
  });

  it('tells once of a storm that many rounds find at the same time', async () => {
    const list = await openList(['ops']);
    await desk.stop();
    for (let mail = 0; mail < 6; mail++) await list.send();
    const [row] = await query<{ id: number }>('select id from lists where address = $1', [list.address]);
    const copy = { listId: row!.id, customerId: 1, list: list.address, priority: 2 } as ClaimedDelivery;
    const rings: string[] = [];
    const deps = {
      pool: desk.stage.database.pool,
      notify: { mail: false, webhook: false, least: 'high' as const },
      log: createLog('silent'),
      mostMails: 4,
      ring: () => rings.push('act'),
    };
    const found = await Promise.all(Array.from({ length: 8 }, () => findStorms(deps, [copy], desk.now())));
    expect(found.every((stormy) => stormy.has(row!.id))).toBe(true);
    expect(await list.tickets()).toMatchObject([{ kind: 'list.storm' }]);
    expect(rings).toHaveLength(1);
    await query(`update deliveries set state = 'skipped' where state = 'due'`);
    await desk.start();
  });

  it('waits a minute for DNS, then sends wrapped what could not be checked', async () => {
    const list = await openList(['ops']);
    desk.stage.dns.fail('servfail');
    await list.send(signedMail({ From: 'Other <someone@other.test>' }));
    desk.stage.dns.fail(null);
    expect(await list.copies()).toMatchObject([{ state: 'due', attempts: 0 }]);
    desk.pass(MINUTE + 1000);
    await wake();
    await until(async () => (await list.copies())[0]?.state === 'accepted');
    expect((await list.copies())[0]).toMatchObject({ form: 'wrapped' });
  });

  it('sends a copy again whose process died before it said how it went: the same bytes', async () => {
    const list = await openList(['ops']);
    await list.send(plainMail());
    await until(async () => (await list.copies())[0]?.state === 'accepted');
    await query(
      `update deliveries set state = 'leased', lease_owner = 'dead', lease_until = $1, accepted_at = null where id = $2`,
      [new Date(desk.now().getTime() - 1000), (await list.copies())[0]!.id],
    );
    await wake();
    await until(async () => list.taken().length === 2);
    const [first, second] = list.taken();
    expect(second!.raw.equals(first!.raw)).toBe(true);
    expect(second!.from).toBe(first!.from);
  });

  it('sends nothing to whom left, nor for a released address', async () => {
    const list = await openList(['stays', 'leaves'], () => ({ stage: 'rcpt', reply: '451 4.3.0 later' }));
    await list.send();
    await until(async () => (await list.copies()).every(({ code }) => code === 'smtp.451'));
    await query(`update members set state = 'removed' where address like 'leaves@%'`);
    desk.pass(5000);
    await wake();
    await until(async () => (await list.copies())[0]?.code === 'deliver.left');
    await query(`update lists set state = 'released' where address = $1`, [list.address]);
    desk.pass(MINUTE);
    await wake();
    await until(async () => (await list.copies()).every(({ state }) => state === 'skipped'));
    await list.send();
    expect(await list.copies()).toHaveLength(2);
  });

  it('finds by itself what no ring told of', async () => {
    await desk.stop();
    await desk.start({ sweepMs: 200 });
    const list = await openList(['ops']);
    // The stage's own room rings nobody.
    await desk.stage.room.keep(signedMail(), desk.arrivalFor(list.address));
    await until(async () => (await list.copies())[0]?.state === 'accepted');
  });

  it('sends on as soon as the database is back, and calls no mail unreadable that it could not be asked for', async () => {
    let isBusy = true;
    const list = await openList(['ops'], () => (isBusy ? { stage: 'rcpt', reply: '451 4.3.0 later' } : null));
    await list.send(secret());
    await until(async () => (await list.copies())[0]?.code === 'smtp.451');
    isBusy = false;
    const blocker = await desk.stage.database.pool.connect();
    await blocker.query('begin');
    await blocker.query('lock table raws in access exclusive mode');
    desk.pass(5000);
    await wake();
    await until(async () => {
      const ended = await query(
        `select pg_terminate_backend(pid) from pg_stat_activity
          where wait_event_type = 'Lock' and query like '%raws%' and datname = current_database()`,
      );
      return ended.length > 0;
    });
    await blocker.query('rollback');
    blocker.release();
    await until(async () => (await list.copies())[0]?.state === 'accepted');
    const events = await query<{ code: string }>(
      'select code from delivery_events where delivery_id = $1 order by id',
      [(await list.copies())[0]!.id],
    );
    expect(events.map(({ code }) => code)).toEqual(['smtp.451', 'deliver.database']);
    expect(list.taken()).toHaveLength(1);
  });

  it('keeps a mail whose key is gone due, and tells people', async () => {
    const list = await openList(['ops'], () => ({ stage: 'rcpt', reply: '451 4.3.0 later' }));
    await list.send();
    await until(async () => (await list.copies())[0]?.code === 'smtp.451');
    desk.stage.seal.destroyDayKeysBefore('2999-01-01');
    desk.pass(5000);
    await wake();
    await until(async () => (await list.copies())[0]?.code === 'seal.key_gone');
    expect(list.taken()).toEqual([]);
  });
});
