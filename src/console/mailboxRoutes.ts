import { resumeMailbox } from '../store/mailboxes.ts';
import { readMailbox } from '../store/readMailboxes.ts';
import { ACTOR, type ChangeHandler } from './changes.ts';
import { NotFound } from './errors.ts';
import type { PageHandler } from './pageHandler.ts';
import { mailboxPage } from './pages/mailboxPage.ts';
import { mailboxParams, parse } from './queries.ts';
import { viewOf } from './requestView.ts';

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
