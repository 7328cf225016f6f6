import { readBodySource } from './bodySource.ts';
import { readFields } from './fields.ts';
import { htmlToLines } from './htmlText.ts';
import { readMimeTree } from './mimeTree.ts';
import { parseMail } from './parse.ts';
import { redact } from './redact.ts';
import { escapeText, rewriteHtml } from './rewriteHtml.ts';

/** A mail as its sender made it look, without its secrets and without anything that loads or acts; or why there is none. */
export type HtmlView =
  | {
      shown: true;
      html: string;
      remoteImages: number;
      links: number;
      sealed: number;
      /** Lines that it takes, about: a page must know a height before a browser has measured it. */
      lines: number;
    }
  | {
      shown: false;
      why: /** It has no HTML. */
        | 'none'
        /** It holds a secret that seals the whole mail. */
        | 'sealed'
        /** Most of its text is made so that people do not see it. */
        | 'hidden'
        /** It is longer than what is shown of any mail. */
        | 'large'
        /** A secret stands across its markup, where it could not be masked in place. */
        | 'unsafe';
    };

/** Characters of one line on the page. */
const LINE = 96;

/**
 * Reads the HTML of a mail that was decided to be shown. Redaction comes first, over all texts of the mail as ever; then
 * every text of the markup is masked where it stands. Last, the result is read as people would read it: when masking
 * would still change a word of it (a key cut in two by a tag), there is no view. Fails closed; total on any bytes.
 */
export async function readHtmlView(raw: Uint8Array): Promise<HtmlView> {
  const tree = readMimeTree(raw, readFields(raw));
  const source = readBodySource(tree.root);
  if (!source.pieces.some(({ type }) => type === 'html')) return { shown: false, why: 'none' };
  const redacted = redact(await parseMail(raw), { secretBySender: false });
  if (redacted.level === 'sealed') return { shown: false, why: 'sealed' };
  const { clean } = redacted;
  const whole = { html: '', remoteImages: 0, links: 0, sealed: 0, shown: 0, hidden: 0, cut: false };
  for (const { type, text } of source.pieces) {
    if (type === 'plain') {
      const shown = clean(text);
      whole.html += `<div style="white-space:pre-wrap">${escapeText(shown)}</div>`;
      whole.shown += shown.length;
      continue;
    }
    const piece = rewriteHtml(text, { clean, images: source.images });
    whole.html += `<div>${piece.html}</div>`;
    for (const name of ['remoteImages', 'links', 'sealed', 'shown', 'hidden'] as const) whole[name] += piece[name];
    whole.cut ||= piece.cut;
  }
  if (whole.cut) return { shown: false, why: 'large' };
  // Preheaders are hidden in most designed mails: less than what is read.
  if (whole.shown === 0 || whole.hidden > whole.shown) return { shown: false, why: 'hidden' };
  const { text, hidden, attributes } = htmlToLines(whole.html);
  if (clean(text) !== text || clean(hidden) !== hidden || clean(attributes) !== attributes) {
    return { shown: false, why: 'unsafe' };
  }
  const lines = text.split('\n').reduce((sum, line) => sum + 1 + Math.floor(line.length / LINE), 0);
  const { html, remoteImages, links, sealed } = whole;
  return { shown: true, html, remoteImages, links, sealed, lines };
}
