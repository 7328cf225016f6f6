import { deadlineInstant } from '../../core/ticket.ts';
import type { TicketRow } from '../../store/readTickets.ts';
import type { TicketState } from '../../store/schema.ts';
import { type Html, html } from '../html.ts';
import { withoutDone } from '../pageAddress.ts';
import { SNOOZE_CHOICES, snoozeUntil } from '../snoozeChoice.ts';
import type { View } from '../view.ts';

const STATES: readonly TicketState[] = ['open', 'waiting', 'solved'];

/** What can be done with a ticket: forms that name the version that was seen, so that nothing newer is overwritten. */
export function ticketActs(view: View, ticket: TicketRow, main = true): Html {
  const { t } = view;
  const seen = html`<input type="hidden" name="version" value="${ticket.version}"><input type="hidden" name="back" value="${withoutDone(view.here)}">`;
  const words = { open: t.ticket.makeOpen, waiting: t.ticket.makeWaiting, solved: t.ticket.makeSolved };
  const state = html`<details class="drop drop-right"><summary class="button" data-key="s">${t.ticket.changeState} <kbd>s</kbd></summary><form class="panel panel-list" method="post" action="/tickets/${ticket.id}/state">${seen}${STATES.filter(
    (one) => one !== ticket.state,
  ).map((one) => html`<button name="to" value="${one}">${words[one]}</button>`)}</form></details>`;
  const solve =
    ticket.state === 'solved'
      ? null
      : html`<form method="post" action="/tickets/${ticket.id}/state">${seen}<button class="button${main ? ' primary' : ''}" name="to" value="solved" data-key="e">${words.solved} <kbd>e</kbd></button></form>`;
  return html`<div class="acts">${ticket.state === 'solved' ? null : snoozeMenu(view, ticket, seen)}${mergeMenu(view, ticket, seen)}${state}${solve}</div>`;
}

/** Makes two tickets of a customer one, with the reason that both timelines show. */
function mergeMenu({ t }: View, ticket: TicketRow, seen: Html): Html | null {
  if (ticket.mails === 0) return null;
  return html`<details class="drop drop-right"><summary class="button" data-key="m">${t.acts.merge} <kbd>m</kbd></summary><form class="panel form" method="post" action="/tickets/${ticket.id}/merge">${seen}<p class="quiet-note">${t.acts.mergeHint}</p><p><label>${t.acts.mergeInto}<br><input name="into" inputmode="numeric" pattern="[1-9][0-9]*" required></label></p><p><label>${t.acts.mergeReason}<br><input name="reason" maxlength="500" required></label></p><button class="button">${t.acts.merge}</button></form></details>`;
}

/** Choices that mean a time still to come, each with that time. */
function snoozeMenu(view: View, ticket: TicketRow, seen: Html): Html {
  const { t, times } = view;
  const instant = ticket.deadline ? deadlineInstant(ticket.deadline) : Number.NaN;
  const deadline = Number.isNaN(instant) ? null : new Date(instant);
  const choices = SNOOZE_CHOICES.flatMap((choice) => {
    const until = snoozeUntil(choice, { now: times.now, zone: times.zone, deadline });
    return until ? [{ choice, until }] : [];
  });
  const tomorrow = new Date(times.now.getTime() + 86_400_000).toISOString().slice(0, 10);
  return html`<details class="drop drop-right"><summary class="button" data-key="h">${t.acts.snooze} <kbd>h</kbd></summary><div class="panel panel-list"><form method="post" action="/tickets/${ticket.id}/snooze">${seen}${choices.map(
    ({ choice, until }) =>
      html`<button name="until" value="${choice}"><span>${t.acts.choices[choice]}</span> <span class="beside">${times.row(until)}</span></button>`,
  )}${ticket.snoozedUntil ? html`<button name="until" value="now">${t.acts.wake}</button>` : null}</form>
<form class="day" method="post" action="/tickets/${ticket.id}/snooze">${seen}<label>${t.acts.snoozeDay} <input type="date" name="until" min="${tomorrow}" required></label><button class="button">${t.acts.snoozeSet}</button></form></div></details>`;
}
