import { SMTPStream } from 'smtp-server/lib/smtp-stream.js';

const LINE_START_DOT = Buffer.from('\r\n.');
const DOT = 0x2e;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Makes smtp-server take a mail byte for byte. Its own reader takes a dot away after a bare line feed too ("\n.." becomes
 * "\n."), although only a line that began after CRLF was stuffed (RFC 5321 §4.5.2, §2.3.8): the mail that we keep and send
 * on would be another one than the one that was signed. Replaces that method of the class; the version of the package is
 * pinned and a test compares bytes. Safe to call twice.
 */
export function readDotsExactly(): void {
  SMTPStream.prototype._feedDataStream = feedExactly;
}

/** Emits what is certain to belong to the mail; up to four bytes that may begin its end wait for the next chunk. */
function feedExactly(this: SMTPStream, chunk: Buffer, done: (error?: Error | null) => void): void {
  const data = this._lastBytes && this._lastBytes.length > 0 ? Buffer.concat([this._lastBytes, chunk]) : chunk;
  this._lastBytes = false;
  const pieces: Buffer[] = [];
  let from = 0;
  let dot = this._atDataStart && data[0] === DOT ? 0 : nextDot(data, 0);
  for (; dot !== -1; dot = nextDot(data, dot + 1)) {
    const [second, third] = [data[dot + 1], data[dot + 2]];
    if (second === undefined || (second === CR && third === undefined)) break;
    if (second === CR && third === LF) {
      pieces.push(data.subarray(from, dot));
      const end = join(pieces);
      this._countDataBytes(end.length);
      this._endDataMode(end, data.subarray(dot + 3), done);
      return;
    }
    if (second === DOT) {
      pieces.push(data.subarray(from, dot));
      from = dot + 1;
      // What follows is no beginning any more, even if nothing was emitted yet.
      this._atDataStart = false;
    }
  }
  const upTo = dot === -1 ? data.length - lineEndBytes(data) : Math.max(dot - 2, 0);
  pieces.push(data.subarray(from, upTo));
  this._lastBytes = data.subarray(upTo);
  const certain = join(pieces);
  this._countDataBytes(certain.length);
  emit(this._dataStream, certain, done);
}

/** Writes, and goes on when the reader has room again. */
function emit(stream: SMTPStream['_dataStream'], bytes: Buffer, done: () => void): void {
  const isTaken = stream === null || !stream.writable || bytes.length === 0 || stream.write(bytes);
  if (isTaken || stream.destroyed) {
    done();
    return;
  }
  const resume = () => {
    stream.removeListener('drain', resume);
    stream.removeListener('close', resume);
    done();
  };
  stream.once('drain', resume);
  // A stream that is destroyed never drains.
  stream.once('close', resume);
}

/** Where the next dot at the start of a line is, or -1. */
function nextDot(data: Buffer, from: number): number {
  const at = data.indexOf(LINE_START_DOT, from);
  return at === -1 ? -1 : at + 2;
}

/** How many of the last bytes may be the CRLF before a dot. */
function lineEndBytes(data: Buffer): number {
  if (data.at(-1) === CR) return 1;
  return data.at(-1) === LF && data.at(-2) === CR ? 2 : 0;
}

function join(pieces: readonly Buffer[]): Buffer {
  return pieces.length === 1 ? (pieces[0] as Buffer) : Buffer.concat(pieces);
}
