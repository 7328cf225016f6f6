import { cleanLine } from '../core/cleanText.ts';
import { messageOf } from '../lib/errors.ts';
import type { MailboxSettings } from '../settings.ts';

/** What the server said, without the password in it. */
export function mailboxProblem(error: unknown, settings: MailboxSettings): string {
  const said = (error as { responseText?: unknown }).responseText;
  const text = cleanLine(typeof said === 'string' && said ? `${messageOf(error)}: ${said}` : messageOf(error), 300);
  return settings.password ? text.replaceAll(settings.password, '…') : text;
}
