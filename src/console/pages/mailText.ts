import { type Html, html, type Value } from '../html.ts';
import { sealedChip } from './marks.ts';

/**
 * Redacted text of a mail as markup: our own marks for what is sealed or masked become chips, all else is text. Links
 * are dead here; the facts list those that lead to AWS's own hosts.
 */
const MARK = /\[([a-z ]{2,40}(?:,)? (?:sealed|masked)(?: [A-Z]{4}…[0-9A-Z]{4})?)\]/g;

export function mailText(text: string): Html {
  const parts: Value[] = [];
  let done = 0;
  for (const match of text.matchAll(MARK)) {
    parts.push(text.slice(done, match.index), sealedChip(match[1] as string));
    done = match.index + match[0].length;
  }
  parts.push(text.slice(done));
  return html`${parts}`;
}
