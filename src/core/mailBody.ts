import { cleanLine } from './cleanText.ts';
import { decodeHeaderText } from './encodedWord.ts';
import { firstField } from './fields.ts';
import { type Block, htmlOfPart, richer, textOfPart } from './mailText.ts';
import type { MimePart } from './mimeTree.ts';
import type { Attachment, MailLink, SideText } from './parse.ts';
import { findUrls } from './plainText.ts';
import { decodedSize } from './transferEncoding.ts';

/** Walks the parts of a mail once and sorts them: text for people, texts beside it, attachments. */

export type MailBody = {
  text: string;
  textFrom: 'plain' | 'html' | 'none';
  links: MailLink[];
  side: SideText[];
  attachments: Attachment[];
  types: string[];
};

const MAX_TEXT = 1024 * 1024;
const MAX_SIDE = 2 * 1024 * 1024;
const MAX_ATTACHMENTS = 200;
const MAX_LINKS = 500;
/** Attachments that are text by their type or name are searched for secrets up to this size. */
const MAX_SEARCHED_ATTACHMENT = 512 * 1024;

type Walk = { side: SideText[]; sideLength: number; attachments: Attachment[]; types: string[]; nested: number };

export function readBody(root: MimePart): MailBody {
  const walk: Walk = { side: [], sideLength: 0, attachments: [], types: [], nested: 0 };
  const blocks = blocksOf(root, walk, true);
  const body = join(blocks.blocks, walk);
  // A mail that is nothing but a forwarded message reads as that message.
  if (body.textFrom === 'none' && blocks.nested.length > 0) Object.assign(body, join(blocks.nested, walk));
  else for (const block of blocks.nested) addBlock(block, 'nested', walk);
  return { ...body, side: walk.side, attachments: walk.attachments, types: walk.types };
}

type Blocks = { blocks: Block[]; nested: Block[] };

function blocksOf(part: MimePart, walk: Walk, bodyWanted: boolean): Blocks {
  walk.types.push(part.type);
  if (part.children.length > 0)
    return part.type.startsWith('multipart/') ? multipart(part, walk, bodyWanted) : message(part, walk);
  if (part.type.startsWith('multipart/') || part.type === 'message/rfc822') {
    // A container that could not be opened is shown as what it is: text.
    return { blocks: bodyWanted ? [{ plain: textOfPart(part), html: null }] : [], nested: [] };
  }
  if (bodyWanted && isBodyText(part)) {
    const block: Block =
      part.type === 'text/html' ? { plain: null, html: htmlOfPart(part) } : { plain: textOfPart(part), html: null };
    return { blocks: [block], nested: [] };
  }
  addAttachment(part, walk);
  return { blocks: [], nested: [] };
}

function multipart(part: MimePart, walk: Walk, bodyWanted: boolean): Blocks {
  const all: Blocks = { blocks: [], nested: [] };
  part.children.forEach((child, index) => {
    // RFC 2387: the first part of multipart/related is the document, the others belong to it.
    const wanted =
      bodyWanted && (part.type !== 'multipart/related' || index === 0 || child.type.startsWith('multipart/'));
    const found = blocksOf(child, walk, wanted);
    all.blocks.push(...found.blocks);
    all.nested.push(...found.nested);
  });
  if (part.type === 'multipart/alternative' && all.blocks.length > 1) all.blocks = [merge(all.blocks)];
  return all;
}

/** Alternatives say the same: one block with both forms. */
function merge(blocks: Block[]): Block {
  const plain = blocks.filter((block) => block.plain !== null).map((block) => block.plain!);
  const html = blocks.filter((block) => block.html !== null).map((block) => block.html!);
  return {
    plain: plain.length === 0 ? null : plain.join('\n'),
    html:
      html.length === 0
        ? null
        : html.reduce((a, b) => ({
            text: `${a.text}\n${b.text}`,
            links: [...a.links, ...b.links],
            hidden: `${a.hidden}\n${b.hidden}`,
            attributes: `${a.attributes}\n${b.attributes}`,
          })),
  };
}

function message(part: MimePart, walk: Walk): Blocks {
  const child = part.children[0]!;
  walk.nested += 1;
  const number = walk.nested;
  const subject = firstField(child.fields, 'subject');
  const title = subject ? cleanLine(decodeHeaderText(subject.bytes), 200) : '';
  addAttachment(part, walk, title ? `${title}.eml` : `message-${number}.eml`);
  const header = child.fields
    .slice(0, 200)
    .map((field) => `${field.rawName}: ${decodeHeaderText(field.bytes.subarray(0, 4096))}`);
  addSide(`nested ${number} header`, header.join('\n'), walk);
  const found = blocksOf(child, walk, true);
  return { blocks: [], nested: [...found.blocks, ...found.nested] };
}

/** Text that is shown as the mail's body: not marked as an attachment, and named only when it says that it is inline. */
export function isBodyText(part: MimePart): boolean {
  if (part.type !== 'text/plain' && part.type !== 'text/html') return false;
  return part.disposition.value === 'inline' || (part.disposition.value === '' && fileName(part) === '');
}

