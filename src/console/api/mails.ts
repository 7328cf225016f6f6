import { z } from 'zod';
import { readCopies } from '../../store/readCopies.ts';
import { listMails, type MailRow, readMail } from '../../store/readMails.ts';
import { readEffects } from '../../store/readTickets.ts';
import { NotFound } from '../errors.ts';
import { idKeySchema, packKey } from '../pagingKey.ts';
import { idParams, idSchema, messageIdSchema, outcomeSchema, sha256Schema, slugSchema } from '../queries.ts';
import { effectOf } from './effects.ts';
import { endpoint, PAGE, pageOf, paging } from './endpoint.ts';
import { mail, mailItem } from './shapes.ts';

export const getMails = endpoint({
  method: 'GET',
  path: '/mails',
  tag: 'Mails',
  summary: 'Every mail that was kept, newest first',
  description:
    '`outcome=pending` finds those that wait to be decided; `outcome=quarantine&review=waiting` what is held and nobody has looked at.',
  query: z.strictObject({
    outcome: outcomeSchema.optional(),
    review: z.enum(['waiting', 'decided']).optional(),
    customer: slugSchema.optional(),
    ticket: idSchema.optional().describe('Mails of this ticket.'),
    sha256: sha256Schema.optional(),
    messageId: messageIdSchema.optional(),
    ...paging(idKeySchema),
  }),
  answer: pageOf(mailItem),
  async handle({ db }, { query }) {
    const { limit = PAGE, after, ...filter } = query;
    const rows = await listMails(db, filter, after?.id ?? null, limit + 1);
    const last = rows[limit - 1];
    const next = rows.length > limit && last ? packKey({ id: last.id }) : null;
    return { body: { items: rows.slice(0, limit).map(itemOf), next } };
  },
});

function itemOf(row: MailRow) {
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
    review: row.review,
    reviewedAt: row.reviewedAt?.toISOString() ?? null,
    reviewBy: row.reviewBy,
    reviewReason: row.reviewReason,
    alike: row.alike,
  };
}

export const getMail = endpoint({
  method: 'GET',
  path: '/mails/:id',
  tag: 'Mails',
  summary: 'The story of one mail: proof, reasons, steps, arrivals, redacted text and headers',
  params: idParams,
  answer: mail,
  async handle({ db }, { params: { id } }) {
    const row = await readMail(db, id);
    if (!row) throw new NotFound();
    const [effects, { all, accepted, failed }] = await Promise.all([
      readEffects(db, { mailId: id }),
      readCopies(db, id),
    ]);
    return {
      body: {
        ...itemOf(row),
        effects: effects.map(effectOf),
        copies: { all, accepted, failed },
        deadlineAt: row.deadline?.at ?? null,
        deadlineSort: row.deadline?.sort ?? null,
        threadKey: row.threadKey,
        auth: row.auth,
        sender: row.senderVerdict,
        facts: row.facts,
        secrets: row.secrets,
        reasons: row.reasons ?? [],
        steps: row.steps ?? [],
        text: row.text,
        headers: row.headers ?? [],
        attachments: row.attachments ?? [],
        arrivals: row.arrivals.map((arrival) => ({
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
    };
  },
});
