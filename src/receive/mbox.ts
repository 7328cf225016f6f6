import { createReadStream } from 'node:fs';

/** One mail of an mbox file. */
export type MboxMail = {
  /** The whole mail, or its first HEAD_BYTES when it is larger than the limit. */
  raw: Buffer;
  /** Bytes of the whole mail. */
  size: number;
  isTooLarge: boolean;
  /** Bytes of the file up to the end of this mail. */
  offset: number;
  /** Lines of this mail that were unquoted. */
  unquoted: number;
};

export type MboxFacts = {
  /** Mails in which `>From ` lines were unquoted. */
  unquotedMails: number;
  /** A line with several `>` before `From `: only mboxrd writers quote those. */
  hasDeepQuotes: boolean;
};

/** What is kept of a mail that is too large: enough for its header. */
export const HEAD_BYTES = 256 * 1024;

const LF = 10;
const CR = 13;
const QUOTE = 62;
const FROM = Buffer.from('From ');
/** asctime(3), as every writer has it, with the additions of Thunderbird and Gmail (zone before or behind the year). */
const DATED = /^From .*\b\w{3} \w{3} +\d{1,2} \d{1,2}:\d\d(?::\d\d)?\b.*\d{4}/;
const FIELD = /^[\x21-\x39\x3b-\x7e]+[ \t]*:/;
/** A line is looked at whole up to here; longer ones pass in pieces. */
const MAX_LINE = 64 * 1024;

/**
 * Reads the mails of an mbox file one after another (mboxrd: `>From ` lines lose one `>`), in constant memory beside the
 * mail at hand. A mail starts at a `From ` line behind an empty line (or the start) that bears a date or is followed by a
 * header field; such a line in a body is quoted by every writer. `facts` fills up as the file is read.
 */
export async function* readMbox(path: string, limit: number, facts: MboxFacts): AsyncGenerator<MboxMail> {
  let mail: MailInFile | null = null;
  let offset = 0;
  let isBehindEmpty = true;
  /** A `From ` line that may be a separator: the next line decides. */
  let held: Buffer | null = null;

  const lines = new LineCutter();
  const stream = createReadStream(path, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>;
  for await (const chunk of chunksAndEnd(stream)) {
    for (const line of chunk === null ? lines.end() : lines.push(chunk)) {
      const start = offset;
      offset += line.length;
      if (held) {
        const isSeparator = DATED.test(held.toString('latin1', 0, 300)) || FIELD.test(line.toString('latin1', 0, 300));
        if (isSeparator || mail === null) {
          if (mail) yield mail.finish(start - held.length);
          mail = new MailInFile(limit, facts);
        } else mail.add(held);
        held = null;
      }
      const couldSeparate = isBehindEmpty && line.subarray(0, FROM.length).equals(FROM);
      if (couldSeparate) held = line;
      else {
        mail ??= new MailInFile(limit, facts);
        mail.add(line);
      }
      isBehindEmpty = isEmpty(line);
    }
  }
  if (held && mail && !DATED.test(held.toString('latin1', 0, 300))) mail.add(held);
  else if (held) {
    if (mail) yield mail.finish(offset - held.length);
    mail = new MailInFile(limit, facts);
  }
  if (mail) yield mail.finish(offset);
}

/** True when these bytes begin like an mbox file. */
export function looksLikeMbox(start: Buffer): boolean {
  return start.subarray(0, FROM.length).equals(FROM);
}

class MailInFile {
  readonly #limit: number;
  readonly #facts: MboxFacts;
  #lines: Buffer[] = [];
  #size = 0;
  #held = 0;
  #unquoted = 0;
  /** The last piece did not end its line. */
  #inLine = false;
  /** The empty line that may be the separator's. */
  #empty: Buffer | null = null;

  constructor(limit: number, facts: MboxFacts) {
    this.#limit = limit;
    this.#facts = facts;
  }

  add(line: Buffer): void {
    if (this.#empty) this.#push(this.#empty);
    this.#empty = null;
    if (isEmpty(line)) {
      this.#empty = line;
      return;
    }
    const depth = this.#inLine ? 0 : quoteDepth(line);
    this.#inLine = line[line.length - 1] !== LF;
    if (depth > 0) this.#unquoted += 1;
    if (depth > 1) this.#facts.hasDeepQuotes = true;
    this.#push(depth > 0 ? line.subarray(1) : line);
  }

  finish(offset: number): MboxMail {
    // Writers end a mail with an empty line of their own. One that ends its header with nothing behind needs it.
    if (this.#empty && !this.#hasBody()) this.#push(this.#empty);
    if (this.#unquoted > 0) this.#facts.unquotedMails += 1;
    return {
      raw: Buffer.concat(this.#lines),
      size: this.#size,
      isTooLarge: this.#size > this.#limit,
      offset,
      unquoted: this.#unquoted,
    };
  }

  #push(line: Buffer): void {
    this.#size += line.length;
    if (this.#size > this.#limit && this.#held > HEAD_BYTES) {
      this.#lines = [Buffer.concat(this.#lines).subarray(0, HEAD_BYTES)];
      this.#held = HEAD_BYTES;
      return;
    }
    if (this.#size > this.#limit) return;
    this.#lines.push(line);
    this.#held += line.length;
  }

  #hasBody(): boolean {
    return this.#lines.some(isEmpty);
  }
}

/** Number of `>` in front of `From `, 0 when this is no such line. */
function quoteDepth(line: Buffer): number {
  let depth = 0;
  while (line[depth] === QUOTE) depth += 1;
  return depth > 0 && line.subarray(depth, depth + FROM.length).equals(FROM) ? depth : 0;
}

function isEmpty(line: Buffer): boolean {
  return line[0] === LF || (line[0] === CR && line[1] === LF);
}

/** Cuts chunks into lines with their line break; a line above MAX_LINE comes in pieces. */
class LineCutter {
  #rest: Buffer = Buffer.alloc(0);

  *push(chunk: Buffer): Generator<Buffer> {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let start = 0;
    for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, start)) {
      yield bytes.subarray(start, at + 1);
      start = at + 1;
    }
    this.#rest = bytes.subarray(start);
    if (this.#rest.length > MAX_LINE) yield* this.end();
  }

  *end(): Generator<Buffer> {
    const rest = this.#rest;
    this.#rest = Buffer.alloc(0);
    if (rest.length > 0) yield rest;
  }
}

/** The chunks, then null once. */
async function* chunksAndEnd(stream: AsyncIterable<Buffer>): AsyncGenerator<Buffer | null> {
  yield* stream;
  yield null;
}
