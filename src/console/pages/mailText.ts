import { type Html, html, type Value } from '../html.ts';
import type { Texts } from '../words/texts.ts';
import { sealedChip } from './marks.ts';

/** What redaction leaves where a secret stood. */
const MARK = /\[(code|link|password|secret key|withheld)\]|((?:AKIA|ASIA|ABIA|ACCA)…[0-9A-Z]{4})/g;

/**
 * Redacted text of a mail as markup: marks of what is sealed or masked become chips, all else is text. Links are dead
 * here; the facts list those that lead to AWS's own hosts.
 */
export function mailText(t: Texts, text: string, isAws: boolean): Html {
  const words: Record<string, string> = {
    code: t.sealed.code,
    link: t.sealed.link,
    password: t.sealed.password,
    'secret key': t.sealed.secret_key,
    withheld: t.sealed.other,
  };
  const shown = isAws ? text : defang(text);
  const parts: Value[] = [];
  let done = 0;
  for (const match of shown.matchAll(MARK)) {
    const [whole, mark, key] = match;
    parts.push(shown.slice(done, match.index));
    parts.push(sealedChip(mark === undefined ? `${t.sealed.access_key} ${key}` : (words[mark] as string)));
    done = match.index + whole.length;
  }
  parts.push(shown.slice(done));
  return html`${parts}`;
}

/** Links of strangers are written so that no program that a reader pastes them into opens them. */
function defang(text: string): string {
  return text.replace(
    /\bhttp(s?):\/\/([^\s/<>"]{1,255})/gi,
    (_link, s: string, host: string) => `hxxp${s.toLowerCase()}://${host.replaceAll('.', '[.]')}`,
  );
}
