import type { Kysely } from 'kysely';
import { z } from 'zod';
import type { SenderVerdict } from '../core/values.ts';
import { readMail } from '../store/readMails.ts';
import type { Tables } from '../store/schema.ts';
import type { HtmlViews, MailView, ViewableMail } from './htmlViews.ts';
import { emptyIsAbsent, idSchema } from './queries.ts';

/** The three ways to look at a mail. */
export type MailForm = 'html' | 'text' | 'headers';

/** Which mail of a page is looked at, and how. */
export const lookQuery = {
  mail: emptyIsAbsent(idSchema),
  form: emptyIsAbsent(z.enum(['html', 'text', 'headers'])),
  tall: emptyIsAbsent(z.literal('1')),
};

/** What a page shows of one mail. */
export type MailLook = {
  form: MailForm;
  /** null: nobody asked for it. When it is not shown, `form` is text, and `asked` says whether that needs a word. */
  html: MailView | null;
  asked: boolean;
  headers: { name: string; value: string }[] | null;
  tall: boolean;
};

/** Longest that a page waits for a form that nobody asked for (ms). */
const PATIENCE_MS = 1500;

const later = (ms: number) => new Promise<null>((resolve) => setTimeout(resolve, ms, null).unref());

type LookedAt = ViewableMail & { senderVerdict: SenderVerdict | null };

/**
 * The form in which a mail is shown: as asked, else rendered for what is proven to be from AWS and text for everything
 * else (a look-alike is made to be looked at). What has no rendered form is text.
 */
export async function lookAt(
  { db, views }: { db: Kysely<Tables>; views: HtmlViews },
  mail: LookedAt,
  wanted: { form?: MailForm | undefined; tall?: boolean | undefined },
): Promise<MailLook> {
  const proven = mail.senderVerdict?.class === 'aws' || mail.senderVerdict?.class === 'aws_person';
  const form = wanted.form ?? (proven && mail.outcome !== 'parked' ? 'html' : 'text');
  const look: MailLook = {
    form,
    html: null,
    asked: wanted.form === 'html',
    headers: null,
    tall: wanted.tall ?? false,
  };
  if (form === 'headers') return { ...look, headers: (await readMail(db, mail.id))?.headers ?? [] };
  if (form === 'text') return look;
  // Nobody asked for it: a page is not held up for it, and has it the next time.
  const html = await (look.asked ? views.of(mail) : Promise.race([views.of(mail), later(PATIENCE_MS)]));
  if (html === null) return { ...look, form: 'text' };
  return { ...look, html, form: html.shown ? 'html' : 'text' };
}
