import { z } from 'zod';
import { readActs } from '../store/acts/readActs.ts';
import { readCopies } from '../store/readCopies.ts';
import { listCustomers, readCustomer } from '../store/readCustomers.ts';
import { readParkedEffects, readPipe, readRootAddresses } from '../store/readHealth.ts';
import { readGapAudit, readWorstMailboxes } from '../store/readMailboxes.ts';
import { listMails, type MailFilter, readMail } from '../store/readMails.ts';
import { readEffects } from '../store/readTickets.ts';
import { readSesQueues, readSesTroubles } from '../store/sesQueues.ts';
import { NotFound } from './errors.ts';
import { html } from './html.ts';
import { lookAt, lookQuery } from './mailLook.ts';
import type { PageHandler } from './pageHandler.ts';
import { customerPage, customersPage } from './pages/customersPage.ts';
import { healthPage } from './pages/healthPage.ts';
import { historyPage } from './pages/historyPage.ts';
import { mailsPage } from './pages/mailsPage.ts';
import { renderedMail } from './pages/renderedMail.ts';
import { sinkPage } from './pages/sinkPage.ts';
import { storyPage } from './pages/storyPage.ts';
import { UNREAD_ROWS } from './pages/unreadMail.ts';
import { customerKeySchema, idKeySchema, packedKey } from './pagingKey.ts';
import {
  emptyIsAbsent,
  idParams,
  idSchema,
  messageIdSchema,
  outcomeSchema,
  parse,
  sha256Schema,
  slugParams,
  slugSchema,
} from './queries.ts';
import { maskerOf, viewOf } from './requestView.ts';
import { textsFor } from './words/texts.ts';

/** Rows a page. */
const PAGE = 50;
const CUSTOMERS = 100;
const ADDRESSES = 200;
const MAILBOXES = 50;
const storyQuery = z.object({ form: lookQuery.form, tall: lookQuery.tall });

export const showStory: PageHandler = async (deps, request, views) => {
  const { id } = parse(idParams, request.params);
  const { form, tall } = parse(storyQuery, request.query);
  const mail = await readMail(deps.db, id);
  if (!mail) throw new NotFound();
  const [view, effects, copies] = await Promise.all([
    viewOf(deps, request),
    readEffects(deps.db, { mailId: id }),
    readCopies(deps.db, id),
  ]);
  const look = await lookAt({ db: deps.db, views }, mail, { form: form ?? 'text', tall: tall !== undefined });
  return storyPage(view, { mail, effects, copies, look, looked: form !== undefined });
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

const MAIL_FIELDS = {
  outcome: outcomeSchema,
  customer: slugSchema,
  ticket: idSchema,
  sha256: sha256Schema,
  messageId: messageIdSchema,
};

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
  const [view, pipe, addresses, mailboxes, audit, queues, unread, parked] = await Promise.all([
    viewOf(deps, request),
    readPipe(db),
    readRootAddresses(db, { now: deps.clock.now() }, ADDRESSES),
    readWorstMailboxes(db, MAILBOXES),
    readGapAudit(db),
    readSesQueues(db),
    readSesTroubles(db, UNREAD_ROWS),
    readParkedEffects(db, PAGE),
  ]);
  return healthPage(view, {
    pipe,
    addresses,
    mailboxes,
    audit,
    queues,
    unread,
    listeners: deps.listeners(),
    parked,
  });
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
    readRootAddresses(deps.db, { customer: slug, now: deps.clock.now() }, ADDRESSES),
  ]);
  return customerPage(view, customer, addresses.rows);
};

/** The last acts, with the way back from each. */
export const showHistory: PageHandler = async (deps, request) => {
  const [view, acts] = await Promise.all([viewOf(deps, request), readActs(deps.db, deps.clock.now())]);
  return historyPage(view, acts);
};

export const showSink: PageHandler = async (deps, request) => {
  if (!deps.demo || !deps.sink) throw new NotFound();
  return sinkPage(await viewOf(deps, request), deps.sink.list());
};
