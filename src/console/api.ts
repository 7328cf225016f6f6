import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { sumCounters } from '../store/counters.ts';
import { readPipe } from '../store/readHealth.ts';
import { listMails, type MailRow, readMail } from '../store/readMails.ts';
import { listTickets, readEntries, readTicketMails, type TicketRow } from '../store/readTickets.ts';
import type { ConsoleDeps } from './deps.ts';
import { NotFound } from './errors.ts';
import { findTicket } from './findTicket.ts';
import { maskDeep } from './mask.ts';
import { OUTCOMES } from './pages/mailsPage.ts';
import { idKeySchema, packedKey, packKey } from './pagingKey.ts';
import {
  idParams,
  kindSchema,
  messageIdSchema,
  outcomeSchema,
  parse,
  sha256Schema,
  slugSchema,
  stateSchema,
} from './queries.ts';
import { checkReadiness } from './readiness.ts';
import { maskerOf } from './requestView.ts';
import { mergeFacts } from './ticketFacts.ts';

/** /api/v1, JSON. Nothing in it was not redacted before it was stored; root addresses are masked as on the pages. */
export type ApiHandler = (deps: ConsoleDeps, request: FastifyRequest, reply: FastifyReply) => Promise<unknown>;

const paging = {
  limit: z
    .string()
    .regex(/^[1-9][0-9]{0,2}$/, 'is not a number from 1 to 200')
    .transform(Number)
    .refine((limit) => limit <= 200, 'is not a number from 1 to 200')
    .optional(),
  after: packedKey(idKeySchema).optional(),
};
const LIMIT = 50;

const ticketsQuery = z.strictObject({
  state: stateSchema.optional(),
  customer: slugSchema.optional(),
  kind: kindSchema.optional(),
  ...paging,
});

/** Newest first. `next` is the address of the next page's `after`, null at the end. */
export const getTickets: ApiHandler = async (deps, request) => {
  const { limit = LIMIT, after, ...filter } = parse(ticketsQuery, request.query);
  const [mask, rows] = await Promise.all([maskerOf(deps), listTickets(deps.db, filter, after?.id ?? null, limit + 1)]);
  return maskDeep({ items: rows.slice(0, limit).map(ticketItem), next: nextOf(rows, limit) }, mask);
};

