import { z } from 'zod';
import { readPlace } from '../store/readQueue.ts';
import { readEffects, readEntries, readTicket, readTicketLists, readTicketMails } from '../store/readTickets.ts';
import { readWithdrawnTicket } from '../store/withdrawnTickets.ts';
import { NotFound } from './errors.ts';
import { findTicket } from './findTicket.ts';
import { lookAt, lookQuery, type MailLook } from './mailLook.ts';
import type { PageHandler } from './pageHandler.ts';
import { peekPage } from './pages/peekPage.ts';
import { ticketPage } from './pages/ticketPage.ts';
import { withdrawnPage } from './pages/withdrawnPage.ts';
import { idParams, parse } from './queries.ts';
import { viewOf } from './requestView.ts';

/** The newest of a ticket that a page shows. */
const TIMELINE = 500;
const TICKET_MAILS = 100;
const PEEKED = 20;

const ticketQuery = z.object(lookQuery);

export const showTicket: PageHandler = async (deps, request, views) => {
  const { id } = parse(idParams, request.params);
  const { mail: lookedAt, form, tall } = parse(ticketQuery, request.query);
  const { db, clock } = deps;
  const ticket = await readTicket(db, id);
  if (ticket === null) {
    const withdrawn = await readWithdrawnTicket(db, id);
    if (withdrawn === null) throw new NotFound();
    return withdrawnPage(await viewOf(deps, request), withdrawn);
  }
  const [view, entries, mails, effects, lists, place] = await Promise.all([
    viewOf(deps, request),
    readEntries(db, id, TIMELINE),
    readTicketMails(db, id, TICKET_MAILS),
    readEffects(db, { ticketId: id }),
    readTicketLists(db, id),
    readPlace(db, id, clock.now()),
  ]);
  const chosen = mails.find((one) => one.id === lookedAt);
  const looks = new Map<number, MailLook>();
  for (const one of new Set([mails.at(-1), chosen])) {
    if (!one) continue;
    const wanted = one === chosen ? { form, tall: tall !== undefined } : {};
    looks.set(one.id, await lookAt({ db, views }, one, wanted));
  }
  return ticketPage(view, { ticket, looks, entries, mails, effects, lists, place });
};

/** What stands beside the queue: never marks anything as read. */
export const showPeek: PageHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const ticket = await findTicket(deps.db, id);
  const [view, entries, mails] = await Promise.all([
    viewOf(deps, request),
    readEntries(deps.db, id, PEEKED),
    readTicketMails(deps.db, id, PEEKED),
  ]);
  return peekPage(view, { ticket, entries, mails });
};
