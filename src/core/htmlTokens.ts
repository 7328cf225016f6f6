import { decodeEntities } from './htmlEntities.ts';

/**
 * HTML as a flat run of tokens, in one pass without backtracking: whatever a stranger wrote costs time in proportion to
 * its length. This reads text out of mail; it builds no tree and makes nothing safe to show.
 */
export type HtmlListener = {
  text(text: string): void;
  open(name: string, attributes: HtmlAttributes | null): void;
  close(name: string): void;
  comment(text: string): void;
  /** Content of <script>, <style>, <title>, <textarea> and the like. */
  raw(name: string, text: string): void;
  /** Asked after each element; true ends the reading. */
  isFull(): boolean;
};

/** Names lower case, the first of a repeated attribute counts. One object for all tags that are written the same. */
export type HtmlAttributes = ReadonlyMap<string, string>;

/** Elements whose content is text up to their own end tag (HTML Living Standard §13.2.5.2 to 4). */
const RAW = new Set(['script', 'style', 'title', 'textarea', 'xmp', 'iframe', 'noembed', 'noframes']);

const MAX_NAME = 40;
const MAX_ATTRIBUTES = 60;
/** Tags of one mail repeat: their attributes are read once. */
const MAX_CACHE = 500;

const LESS = 60;
const GREATER = 62;
const SLASH = 47;
const EQUALS = 61;

export function readHtml(html: string, listener: HtmlListener): void {
  const cache = new Map<string, HtmlAttributes | null>();
  let textFrom = 0;
  let open = html.indexOf('<');
  while (open >= 0 && !listener.isFull()) {
    const next = html.charCodeAt(open + 1);
    const isDeclaration = next === 33 || next === 63;
    if (!isDeclaration && next !== SLASH && !isLetter(next)) {
      open = html.indexOf('<', open + 1);
      continue;
    }
    if (open > textFrom) listener.text(decodeEntities(html.slice(textFrom, open)));
    if (isDeclaration) textFrom = readDeclaration(html, open, listener);
    else if (next === SLASH) textFrom = readClose(html, open, listener);
    else textFrom = readOpen(html, open, listener, cache);
    open = html.indexOf('<', textFrom);
  }
  if (textFrom < html.length && !listener.isFull()) listener.text(decodeEntities(html.slice(textFrom)));
}

function readDeclaration(html: string, open: number, listener: HtmlListener): number {
  if (html.startsWith('<!--', open)) {
    const end = html.indexOf('-->', open + 4);
    listener.comment(html.slice(open + 4, end < 0 ? html.length : end));
    return end < 0 ? html.length : end + 3;
  }
  return behind(html, open);
}

function readClose(html: string, open: number, listener: HtmlListener): number {
  const nameEnd = endOfName(html, open + 2);
  if (nameEnd > open + 2) listener.close(html.slice(open + 2, nameEnd).toLowerCase());
  return behind(html, nameEnd);
}

function readOpen(
  html: string,
  open: number,
  listener: HtmlListener,
  cache: Map<string, HtmlAttributes | null>,
): number {
  const nameEnd = endOfName(html, open + 1);
  const name = html.slice(open + 1, nameEnd).toLowerCase();
  const tagEnd = endOfTag(html, nameEnd);
  listener.open(name, tagEnd > nameEnd + 1 ? attributesOf(html.slice(nameEnd, tagEnd), cache) : null);
  const end = Math.min(html.length, tagEnd + 1);
  if (!RAW.has(name)) return end;
  const rawEnd = endOfRaw(html, name, end);
  const text = html.slice(end, rawEnd);
  listener.raw(name, name === 'title' || name === 'textarea' ? decodeEntities(text) : text);
  return rawEnd;
}

/** Offset of the `>` that ends a tag; one inside a quoted value does not. */
function endOfTag(html: string, from: number): number {
  let before = 0;
  for (let i = from; i < html.length; i++) {
    const code = html.charCodeAt(i);
    if (code === GREATER) return i;
    if ((code === 34 || code === 39) && before === EQUALS) {
      const end = html.indexOf(code === 34 ? '"' : "'", i + 1);
      // A quote that nobody closed: end at the next `>`, so that the rest of the mail stays readable.
      if (end < 0) return html.indexOf('>', i) < 0 ? html.length : html.indexOf('>', i);
      i = end;
    }
    if (code > 32) before = code;
  }
  return html.length;
}

const ATTRIBUTE = /([^\s/>=]{1,100})(?:\s*=\s*(?:"([^"]*)"?|'([^']*)'?|([^\s>]*)))?/g;

function attributesOf(text: string, cache: Map<string, HtmlAttributes | null>): HtmlAttributes | null {
  let attributes = cache.get(text);
  if (attributes !== undefined) return attributes;
  const found = new Map<string, string>();
  for (const match of text.matchAll(ATTRIBUTE)) {
    if (found.size >= MAX_ATTRIBUTES) break;
    const name = match[1]!.toLowerCase();
    if (!found.has(name)) found.set(name, decodeEntities(match[2] ?? match[3] ?? match[4] ?? ''));
  }
  attributes = found.size > 0 ? found : null;
  if (cache.size < MAX_CACHE) cache.set(text, attributes);
  return attributes;
}

/** Offset of `</name`, found without lower-casing the whole rest for each element. */
function endOfRaw(html: string, name: string, from: number): number {
  let at = html.indexOf('</', from);
  while (at >= 0) {
    if (html.slice(at + 2, at + 2 + name.length).toLowerCase() === name) return at;
    at = html.indexOf('</', at + 2);
  }
  return html.length;
}

function endOfName(html: string, from: number): number {
  let end = from;
  while (end < html.length && end - from < MAX_NAME) {
    const code = html.charCodeAt(end);
    if (code <= 32 || code === SLASH || code === GREATER || code === LESS) break;
    end += 1;
  }
  return end;
}

function behind(html: string, from: number): number {
  const end = html.indexOf('>', from);
  return end < 0 ? html.length : end + 1;
}

function isLetter(code: number): boolean {
  return (code >= 65 && code <= 90) || (code >= 97 && code <= 122);
}
