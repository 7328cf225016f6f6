import { z } from 'zod';
import { resumeMailbox } from '../../store/mailboxes.ts';
import { listMailboxes, type MailboxRow, readMailbox } from '../../store/readMailboxes.ts';
import { ACTOR } from '../changes.ts';
import { NotFound } from '../errors.ts';
import { mailboxKeySchema, packKey } from '../pagingKey.ts';
import { mailboxParams } from '../queries.ts';
import { endpoint, PAGE, pageOf, paging } from './endpoint.ts';
import { mailbox, mailboxItem } from './shapes.ts';

export const getMailboxes = endpoint({
  method: 'GET',
  path: '/mailboxes',
  tag: 'Health',
  summary: 'Mailboxes by name, with the last comparison of their UIDs',
  query: z.strictObject({
    only: z.literal('troubled').optional().describe('Those that need somebody.'),
    ...paging(mailboxKeySchema),
  }),
  answer: pageOf(mailboxItem),
  async handle({ db }, { query: { only, limit = PAGE, after } }) {
    const wanted = { after: after?.name ?? null, onlyTroubled: only !== undefined };
    const rows = await listMailboxes(db, wanted, limit + 1);
    const last = rows[limit - 1];
    const next = rows.length > limit && last ? packKey({ name: last.name }) : null;
    return { body: { items: rows.slice(0, limit).map(mailboxItemOf), next } };
  },
});

export const getMailbox = endpoint({
  method: 'GET',
  path: '/mailboxes/:name',
  tag: 'Health',
  summary: 'One mailbox: cursor, audit, UIDs without a mail, what happened',
  params: mailboxParams,
  answer: mailbox,
  async handle({ db }, { params: { name } }) {
    const box = await readMailbox(db, name);
    if (box === null) throw new NotFound();
    const { spans, events, beganAt, passedUids, backfill, createdAt: _, ...row } = box;
    return {
      body: {
        ...row,
        ...mailboxItemOf(box),
        beganAt: beganAt?.toISOString() ?? null,
        withoutMail: passedUids,
        spans: spans.map(({ foundAt, ...span }) => ({ ...span, foundAt: foundAt.toISOString() })),
        events: events.map(({ at, ...event }) => ({ ...event, at: at.toISOString() })),
        backfill: backfill && {
          ...backfill,
          startedAt: backfill.startedAt.toISOString(),
          changedAt: backfill.changedAt.toISOString(),
          finishedAt: backfill.finishedAt?.toISOString() ?? null,
        },
      },
    };
  },
});

export const resumePaused = endpoint({
  method: 'POST',
  path: '/mailboxes/:name/resume',
  tag: 'Acts',
  summary: 'Try a mailbox again whose login was refused',
  params: mailboxParams,
  answer: z.strictObject({ resumed: z.boolean().describe('False: it was not paused.') }),
  async handle({ db, clock }, { params: { name } }) {
    if ((await readMailbox(db, name)) === null) throw new NotFound();
    const resumed = await resumeMailbox(db, name, { actor: ACTOR, why: 'person' }, clock.now());
    return { body: { resumed } };
  },
});

/** A row of the list, also of `/health`. */
export function mailboxItemOf(row: MailboxRow) {
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  const { name, state, uidValidity, uidNext, lastError, errorClass, failures, receiver, auditMissing, afterError } =
    row;
  return {
    name,
    state,
    uidValidity,
    uidNext,
    lastSuccessAt: iso(row.lastSuccessAt),
    lastError,
    errorClass,
    failures,
    nextTryAt: iso(row.nextTryAt),
    pausedAt: iso(row.pausedAt),
    receiver,
    auditAt: iso(row.auditAt),
    auditMissing,
    afterError,
  };
}
