import { foldPlain } from './foldText.ts';
import type { ParsedMail } from './parse.ts';

/** Characters of each text that are searched. */
const LIMIT = 50_000;

/**
 * A Message-ID as it may be stored. Redaction cannot tell the numbers of an id from a code, so an id stays as it is
 * unless a piece of it also stands in the mail's own text, where a code would be; then `instead` takes its place.
 */
export function safeMessageId(id: string, mail: ParsedMail, clean: (text: string) => string, instead: string): string {
  if (clean(id) === id) return id;
  const pieces = id.match(/[A-Za-z0-9]{4,}/g)?.filter((piece) => /\d/.test(piece)) ?? [];
  const texts = [mail.subject, mail.text, mail.from?.name ?? '', ...mail.side.map((one) => one.text)];
  for (const text of texts) {
    const plain = foldPlain(text.slice(0, LIMIT));
    if (pieces.some((piece) => plain.includes(piece))) return instead;
  }
  return id;
}
