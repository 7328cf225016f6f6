import type { FastifyRequest } from 'fastify';
import { z } from 'zod';
import { listCustomers, readCustomer } from '../store/readCustomers.ts';
import { readMailboxes, readParkedEffects, readPipe, readRootAddresses } from '../store/readHealth.ts';
import { listMails, type MailFilter, readMail } from '../store/readMails.ts';
import { NAV_LIMIT } from '../store/readNav.ts';
import { countBands, readPlace, readQueue } from '../store/readQueue.ts';
import { readEffects, readEntries, readTicketLists, readTicketMails } from '../store/readTickets.ts';
import { filterOf } from '../store/ticketFilter.ts';
import type { ConsoleDeps } from './deps.ts';
import { NotFound } from './errors.ts';
import { findTicket } from './findTicket.ts';
import { type Html, html } from './html.ts';
import type { HtmlViews } from './htmlViews.ts';
import { lookAt, type MailLook } from './mailLook.ts';
import { customerPage, customersPage } from './pages/customersPage.ts';
import { healthPage } from './pages/healthPage.ts';
import { mailsPage } from './pages/mailsPage.ts';
import { queuePage } from './pages/queuePage.ts';
import { renderedMail } from './pages/renderedMail.ts';
import { reviewPage } from './pages/reviewPage.ts';
import { sinkPage } from './pages/sinkPage.ts';
import { storyPage } from './pages/storyPage.ts';
import { ticketPage } from './pages/ticketPage.ts';
import { customerKeySchema, idKeySchema, packedKey, queueKeySchema } from './pagingKey.ts';
import {
  emptyIsAbsent,
  idParams,
  idSchema,
  kindSchema,
  messageIdSchema,
  outcomeSchema,
  parse,
  sha256Schema,
  slugParams,
  slugSchema,
  stateSchema,
} from './queries.ts';
import { maskerOf, viewOf } from './requestView.ts';
import { textsFor } from './words/texts.ts';

/** Rows a page. */
const PAGE = 50;
const CUSTOMERS = 100;
const ADDRESSES = 200;
/** The newest of a ticket that a page shows. */
const TIMELINE = 500;
const TICKET_MAILS = 100;

export type PageHandler = (deps: ConsoleDeps, request: FastifyRequest, views: HtmlViews) => Promise<Html>;

/** Which mail of a page is looked at, and how. */
const lookQuery = {
  mail: emptyIsAbsent(idSchema),
  form: emptyIsAbsent(z.enum(['html', 'text', 'headers'])),
  tall: emptyIsAbsent(z.literal('1')),
};

const queueQuery = z.object({
  state: emptyIsAbsent(stateSchema),
  customer: emptyIsAbsent(slugSchema),
  kind: emptyIsAbsent(kindSchema),
  after: emptyIsAbsent(z.string().max(500)),
});

export const showQueue: PageHandler = async (deps, request) => {
  const { state = 'open', customer, kind, after } = parse(queueQuery, request.query);
  const { db, clock } = deps;
  const filter = { customer, kind };
  const key = after === undefined ? null : parse(packedKey(queueKeySchema), after);
  const sort = state === 'solved' ? 'changed' : 'act';
  if (key !== null && key.sort !== sort) throw new NotFound();
  const asOf = key ? new Date(key.asOf) : clock.now();
  const asked = filterOf([state], {
    customers: customer === undefined ? [] : [customer],
    kinds: kind === undefined ? [] : [kind],
  });
  const load = async () => ({
    page: await readQueue(db, { filter: asked, sort, after: key, asOf, limit: PAGE }),
    bands: state === 'solved' ? { now: 0, today: 0, week: 0, later: 0, all: 0 } : await countBands(db, asked, asOf),
  });
  const [view, { page, bands }] = await Promise.all([viewOf(deps, request), load()]);
  const bare = page.rows.length === 0;
  const [lastMailAt, customers] = bare
    ? await Promise.all([readPipe(db).then((pipe) => pipe.lastMailAt), listCustomers(db, null, 1)])
    : [null, []];
  return queuePage(view, {
    state,
    filter,
    ...page,
    paged: after !== undefined,
    bands,
    lastMailAt,
    customers: customers.length,
  });
};

const ticketQuery = z.object({ was: emptyIsAbsent(stateSchema), ...lookQuery });

export const showTicket: PageHandler = async (deps, request, views) => {
  const { id } = parse(idParams, request.params);
  const { was, mail: lookedAt, form, tall } = parse(ticketQuery, request.query);
  const { db, clock } = deps;
  const ticket = await findTicket(db, id);
  const [view, entries, mails, effects, lists, place] = await Promise.all([
    viewOf(deps, request),
    readEntries(db, id, TIMELINE),
    readTicketMails(db, id, TICKET_MAILS),
    readEffects(db, { ticketId: id }),
    readTicketLists(db, id),
    readPlace(db, id, clock.now()),
  ]);
  const newest = mails.at(-1);
  const chosen = mails.find((one) => one.id === lookedAt);
  const looks = new Map<number, MailLook>();
  for (const one of new Set([newest, chosen])) {
    if (!one) continue;
    const wanted = one === chosen ? { form, tall: tall !== undefined } : {};
    looks.set(one.id, await lookAt({ db, views }, one, wanted));
  }
  return ticketPage(view, {
    ticket,
    looks,
    entries,
    mails,
    effects,
    lists,
    place,
    was: was && was !== ticket.state ? was : null,
  });
};

