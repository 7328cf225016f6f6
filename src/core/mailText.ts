import { decodeText } from './charset.ts';
import { cleanText } from './cleanText.ts';
import { type HtmlText, htmlToLines } from './htmlText.ts';
import { withoutInvisible } from './invisible.ts';
import type { MimePart } from './mimeTree.ts';
import { unflow } from './plainText.ts';
import { decodeTransfer } from './transferEncoding.ts';

/** Bytes of one text part that are read. */
const MAX_TEXT_BYTES = 2 * 1024 * 1024;

/** A stretch of the mail's body: one part, or the alternatives that say the same. */
export type Block = { plain: string | null; html: HtmlText | null };

/** Text of a text/* part: transfer encoding, charset and soft line breaks undone. */
export function textOfPart(part: MimePart): string {
  const text = clean(decodedPart(part));
  if (part.type !== 'text/plain' || part.params.format?.toLowerCase() !== 'flowed') return text;
  return unflow(text, part.params.delsp?.toLowerCase() === 'yes');
}

/** Text of an HTML part. Cleaned behind the reading, because character references bring new invisible characters. */
export function htmlOfPart(part: MimePart): HtmlText {
  const html = htmlToLines(decodedPart(part));
  return {
    text: clean(html.text),
    links: html.links.map((link) => ({ ...link, href: clean(link.href), label: clean(link.label) })),
    hidden: clean(html.hidden),
    attributes: clean(html.attributes),
  };
}

/** Characters of a text part, as its sender wrote them: nothing cleaned, nothing read. */
export function decodedPart(part: MimePart): string {
  const bytes = decodeTransfer(part.body, part.encoding, MAX_TEXT_BYTES);
  return decodeText(bytes, part.params.charset ?? metaCharset(part, bytes));
}

function clean(text: string): string {
  return withoutInvisible(cleanText(text));
}

/** The charset that an HTML part names in its own head when its Content-Type names none. */
function metaCharset(part: MimePart, bytes: Uint8Array): string | null {
  if (part.type !== 'text/html') return null;
  const head = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.byteLength, 2048)).toString('latin1');
  return /<meta[^>]{0,200}charset\s*=\s*["']?([\w.:-]{1,40})/i.exec(head)?.[1] ?? null;
}

/**
 * Which text of a block people should read. Plain text keeps the sender's own lines and wins, unless it is a stub ("your
 * program cannot show HTML") or says much less than the HTML does.
 */
export function richer(block: Block): 'plain' | 'html' | 'none' {
  const plain = block.plain === null ? 0 : weight(block.plain, block.html === null ? 1 : MAX_WEIGHED);
  // Two and a half times as much: what stands behind that needs no counting.
  const outweighs = Math.floor((plain * 5) / 2) + 1;
  const html = block.html === null ? 0 : weight(block.html.text, outweighs);
  if (plain === 0) return html > 0 ? 'html' : 'none';
  return html >= outweighs ? 'html' : 'plain';
}

const MAX_WEIGHED = 200_000;

/**
 * Characters that are no white space, outside of addresses: a plain part full of tracking links is not rich. Counts to
 * `enough`.
 */
function weight(text: string, enough: number): number {
  const length = Math.min(text.length, MAX_WEIGHED);
  let count = 0;
  for (let i = 0; i < length && count < enough; i++) {
    const code = text.charCodeAt(i);
    if (code === 58 && text.startsWith('://', i)) {
      while (i + 1 < length && text.charCodeAt(i + 1) > 32) i += 1;
    } else if (code > 47 && code !== 0xa0) count += 1;
  }
  return count;
}
