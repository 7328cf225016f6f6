import { toldOn } from '../core/correlate.ts';
import { type EffectDraft, type NoticeType, noticeDraft } from '../core/effect.ts';
import type { Change } from '../core/entry.ts';
import { keysHeld, type Placed, type ReplayState } from '../core/replayMail.ts';
import type { TicketReplay } from '../core/replayTickets.ts';
import { ticketsOfKey } from '../core/situation.ts';
import { byMailTime } from '../core/ticket.ts';
import type { Seal } from '../lib/seal.ts';
import type { StoredMail } from '../store/loadReplay.ts';
import { type Decisions, emptyDecisions } from '../store/writeDecisions.ts';
import { type ReplayWrites, type Scrub, TOMBSTONE } from '../store/writeReplay.ts';
import { type ChangedMail, changedMail } from './changedMail.ts';
import { secretsNow } from './heldReading.ts';
import { eventsOf } from './planBatch.ts';
import type { ReadAgain } from './replayChunk.ts';
import { countCode, type ReplayReport } from './replayCodes.ts';

type Input = {
  placed: readonly Placed[];
  tickets: readonly TicketReplay[];
  state: ReplayState;
  due: readonly { read: ReadAgain; stored: StoredMail }[];
  now: Date;
  seal: Pick<Seal, 'toMailKey' | 'toDayKey'>;
  report: ReplayReport;
};

type Notice = { type: NoticeType; ticketId: number; customerId: number; mailId: number; draft: EffectDraft };

/**
 * The rows that make a replay true; where nothing changed, none. Counts what changed by code. Tickets that are new have
 * numbers below zero until `write` is told the true ones.
 */
export function replayRows(input: Input): {
  newTickets: number[];
  notices: Notice[];
  write(numbers: ReadonlyMap<number, number>): ReplayWrites;
} {
  const { placed, report } = input;
  const byId = new Map(input.due.map((one) => [one.read.claimed.id, one]));
  const byTicket = new Map(input.tickets.map((ticket) => [ticket.id, ticket]));
  const changed: ChangedMail[] = [];
  for (const one of placed) {
    const { read, stored } = byId.get(one.replay.mail.id)!;
    const mail = changedMail(one, read, stored, input.now, byTicket);
    if (one.replay.held) countCode(report, 'secret:kept');
    countCode(report, mail.codes.length === 0 ? 'unchanged' : 'changed');
    for (const code of mail.codes) countCode(report, code);
    if (mail.codes.length > 0) changed.push(mail);
  }
  const mailsOf = (ticketId: number) =>
    changed.filter(({ placed: { ticketId: on, left } }) => on === ticketId || left === ticketId);
  const tickets = input.tickets.filter(({ id, shows }) => mailsOf(id).length > 0 || shows === 'other');
  /** The mail that stands for what became of a ticket: one that changed, else its last. */
  const mailOf = ({ id, mails }: TicketReplay): number =>
    mailsOf(id)[0]?.placed.replay.mail.id ?? mails.toSorted(byMailTime).at(-1)!.id;
  for (const ticket of tickets) {
    countTicket(report, ticket);
    if (mailsOf(ticket.id).length === 0) countCode(report, 'ticket:refolded');
  }
  const notices = tickets.flatMap((ticket) => {
    const { id, customerId, notices } = ticket;
    return notices.map((type) => ({
      type,
      ticketId: id,
      customerId,
      mailId: mailOf(ticket),
      draft: noticeDraft(type, id),
    }));
  });
  return {
    newTickets: tickets
      .filter(({ id }) => id < 0)
      .map(({ id }) => id)
      .toSorted((a, b) => b - a),
    notices,
    write: (numbers) => writesOf(changed, tickets, mailOf, input, numbers),
  };
}

function countTicket(report: ReplayReport, { folded, before, state }: TicketReplay): void {
  if (folded === null) countCode(report, 'ticket:emptied');
  if (before !== null && before.state !== state) countCode(report, `ticket:${before.state}>${state}`);
}

function writesOf(
  changed: readonly ChangedMail[],
  tickets: readonly TicketReplay[],
  mailOf: (ticket: TicketReplay) => number,
  { state, now, seal }: Input,
  numbers: ReadonlyMap<number, number>,
): ReplayWrites {
  const numberOf = (id: number) => numbers.get(id) ?? id;
  const scrubs = changed.flatMap((one) => scrubOf(one, numberOf));
  const hidden = new Set(scrubs.flatMap(({ texts }) => texts));
  const decisions: Decisions = { ...emptyDecisions(now), again: changed.flatMap(({ placed }) => placed.again) };
  const writes: ReplayWrites = { decisions, droppedKeys: [], droppedMentions: [], moved: [], emptied: [], scrubs };
  for (const one of changed) addMailRows(writes, one, { state, numberOf, now, seal });
  for (const ticket of tickets) addTicketRows(writes, ticket, mailOf(ticket), numberOf, hidden);
  return writes;
}