const storyQuery = z.object({ retried: emptyIsAbsent(z.literal('1')), form: lookQuery.form, tall: lookQuery.tall });

export const showStory: PageHandler = async (deps, request, views) => {
  const { id } = parse(idParams, request.params);
  const { retried, form, tall } = parse(storyQuery, request.query);
  const mail = await readMail(deps.db, id);
  if (!mail) throw new NotFound();
  const [view, effects] = await Promise.all([viewOf(deps, request), readEffects(deps.db, { mailId: id })]);
  const look = await lookAt({ db: deps.db, views }, mail, { form: form ?? 'text', tall: tall !== undefined });
  return storyPage(view, { mail, effects, retried: retried !== undefined, look, looked: form !== undefined });
};

/** The document in the frame of a mail: never for one that is sealed, and never made from anything but its redacted form. */
export const showRendered: PageHandler = async (deps, request, views) => {
  const { id } = parse(idParams, request.params);
  const mail = await readMail(deps.db, id);
  if (!mail) throw new NotFound();
  const [made, mask] = await Promise.all([views.of(mail), maskerOf(deps)]);
  if (!made.shown) throw new NotFound();
  const t = textsFor(request);
  return (
    renderedMail(t, made, mask) ??
    html`<!doctype html><html lang="${t.lang}"><body>${t.mail.whyText.unsafe}</body></html>`
  );
};

const reviewQuery = z.object({ ...lookQuery, after: emptyIsAbsent(packedKey(idKeySchema)) });

export const showReview =
  (of: 'quarantine' | 'parked'): PageHandler =>
  async (deps, request, views) => {
    const { mail, form, tall, after } = parse(reviewQuery, request.query);
    const [view, rows] = await Promise.all([
      viewOf(deps, request),
      listMails(deps.db, { outcome: of }, after?.id ?? null, PAGE + 1),
    ]);
    const more = rows.length > PAGE;
    rows.length = Math.min(rows.length, PAGE);
    const id = mail ?? rows[0]?.id;
    const found = id === undefined ? null : await readMail(deps.db, id);
    const chosen = found?.outcome === of ? found : null;
    const wanted = { form: form ?? ('text' as const), tall: tall !== undefined };
    return reviewPage(view, {
      of,
      rows,
      next: more ? { id: rows.at(-1)?.id as number } : null,
      chosen,
      look: chosen ? await lookAt({ db: deps.db, views }, chosen, wanted) : null,
      count: view.nav[of],
      limit: NAV_LIMIT,
    });
  };

const MAIL_FIELDS = { outcome: outcomeSchema, customer: slugSchema, sha256: sha256Schema, messageId: messageIdSchema };

/** A field of the filter form that cannot be read is said on the page, and nothing is listed: never more than asked for. */
export const showMails: PageHandler = async (deps, request) => {
  const query = request.query as Record<string, unknown>;
  const filter: MailFilter = {};
  const wrong: string[] = [];
  for (const [name, schema] of Object.entries(MAIL_FIELDS)) {
    const result = emptyIsAbsent(schema).safeParse(query[name]);
    if (result.success) Object.assign(filter, { [name]: result.data });
    else wrong.push(`${name} ${result.error.issues[0]?.message}`);
  }
  const { after } = parse(z.object({ after: emptyIsAbsent(packedKey(idKeySchema)) }), query);
  const [view, rows] = await Promise.all([
    viewOf(deps, request),
    wrong.length > 0 ? [] : listMails(deps.db, filter, after?.id ?? null, PAGE + 1),
  ]);
  const more = rows.length > PAGE;
  rows.length = Math.min(rows.length, PAGE);
  return mailsPage(view, { filter, rows, wrong, next: more ? { id: rows.at(-1)?.id as number } : null });
};

export const showHealth: PageHandler = async (deps, request) => {
  const { db } = deps;
  const [view, pipe, addresses, mailboxes, parked] = await Promise.all([
    viewOf(deps, request),
    readPipe(db),
    readRootAddresses(db, {}, ADDRESSES),
    readMailboxes(db),
    readParkedEffects(db, PAGE),
  ]);
  return healthPage(view, { pipe, addresses, mailboxes, listeners: deps.listeners(), parked });
};

export const showCustomers: PageHandler = async (deps, request) => {
  const { after } = parse(z.object({ after: emptyIsAbsent(packedKey(customerKeySchema)) }), request.query);
  const [view, rows] = await Promise.all([viewOf(deps, request), listCustomers(deps.db, after ?? null, CUSTOMERS + 1)]);
  const more = rows.length > CUSTOMERS;
  rows.length = Math.min(rows.length, CUSTOMERS);
  const last = rows.at(-1);
  return customersPage(view, rows, more && last ? { name: last.name, id: last.id } : null);
};

export const showCustomer: PageHandler = async (deps, request) => {
  const { slug } = parse(slugParams, request.params);
  const customer = await readCustomer(deps.db, slug);
  if (!customer) throw new NotFound();
  const [view, addresses] = await Promise.all([
    viewOf(deps, request),
    readRootAddresses(deps.db, { customer: slug }, ADDRESSES),
  ]);
  return customerPage(view, customer, addresses.rows);
};

export const showSink: PageHandler = async (deps, request) => {
  if (!deps.demo || !deps.sink) throw new NotFound();
  return sinkPage(await viewOf(deps, request), deps.sink.list());
};
