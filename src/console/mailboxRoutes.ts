import { z } from 'zod';
import { resumeMailbox } from '../store/mailboxes.ts';
import { listMailboxes, readMailbox } from '../store/readMailboxes.ts';
import { ACTOR, type ChangeHandler } from './changes.ts';
import { NotFound } from './errors.ts';
import type { PageHandler } from './pageHandler.ts';
import { mailboxesPage } from './pages/mailboxesPage.ts';
import { mailboxPage } from './pages/mailboxPage.ts';
import { mailboxKeySchema, packedKey } from './pagingKey.ts';
import { emptyIsAbsent, mailboxParams, parse } from './queries.ts';
import { viewOf } from './requestView.ts';

/** Rows of a page. */
const MAILBOXES = 100;
const listQuery = z.object({
  only: emptyIsAbsent(z.literal('troubled')),
  after: emptyIsAbsent(packedKey(mailboxKeySchema)),
});

export const showMailboxes: PageHandler = async (deps, request) => {
  const { only, after } = parse(listQuery, request.query);
  const onlyTroubled = only !== undefined;
  const [view, rows] = await Promise.all([
    viewOf(deps, request),
    listMailboxes(deps.db, { after: after?.name ?? null, onlyTroubled }, MAILBOXES + 1),
  ]);
  const last = rows[MAILBOXES - 1];
  const next = rows.length > MAILBOXES && last ? { name: last.name } : null;
  return mailboxesPage(view, { rows: rows.slice(0, MAILBOXES), listeners: deps.listeners(), onlyTroubled, next });
};

export const showMailbox: PageHandler = async (deps, request) => {
  const { name } = parse(mailboxParams, request.params);
  const box = await readMailbox(deps.db, name);
  if (box === null) throw new NotFound();
  return mailboxPage(await viewOf(deps, request), box);
};

/** Lets a paused mailbox be tried again. Pressed twice, it is tried once. */
export const resume: ChangeHandler = async ({ db, clock }, request, reply) => {
  const { name } = parse(mailboxParams, request.params);
  if ((await readMailbox(db, name)) === null) throw new NotFound();
  await resumeMailbox(db, name, { actor: ACTOR, why: 'person' }, clock.now());
  return reply.redirect(`/mailboxes/${name}`, 303);
};