function addAttachment(part: MimePart, walk: Walk, fallbackName = ''): void {
  const name = fileName(part) || fallbackName;
  if (walk.attachments.length < MAX_ATTACHMENTS) {
    walk.attachments.push({ name, type: part.type.slice(0, 120), size: decodedSize(part.body, part.encoding) });
  }
  if (part.children.length > 0 || part.body.length > MAX_SEARCHED_ATTACHMENT || !isTextual(part, name)) return;
  if (part.type === 'text/html' || /\.x?html?$/i.test(name))
    addBlock({ plain: null, html: htmlOfPart(part) }, 'attachment', walk);
  else addSide(part.type === 'text/calendar' ? 'calendar' : 'attachment', unfoldLines(part), walk);
}

/** RFC 5545 §3.1: calendar lines are folded at any place, also within a code. */
function unfoldLines(part: MimePart): string {
  const text = textOfPart(part);
  return part.type === 'text/calendar' || part.type === 'text/vcard' ? text.replace(/\n[ \t]/g, '') : text;
}

function isTextual(part: MimePart, name: string): boolean {
  if (/^(text|message)\//.test(part.type)) return true;
  if (/^application\/(json|xml|ics|x-yaml|xhtml\+xml|rtf|[\w.-]+\+(json|xml))$/.test(part.type)) return true;
  return /\.(txt|csv|eml|ics|html?|json|xml|ya?ml|log|md|pem|key|env|conf)$/i.test(name);
}

/** The name only, never a path, controls and bidi tricks removed, at most 200 characters. */
function fileName(part: MimePart): string {
  const name = part.disposition.params.filename ?? part.params.name ?? '';
  if (!name) return '';
  return cleanLine(name.replace(/^.*[\\/]/s, '').replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g, ''), 200);
}

function join(blocks: Block[], walk: Walk): { text: string; textFrom: MailBody['textFrom']; links: MailLink[] } {
  const texts: string[] = [];
  const links: MailLink[] = [];
  let textFrom: MailBody['textFrom'] = 'none';
  let line = 0;
  for (const block of blocks) {
    const choice = richer(block);
    if (choice === 'none') {
      addBlock(block, '', walk);
      continue;
    }
    if (textFrom === 'none') textFrom = choice;
    const text = (choice === 'plain' ? block.plain! : block.html!.text).slice(0, MAX_TEXT).trimEnd();
    addLinks(links, block, choice, text, line);
    if (choice === 'plain') addHtmlSide(block, 'html', true, walk);
    else {
      addHtmlSide(block, '', false, walk);
      if (block.plain !== null) addSide('plain', block.plain, walk);
    }
    texts.push(text);
    line += countLines(text);
  }
  return { text: texts.join('\n').slice(0, MAX_TEXT).toWellFormed(), textFrom, links };
}

function addLinks(links: MailLink[], block: Block, choice: 'plain' | 'html', text: string, lineBefore: number): void {
  const seen = new Set(links.map((link) => link.href));
  const add = (href: string, label: string, where: string) => {
    if (links.length >= MAX_LINKS || seen.has(href)) return;
    seen.add(href);
    links.push({ href, label: label === href ? '' : cleanLine(label, 300), where });
  };
  if (choice === 'html')
    for (const link of block.html!.links) add(link.href, link.label, `body ${lineBefore + link.line}`);
  let line = lineBefore + 1;
  let lineEnd = text.indexOf('\n');
  for (const { url, index } of findUrls(text)) {
    if (links.length >= MAX_LINKS) break;
    for (; lineEnd >= 0 && lineEnd < index; lineEnd = text.indexOf('\n', lineEnd + 1)) line += 1;
    add(url, '', `body ${line}`);
  }
  if (choice === 'plain' && block.html) for (const link of block.html.links) add(link.href, link.label, 'html');
}

/** A whole block that people do not see as the mail's text. */
function addBlock(block: Block, where: string, walk: Walk): void {
  if (block.plain !== null) addSide(where || 'plain', block.plain, walk);
  addHtmlSide(block, where, true, walk);
  if (block.html) addSide(`${where} link`, block.html.links.map((link) => link.href).join('\n'), walk);
}

function addHtmlSide(block: Block, where: string, withText: boolean, walk: Walk): void {
  if (block.html === null) return;
  const at = (name: string) => (where ? `${where} ${name}` : name);
  if (withText) {
    addSide(where || 'html', block.html.text, walk);
  }
  addSide(at('hidden'), block.html.hidden, walk);
  addSide(at('attribute'), block.html.attributes, walk);
}

function addSide(where: string, text: string, walk: Walk): void {
  if (text === '' || walk.sideLength > MAX_SIDE) return;
  walk.side.push({ where, text: text.slice(0, MAX_TEXT) });
  walk.sideLength += text.length;
}

function countLines(text: string): number {
  let count = 1;
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) count += 1;
  return count;
}
