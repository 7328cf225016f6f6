import { z } from 'zod';
import { readPlace } from '../store/readPlace.ts';
import { readEffects, readMatter, readTicket, readTicketLists, readTicketMails } from '../store/readTickets.ts';
import { readEntries, readTimeline } from '../store/readTimeline.ts';
import { readWithdrawnTicket } from '../store/withdrawnTickets.ts';
import { NotFound } from './errors.ts';
import { findTicket } from './findTicket.ts';
import { lookAt, lookQuery, type MailLook } from './mailLook.ts';
import type { PageHandler } from './pageHandler.ts';
import { peekPage } from './pages/peekPage.ts';
import { ticketPage } from './pages/ticketPage.ts';
import { withdrawnPage } from './pages/withdrawnPage.ts';
import { emptyIsAbsent, idParams, idSchema, parse } from './queries.ts';
import { viewOf } from './requestView.ts';

/** Entries of a page; earlier ones are a link away. */
const TIMELINE = 50;
/** Mails whose facts are taken together: the newest. */
const FACTS_OF = 100;
const PEEKED = 20;

const ticketQuery = z.object({ ...lookQuery, upto: emptyIsAbsent(idSchema), from: emptyIsAbsent(idSchema) });

export const showTicket: PageHandler = async (deps, request, views) => {
  const { id } = parse(idParams, request.params);
  const { mail: lookedAt, form, tall, upto: upTo, from } = parse(ticketQuery, request.query);
  const { db, clock } = deps;
  const ticket = await readTicket(db, id);
  if (ticket === null) {
    const withdrawn = await readWithdrawnTicket(db, id);
    if (withdrawn === null) throw new NotFound();
    return withdrawnPage(await viewOf(deps, request), withdrawn);
  }
  const [view, newest, matter, effects, lists, place] = await Promise.all([
    viewOf(deps, request),
    readTimeline(db, id, { upTo, from }, TIMELINE),
    readMatter(db, id, FACTS_OF),
    readEffects(db, { ticketId: id }),
    readTicketLists(db, id),
    readPlace(db, id, clock.now()),
  ]);
  // A mail that is looked at is on the page, also when newer entries have come since.
  const timeline =
    lookedAt === undefined || newest.entries.some(({ mailId }) => mailId === lookedAt)
      ? newest
      : await readTimeline(db, id, { mail: lookedAt }, TIMELINE);
  const ids = [timeline.first, ...timeline.entries].flatMap((entry) => entry?.mailId ?? []);
  const mails = await readTicketMails(db, id, { ids, limit: ids.length });
  const newestMail = matter.at(-1)?.id;
  const chosen = mails.find((one) => one.id === lookedAt);
  const looks = new Map<number, MailLook>();
  for (const one of new Set([mails.find((mail) => mail.id === newestMail), chosen])) {
    if (!one) continue;
    const wanted = one === chosen ? { form, tall: tall !== undefined } : {};
    looks.set(one.id, await lookAt({ db, views }, one, wanted));
  }
  return ticketPage(view, { ticket, looks, timeline, piece: { upTo, from }, mails, matter, effects, lists, place });
};

/** What stands beside the queue: never marks anything as read. */
export const showPeek: PageHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const ticket = await findTicket(deps.db, id);
  const [view, entries, mails] = await Promise.all([
    viewOf(deps, request),
    readEntries(deps.db, id, PEEKED),
    readTicketMails(deps.db, id, { limit: PEEKED }),
  ]);
  return peekPage(view, { ticket, entries, mails });
};
