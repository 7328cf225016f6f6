import { isEightBit, survives } from './copyForm.ts';
import { mailDate } from './copyHeader.ts';
import type { WrapText } from './wrapTexts.ts';

export type WrapInput = {
  /** Sender of the wrapper: our own address. */
  from: string;
  list: string;
  words: WrapText;
  /** The same for every try and member. */
  messageId: string;
  at: Date;
  /** Text that the mail inside cannot know. */
  boundary: string;
};

/** A mail around another one. The one inside is not copied: `parts` gives the bytes in slices. */
export type WrappedMail = { isEightBit: boolean; parts: () => Iterable<Uint8Array> };

/** Bytes of a base64 line (76 characters, RFC 2045 §6.8) and of a slice. */
const LINE = 57;
const SLICE = LINE * 1000;

/**
 * Wraps a mail as attachment of one from us: `message/rfc822` where its bytes survive mail servers as they are, else a
 * file in base64 (RFC 2046 §5.2.1 allows no encoding of message/rfc822).
 */
export function wrapMail(raw: Uint8Array, input: WrapInput): WrappedMail {
  const { from, list, words, messageId, at, boundary } = input;
  const asMessage = survives(raw);
  const eightBit = asMessage && isEightBit(raw);
  const head = Buffer.from(
    [
      `From: Rootdesk <${from}>`,
      `To: <${list}>`,
      `Reply-To: <${from}>`,
      `Subject: ${encodedWords(words.subject)}`,
      `Date: ${mailDate(at)}`,
      `Message-ID: ${messageId}`,
      'Auto-Submitted: auto-generated',
      'MIME-Version: 1.0',
      `Content-Type: multipart/mixed; boundary="${boundary}"`,
      ...(eightBit ? ['Content-Transfer-Encoding: 8bit'] : []),
      '',
      `--${boundary}`,
      'Content-Type: text/plain; charset=utf-8',
      'Content-Transfer-Encoding: base64',
      '',
      base64Lines(Buffer.from(words.text.replace(/\r?\n/g, '\r\n'))).trimEnd(),
      `--${boundary}`,
      ...(asMessage
        ? ['Content-Type: message/rfc822', `Content-Transfer-Encoding: ${eightBit ? '8bit' : '7bit'}`]
        : ['Content-Type: application/octet-stream', 'Content-Transfer-Encoding: base64']),
      'Content-Disposition: attachment; filename="original.eml"',
      '',
      '',
    ].join('\r\n'),
  );
  const tail = Buffer.from(`\r\n--${boundary}--\r\n`);
  return {
    isEightBit: eightBit,
    *parts() {
      yield head;
      for (let start = 0; start < raw.length; start += SLICE) {
        const slice = raw.subarray(start, start + SLICE);
        yield asMessage ? slice : Buffer.from(base64Lines(slice));
      }
      yield tail;
    },
  };
}

/** The bytes in slices, so that what waits for the network stays small. */
export function* slices(raw: Uint8Array, start = 0): Iterable<Uint8Array> {
  for (let at = start; at < raw.length; at += SLICE) yield raw.subarray(at, at + SLICE);
}

function base64Lines(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64');
  return text.replace(/.{1,76}/g, '$&\r\n');
}

/** RFC 2047 §2: words of at most 75 characters, cut between characters; plain ASCII stays as it is. */
function encodedWords(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const words: string[] = [];
  let word = '';
  for (const character of text) {
    if (Buffer.byteLength(word + character) > 45) {
      words.push(word);
      word = '';
    }
    word += character;
  }
  return [...words, word].map((one) => `=?UTF-8?B?${Buffer.from(one).toString('base64')}?=`).join('\r\n ');
}
