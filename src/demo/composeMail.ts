import { signMail } from './signMail.ts';

/** One sample mail as a person writes it down: who, to whom, what. Everything in it is invented. */
export type Sample = {
  /** `Name <address>` as it stands in From. */
  from: string;
  /** Slug of the customer whose root address it goes to. */
  to: string;
  subject: string;
  /** Plain text, LF line ends. */
  text: string;
  /** Hours before the demo was made that it was written. */
  hoursAgo: number;
  /** Domains that sign it, first one first; empty: nobody does. */
  signedBy: string[];
  /** Further header fields. */
  headers?: Record<string, string>;
  /** MAIL FROM; SES bounces address by default. */
  envelopeFrom?: string;
  /** Stable part of its Message-ID. */
  id: string;
};

/** Field body as RFC 2047 words when it is not ASCII, in pieces short enough for one line (RFC 2047 §2). */
function encodeWords(text: string): string {
  if (/^[\x20-\x7e]*$/.test(text)) return text;
  const words: string[] = [];
  let piece = '';
  for (const character of text) {
    if (Buffer.byteLength(piece + character) > 42) {
      words.push(piece);
      piece = '';
    }
    piece += character;
  }
  words.push(piece);
  return words.map((word) => `=?UTF-8?B?${Buffer.from(word).toString('base64')}?=`).join('\r\n ');
}

function escapeHtml(text: string): string {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;').replace(/"/g, '&quot;');
}

function toHtml(text: string): string {
  const linked = escapeHtml(text).replace(/https?:\/\/[^\s<]+/g, (url) => `<a href="${url}">${url}</a>`);
  const paragraphs = linked.split('\n\n').map((paragraph) => `<p>${paragraph.replaceAll('\n', '<br>')}</p>`);
  return `<!doctype html><html><body style="font-family:Arial,sans-serif">${paragraphs.join('\n')}</body></html>`;
}

function base64Lines(text: string): string {
  return Buffer.from(text.replaceAll('\n', '\r\n'))
    .toString('base64')
    .replace(/.{1,76}/g, '$&\r\n');
}

/** The bytes of a sample, signed: the same for the same moment, address and keys, so that sending it again doubles nothing. */
export function composeMail(sample: Sample, rootAddress: string, madeAt: Date, privateKey: string): Buffer {
  const date = new Date(madeAt.getTime() - sample.hoursAgo * 3_600_000);
  const boundary = `=_${sample.id}`;
  const fields = {
    Date: date.toUTCString().replace('GMT', '+0000'),
    From: sample.from.replace(/^([^<"]*[^\x20-\x7e][^<"]*) </, (_match, name: string) => `${encodeWords(name)} <`),
    To: rootAddress,
    'Message-ID': `<0100${date.getTime().toString(16).padStart(12, '0')}-${sample.id}-000000@email.amazonses.com>`,
    Subject: encodeWords(sample.subject),
    'MIME-Version': '1.0',
    ...sample.headers,
    'Content-Type': `multipart/alternative; boundary="${boundary}"`,
  };
  const head = Object.entries(fields)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
  const part = (type: string, text: string) =>
    `--${boundary}\r\nContent-Type: ${type}; charset=UTF-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64Lines(text)}`;
  const body = `${part('text/plain', sample.text)}${part('text/html', toHtml(sample.text))}--${boundary}--\r\n`;
  let raw: Buffer = Buffer.from(`${head}\r\n${body}`);
  for (const domain of sample.signedBy.toReversed())
    raw = signMail(raw, { domain, selector: SAMPLE_SELECTOR, privateKey });
  return raw;
}

/** Selector of the sample keys, in every sample domain. */
export const SAMPLE_SELECTOR = 'sample';
