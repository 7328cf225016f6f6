import { type Html, html, type Value } from '../html.ts';
import type { Texts } from '../texts.ts';
import { sealedChip } from './marks.ts';

/** What redaction leaves where a secret stood. */
const MARK = /\[(code|link|password|secret key|withheld)\]|((?:AKIA|ASIA|ABIA|ACCA)…[0-9A-Z]{4})/g;

/**
 * Redacted text of a mail as markup: marks of what is sealed or masked become chips, all else is text. Links are dead
 * here; the facts list those that lead to AWS's own hosts.
 */
export function mailText(t: Texts, text: string): Html {
  const words: Record<string, string> = {
    code: t.sealed.code,
    link: t.sealed.link,
    password: t.sealed.password,
    'secret key': t.sealed.secret_key,
    withheld: t.sealed.other,
  };
  const parts: Value[] = [];
  let done = 0;
  for (const match of text.matchAll(MARK)) {
    const [whole, mark, key] = match;
    parts.push(text.slice(done, match.index));
    parts.push(sealedChip(mark === undefined ? `${t.sealed.access_key} ${key}` : (words[mark] as string)));
    done = match.index + whole.length;
  }
  parts.push(text.slice(done));
  return html`${parts}`;
}