function addMailRows(
  writes: ReplayWrites,
  { placed, read, stored, decided, reading, codes }: ChangedMail,
  within: {
    state: ReplayState;
    numberOf(id: number): number;
    now: Date;
    seal: Pick<Seal, 'toMailKey' | 'toDayKey'>;
  },
): void {
  const { decisions } = writes;
  const { state, numberOf, now, seal } = within;
  const { replay, ticketId, left, links, collision, related } = placed;
  const { id: mailId, customerId } = replay.mail;
  const number = ticketId === null ? null : numberOf(ticketId);
  const { outcome, rule } = decided;
  decisions.mails.push({ ...decided, ticketId: number });
  decisions.readings.push(reading);
  const count = (name: string, by: number) => {
    decisions.counters[name] = (decisions.counters[name] ?? 0) + by;
  };
  count(`mails.${outcome}`, 1);
  count(`mails.${replay.stored.outcome}`, -1);
  count('replay.changed', 1);
  const detail = { mail: mailId, outcome, rule: rule ?? undefined, ticket: number ?? undefined, changed: codes };
  decisions.audit.push({ customerId, at: now, actor: 'rootdesk', action: 'mail.replayed', detail });
  const key = decided.secretLevel === 'sealed' ? seal.toDayKey : seal.toMailKey;
  const raised = secretsNow(stored, replay.mail.reading.understanding) === 'more';
  const isSealed = read.key.keyId.startsWith('day:');
  // What is secret-class from today on lives no longer than other secrets; what was under a day key stays there.
  if ((raised && decided.secretLevel === 'sealed' && !isSealed) || (isSealed && decided.secretLevel !== 'sealed')) {
    decisions.rewrapped.push({ mailId, ...key(read.key.wrappedKey, read.key.keyId) });
  }
  if (customerId === null) return;
  dropKeys(writes, placed, customerId, state);
  if (left !== null) writes.moved.push({ ticketId: left, mailId, to: number, outcome });
  if (ticketId === null || placed.ticketMail === null) return;
  if (links !== null) {
    for (const one of links.keys)
      if (ticketsOfKey(state.situation, customerId, one).includes(ticketId))
        decisions.keys.push({ customerId, key: one, ticketId: number! });
    for (const one of links.mentions) decisions.mentions.push({ customerId, key: one, ticketId: number! });
  }
  decisions.events.push(...eventsOf(replay.mail, links, number!));
  for (const { ticketId: other, how } of related) {
    const [low, high] = [number!, numberOf(other)].toSorted((a, b) => a - b) as [number, number];
    if (low === high || decisions.links.some((one) => one.ticketId === low && one.otherId === high)) continue;
    const told = toldOn(ticketId, other, state.situation.tickets).map(numberOf);
    decisions.links.push({ customerId, ticketId: low, otherId: high, how, mailId, told });
  }
  const seenBefore = null;
  const shown = placed.settled ?? outcome;
  const body = { outcome: shown, subject: placed.ticketMail.subject, seenBefore, collision };
  const at = placed.ticketMail.mailTime;
  decisions.entries.push({ type: 'mail', at, body, ticketId: number!, customerId, mailId });
}

function dropKeys(writes: ReplayWrites, placed: Placed, customerId: number, state: ReplayState): void {
  const { links, ticketId } = placed.replay.stored;
  if (links === null || ticketId === null) return;
  const held = keysHeld(state, ticketId);
  for (const key of links.keys) if (!held.keys.has(key)) writes.droppedKeys.push({ customerId, key, ticketId });
  for (const key of links.mentions)
    if (!held.mentions.has(key)) writes.droppedMentions.push({ customerId, key, ticketId });
}

function addTicketRows(
  writes: ReplayWrites,
  ticket: TicketReplay,
  mailId: number,
  numberOf: (id: number) => number,
  hidden: ReadonlySet<string>,
): void {
  const { decisions } = writes;
  const { id, customerId, folded, state, solvedAt, snoozedUntil, before, mergedInto } = ticket;
  const ticketId = numberOf(id);
  if (folded === null) {
    writes.emptied.push({
      id: ticketId,
      mergedInto: mergedInto === null ? null : numberOf(mergedInto),
      solvedAt: solvedAt!,
    });
  } else {
    const row = { id: ticketId, customerId, state, solvedAt, snoozedUntil, face: folded.face };
    (before === null ? decisions.opened : decisions.changed).push(row);
    for (const entry of decisions.entries) {
      if (entry.type !== 'mail' || entry.ticketId !== ticketId) continue;
      entry.body = { ...entry.body, seenBefore: folded.seenBefore.get(entry.mailId) ?? null };
    }
    for (const remark of ticket.remarks) decisions.remarks.push({ ticketId, ...remark });
  }
  const changes = ticket.changes.map((change) => withoutHidden(change, hidden));
  if (changes.length > 0) {
    const body = { changes, mailId, replay: true as const };
    decisions.entries.push({ type: 'change', at: null, body, ticketId, customerId, mailId });
  }
}

function withoutHidden(change: Change, hidden: ReadonlySet<string>): Change {
  if (change.field !== 'subject') return change;
  const shown = (text: string) => (hidden.has(text) ? TOMBSTONE : text);
  return { ...change, from: shown(change.from), to: shown(change.to) };
}

function scrubOf({ placed, stored }: ChangedMail, numberOf: (id: number) => number): Scrub[] {
  const { mail } = placed.replay;
  if (mail.customerId === null || secretsNow(stored, mail.reading.understanding) !== 'more') return [];
  const tickets = [placed.replay.stored.ticketId, placed.ticketId].filter((id) => id !== null);
  const u = mail.reading.understanding;
  const old = [stored.decided.ticketSubject, stored.reading.subject].filter((text) => text !== null && text !== '');
  return [
    {
      mailId: mail.id,
      customerId: mail.customerId,
      ticketIds: [...new Set(tickets.map(numberOf))],
      texts: old.filter((text) => text !== u.ticketSubject) as string[],
      from: stored.decided.secretLevel ?? 'none',
      to: u.secrets.level,
    },
  ];
}
