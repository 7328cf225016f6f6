import type { IncidentRow } from '../../store/readIncidents.ts';
import type { QueuePlace } from '../../store/readPlace.ts';
import type { QueueRow } from '../../store/readQueue.ts';
import { type Html, html } from '../html.ts';
import { kindWord } from '../kindWords.ts';
import type { View } from '../view.ts';
import { emptyState, frame } from './frame.ts';
import { icon } from './icons.ts';
import { foreign, urgencyMark } from './marks.ts';
import { rowTimes } from './queuePage.ts';
import { neighbours } from './ticketPage.ts';

/** One event of AWS, with the customers that got mail about it under it. For the team: no customer sees this page. */
export function incidentPage(view: View, incident: IncidentRow, tickets: QueueRow[], place: QueuePlace | null): Html {
  const { t, times } = view;
  const columns = t.queue.columns;
  const title = view.mask(incident.subject);
  return frame(view, {
    title: `${t.incident.one} ${incident.id} ${title}`,
    place: 'incidents',
    back: '/',
    head: html`<div class="crumb-line"><p class="crumbs"><a href="/incidents">${icon('back')} ${t.incident.many}</a> <span aria-hidden="true">/</span> ${incident.id}</p>${place ? neighbours(view, place, false) : null}</div>
<div class="title-line"><h1>${foreign(t, title)}</h1></div>
<ul class="meta"><li>${urgencyMark(t, incident.urgency, true)}</li><li>${t.incident.one} ${incident.id}</li><li>${t.incident.customers(incident.customers)}</li><li>${kindWord(t.kinds, incident.kind)} <code>${incident.kind}</code></li><li>${t.incident.open(incident.open)}</li><li>${t.incident.since} <time datetime="${incident.firstAt.toISOString()}">${times.row(incident.firstAt)}</time></li></ul>
<p class="lead">${t.incident.about}</p>`,
    main: html`<table class="queue" data-rows><caption class="hidden">${t.incident.caption}</caption>
<thead><tr><th scope="col" class="c-mark"><span class="hidden">${columns.urgency}</span></th><th scope="col" class="c-number">${columns.number}</th><th scope="col">${columns.customer}</th><th scope="col" class="c-customer">${t.incident.state}</th><th scope="col" class="c-kind">${columns.kind}</th><th scope="col" class="c-left right">${columns.left}</th><th scope="col" class="c-deadline">${columns.deadline}</th><th scope="col" class="c-changed right">${columns.changed}</th></tr></thead>
<tbody>${tickets.map(
      (row) =>
        html`<tr class="row"><td class="c-mark">${urgencyMark(t, row.urgency)}</td><td class="c-number">${row.id}</td><td class="c-matter"><div class="matter"><a href="/tickets/${row.id}">${foreign(t, row.customerName)}</a></div></td><td class="c-customer">${t.state[row.queue]}</td>${rowTimes(view, row)}</tr>`,
    )}</tbody></table>`,
    keys: [
      { keys: ['j', 'k'], does: t.keys.move },
      { keys: ['Enter'], does: t.keys.open },
    ],
  });
}

/** Incidents over several customers, newest first. */
export function incidentsPage(view: View, rows: IncidentRow[], next: number | null): Html {
  const { t, times } = view;
  const columns = t.incident.columns;
  return frame(view, {
    title: t.incident.many,
    place: 'incidents',
    back: '/',
    head: html`<div class="title-line"><h1>${t.incident.many}</h1></div>`,
    main:
      rows.length === 0
        ? emptyState(t.incident.none, t.incident.noneHint)
        : html`<table class="list" data-rows><caption class="hidden">${t.incident.many}</caption><thead><tr><th scope="col">${columns.matter}</th><th scope="col">${columns.kind}</th><th scope="col" class="right">${columns.customers}</th><th scope="col" class="right">${columns.open}</th><th scope="col" class="right">${columns.last}</th></tr></thead><tbody>${rows.map(
            (row) =>
              html`<tr class="row"><td><a href="/incidents/${row.id}">${foreign(t, view.mask(row.subject))}</a></td><td>${kindWord(t.kinds, row.kind)}</td><td class="right">${row.customers}</td><td class="right">${row.open}</td><td class="right"><time datetime="${row.lastAt.toISOString()}">${times.age(row.lastAt)}</time></td></tr>`,
          )}</tbody></table>${next === null ? null : html`<p class="paging"><a href="/incidents?before=${next}">${t.incident.more}</a></p>`}`,
    keys: [
      { keys: ['j', 'k'], does: t.keys.move },
      { keys: ['Enter'], does: t.keys.open },
    ],
  });
}
