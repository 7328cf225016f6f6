import { type NoticeType, type NotifyRules, noticesDue } from './effect.ts';
import type { Change } from './entry.ts';
import { changesOf, remarksOf, sameDeadline } from './planTicket.ts';
import type { Placed, ReplayState } from './replayMail.ts';
import type { KnownTicket, TicketState } from './situation.ts';
import { type FoldedTicket, foldTicket, type TicketFace, type TicketMail } from './ticket.ts';
import { solvedSince } from './ticketState.ts';

/** What a ticket shows, as its row has it; whether it has ended is its state. */
export type StoredFace = Omit<TicketFace, 'resolved'>;

/** What a replay makes of one ticket, over all mails that it moved or read anew. */
export type TicketReplay = {
  /** Below zero: a new one. */
  id: number;
  customerId: number;
  /** As it was; null: it is new. */
  before: KnownTicket | null;
  /** null: no mail is left on it. */
  folded: FoldedTicket | null;
  /** Of one that no mail is left on: the ticket that its mails went to, null when they need none any more. */
  mergedInto: number | null;
  /** Its mails by today's rules. */
  mails: readonly TicketMail[];
  /** Of a new one: the mail that came to it first. */
  opener: number | null;
  state: TicketState;
  /** ISO 8601. */
  solvedAt: string | null;
  /** ISO 8601. */
  snoozedUntil: string | null;
  /** Its row shows something else than today's rules of summing up make of its mails, whether one of them changed or not. */
  shows: 'same' | 'other';
  changes: Change[];
  remarks: { mailId: number; seenBefore: number | null }[];
  notices: NoticeType[];
};

/**
 * Sums up what a replay did to tickets: one line of changes each, however many mails changed. What a person did stays: a
 * state that a person set last, and a snooze, end only by a mail that was on no ticket before and is newer, or that comes
 * from a ticket with open work. `before`: the tickets as they were, with the faces that their rows have (`withFaces`); `byPerson`: those whose state a person set last.
 */
export function replayTickets(
  placed: readonly Placed[],
  before: ReadonlyMap<number, KnownTicket>,
  { situation }: ReplayState,
  byPerson: ReadonlySet<number>,
  notify: NotifyRules,
): TicketReplay[] {
  const touched = new Set<number>();
  for (const { ticketId, left } of placed) for (const id of [ticketId, left]) if (id !== null) touched.add(id);
  return [...touched].map((id) => {
    const was = before.get(id) ?? null;
    const now = situation.tickets.get(id)!;
    const came = placed.filter((one) => one.ticketId === id && one.replay.stored.ticketId !== id);
    const ticket =
      now.mails.length === 0 ? emptied(id, was!, placed) : refolded(now, was, came, before, byPerson, notify);
    situation.tickets.set(id, {
      ...now,
      state: ticket.state,
      solvedAt: ticket.solvedAt,
      snoozedUntil: ticket.snoozedUntil,
      folded: ticket.folded ?? now.folded,
    });
    return ticket;
  });
}

/**
 * Tickets with what their rows show in place of what today's rules make of their mails: where the two differ, the rules of
 * summing up have changed, and the row is written anew.
 */
export function withFaces(
  tickets: ReadonlyMap<number, KnownTicket>,
  faces: ReadonlyMap<number, StoredFace>,
): Map<number, KnownTicket> {
  return new Map(
    [...tickets].map(([id, ticket]) => {
      const { folded } = ticket;
      const face = faces.get(id);
      return [
        id,
        face === undefined ? ticket : { ...ticket, folded: { ...folded, face: { ...folded.face, ...face } } },
      ];
    }),
  );
}

function sameFace(a: TicketFace, b: TicketFace): boolean {
  const { deadline: one, actAt: oneAct, resolved: _, ...others } = a;
  const { deadline: other, actAt: otherAct, resolved: __, ...same } = b;
  const keys = Object.keys(same) as (keyof typeof same)[];
  return (
    keys.every((key) => others[key] === same[key]) &&
    sameDeadline(one, other) &&
    Date.parse(oneAct) === Date.parse(otherAct)
  );
}

function emptied(id: number, was: KnownTicket, placed: readonly Placed[]): TicketReplay {
  const last = placed.filter((one) => one.left === id && one.ticketId !== null).at(-1);
  const change: Change = { field: 'state', from: was.state, to: 'solved' };
  return {
    id,
    customerId: was.customerId,
    before: was,
    folded: null,
    mergedInto: last?.ticketId ?? null,
    mails: [],
    opener: null,
    state: 'solved',
    solvedAt: was.solvedAt ?? was.folded.endedAt ?? was.mails.at(-1)!.mailTime,
    snoozedUntil: null,
    shows: 'other',
    changes: was.state === 'solved' ? [] : [change],
    remarks: [],
    notices: [],
  };
}

function refolded(
  now: KnownTicket,
  was: KnownTicket | null,
  came: readonly Placed[],
  before: ReadonlyMap<number, KnownTicket>,
  byPerson: ReadonlySet<number>,
  notify: NotifyRules,
): TicketReplay {
  const folded = foldTicket(now.mails);
  const sources = came
    .map(({ left }) => (left === null ? undefined : before.get(left)))
    .filter((one) => one !== undefined);
  const isNews =
    sources.some(({ state }) => state !== 'solved') ||
    came.some(({ left, ticketMail }) => left === null && isAfter(ticketMail!.mailTime, was?.solvedAt ?? null));
  const wanted: TicketState = folded.face.resolved ? 'solved' : 'open';
  // One that no person set follows the mails: where it does not, rules of another day summed them up.
  const personal = was !== null && byPerson.has(was.id);
  const state = personal && !isNews ? was.state : wanted;
  const snoozedUntil = isNews ? null : (was?.snoozedUntil ?? null);
  const mails = now.mails.filter((mail) => was?.mails.some((other) => other.id === mail.id));
  const known = [...(was === null ? [] : [was]), ...sources];
  return {
    id: now.id,
    customerId: now.customerId,
    before: was,
    folded,
    mergedInto: null,
    mails: now.mails,
    opener: was === null ? (came[0]?.replay.mail.id ?? null) : null,
    state,
    solvedAt: personal && !isNews ? was.solvedAt : solvedSince(state, was, folded),
    snoozedUntil,
    shows: was !== null && was.state === state && sameFace(was.folded.face, folded.face) ? 'same' : 'other',
    changes: was === null ? [] : changesOf(was, folded, state, snoozedUntil),
    remarks: remarksOf(was?.folded ?? null, folded, mails),
    // Of history nobody is told.
    notices: now.mails.every(({ history }) => history)
      ? []
      : noticesDue(
          notify,
          known.map((one) => ({ urgency: one.folded.face.urgency, state: one.state })),
          { urgency: folded.face.urgency, state },
        ),
  };
}

function isAfter(mailTime: string, solvedAt: string | null): boolean {
  return solvedAt === null || Date.parse(mailTime) > Date.parse(solvedAt);
}