function ticketItem(row: TicketRow) {
  return {
    id: row.id,
    customer: row.customer,
    subject: row.subject,
    kind: row.kind,
    urgency: row.urgency,
    deadline: row.deadline?.date ?? null,
    state: row.state,
    mails: row.mails,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

export const getTicket: ApiHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const row = await findTicket(deps.db, id, '/api/v1/tickets');
  const [mask, entries, mails] = await Promise.all([
    maskerOf(deps),
    readEntries(deps.db, id, 1000),
    readTicketMails(deps.db, id, 200),
  ]);
  return maskDeep(
    {
      ...ticketItem(row),
      actionRequired: row.actionRequired,
      actAt: row.actAt.toISOString(),
      deadlineAt: row.deadline?.at ?? null,
      deadlineSort: row.deadline?.sort ?? null,
      secretLevel: row.secretLevel,
      facts: mergeFacts(mails.flatMap((mail) => (mail.facts ? [mail.facts] : []))),
      nextSteps: mails.findLast((mail) => mail.nextSteps && mail.nextSteps.length > 0)?.nextSteps ?? [],
      timeline: entries.map((entry) => ({
        id: entry.id,
        at: entry.at.toISOString(),
        type: entry.type,
        actor: entry.actor,
        mail: entry.mailId,
        body: entry.body,
      })),
      mails: mails.map((mail) => ({
        id: mail.id,
        sha256: mail.sha256,
        messageId: mail.messageId,
        outcome: mail.outcome,
        kind: mail.kind,
        lang: mail.lang,
        mailTime: mail.mailTime.toISOString(),
        receivedAt: mail.receivedAt.toISOString(),
        arrivals: mail.arrivals,
        from: mail.sender,
        subject: mail.subject,
        text: mail.text,
        secrets: mail.secrets,
        attachments: mail.attachments ?? [],
      })),
    },
    mask,
  );
};

const mailsQuery = z.strictObject({
  outcome: outcomeSchema.optional(),
  customer: slugSchema.optional(),
  sha256: sha256Schema.optional(),
  messageId: messageIdSchema.optional(),
  ...paging,
});

/** Every mail that was kept, newest first; `outcome` is null while a mail waits to be decided (`outcome=pending` finds them). */
export const getMails: ApiHandler = async (deps, request) => {
  const { limit = LIMIT, after, ...filter } = parse(mailsQuery, request.query);
  const [mask, rows] = await Promise.all([maskerOf(deps), listMails(deps.db, filter, after?.id ?? null, limit + 1)]);
  return maskDeep({ items: rows.slice(0, limit).map(mailItem), next: nextOf(rows, limit) }, mask);
};

function mailItem(row: MailRow) {
  return {
    id: row.id,
    customer: row.customer,
    sha256: row.sha256,
    messageId: row.messageId,
    outcome: row.outcome,
    kind: row.kind,
    rule: row.rule,
    lang: row.lang,
    urgency: row.urgency,
    deadline: row.deadline?.date ?? null,
    subject: row.subject,
    from: row.sender,
    ticket: row.ticketId,
    size: row.size,
    receivedAt: row.receivedAt.toISOString(),
    mailTime: row.mailTime.toISOString(),
    decidedAt: row.decidedAt?.toISOString() ?? null,
    error: row.error,
  };
}

export const getMail: ApiHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const mail = await readMail(deps.db, id);
  if (!mail) throw new NotFound();
  const mask = await maskerOf(deps);
  return maskDeep(
    {
      ...mailItem(mail),
      deadlineAt: mail.deadline?.at ?? null,
      deadlineSort: mail.deadline?.sort ?? null,
      threadKey: mail.threadKey,
      auth: mail.auth,
      sender: mail.senderVerdict,
      facts: mail.facts,
      secrets: mail.secrets,
      reasons: mail.reasons ?? [],
      steps: mail.steps ?? [],
      text: mail.text,
      headers: mail.headers ?? [],
      attachments: mail.attachments ?? [],
      arrivals: mail.arrivals.map((arrival) => ({
        transport: arrival.transport,
        at: arrival.arrivedAt.toISOString(),
        clientIp: arrival.clientIp,
        tls: arrival.tls,
        source: arrival.source,
        uidValidity: arrival.uidValidity,
        uid: arrival.uid,
        addressee: arrival.addresseeReason,
      })),
    },
    mask,
  );
};

function nextOf(rows: { id: number }[], limit: number): string | null {
  return rows.length > limit ? packKey({ id: (rows[limit - 1] as { id: number }).id }) : null;
}

/** Counters since the installation began, and what waits. No table is counted for it. */
export const getStats: ApiHandler = async ({ db, clock }) => {
  const [counters, pipe] = await Promise.all([sumCounters(db), readPipe(db)]);
  const now = clock.now().getTime();
  const waiting = (oldest: Date | null) => ({
    oldestAt: oldest?.toISOString() ?? null,
    oldestSeconds: oldest ? Math.max(0, Math.round((now - oldest.getTime()) / 1000)) : 0,
  });
  return {
    mails: Object.fromEntries(
      OUTCOMES.filter((outcome) => outcome !== 'pending').map((outcome) => [
        outcome,
        counters[`mails.${outcome}`] ?? 0,
      ]),
    ),
    counters,
    waiting: {
      authenticate: waiting(pipe.authenticate.oldestAt),
      decide: waiting(pipe.decide.oldestAt),
      act: waiting(pipe.act.oldestAt),
    },
    parkedEffects: pipe.act.parked,
    lastMailAt: pipe.lastMailAt?.toISOString() ?? null,
  };
};

/** The process lives. Says nothing about what it needs; that is /readyz. */
export const getHealth: ApiHandler = async () => ({ status: 'ok' });

/** 200 when database, doorbell and this process's listeners work, else 503; mailboxes are told, but do not decide. */
export const getReadiness: ApiHandler = async (deps, _request, reply) => {
  const readiness = await checkReadiness(deps);
  return reply.code(readiness.ready ? 200 : 503).send(readiness);
};
