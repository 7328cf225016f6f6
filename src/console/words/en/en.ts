import { acts } from './acts.ts';
import { customers } from './customers.ts';
import { error } from './error.ts';
import { frame } from './frame.ts';
import { health } from './health.ts';
import { incident } from './incident.ts';
import { kinds } from './kinds.ts';
import { lists } from './lists.ts';
import { mail } from './mail.ts';
import { mailbox } from './mailbox.ts';
import { mailboxes } from './mailboxes.ts';
import { mails } from './mails.ts';
import { marks } from './marks.ts';
import { preferences } from './preferences.ts';
import { queue } from './queue.ts';
import { review } from './review.ts';
import { sink } from './sink.ts';
import { story } from './story.ts';
import { ticket } from './ticket.ts';

/** English. Sentence case, plain verbs, who acts; its shape is the shape of every catalogue. */
export const en = {
  ...frame,
  ...marks,
  acts,
  preferences,
  queue,
  ticket,
  mail,
  mailbox,
  mailboxes,
  mails,
  story,
  review,
  health,
  customers,
  lists,
  sink,
  error,
  incident,
  kinds,
};
