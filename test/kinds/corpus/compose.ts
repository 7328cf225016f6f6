import iconv from 'iconv-lite';
import { signMail } from '../../../src/demo/signMail.ts';
import { type CorpusMail, CUSTOMERS, type Wire } from './mail.ts';

export type Keys = { honest: string; other: string };
export const SELECTOR = 'corpus';

/** The bytes of a corpus mail as they would arrive, signed by whom it says. */
export function compose(mail: CorpusMail, at: Date, keys: Keys): Buffer {
  const head = [
    ...(mail.above ?? []),
    `From: ${words(mail.from, mail.wire)}`,
    `To: ${addressOf(mail)}`,
    `Subject: ${words(mail.subject, mail.wire)}`,
    `Date: ${at.toUTCString().replace('GMT', '+0000')}`,
    `Message-ID: <${mail.messageId ?? `${stamp(at)}-${mail.id}-000000@email.amazonses.com`}>`,
    ...Object.entries(mail.headers ?? {})
      .filter(([name]) => name !== 'Content-Type')
      .map(([name, value]) => `${name}: ${words(value, mail.wire)}`),
    'MIME-Version: 1.0',
  ];
  let raw: Buffer = Buffer.concat([Buffer.from(`${head.join('\r\n')}\r\n`), content(mail)]);
  const own = /@([^\s<>@]+)>?$/.exec(mail.from)?.[1] ?? '';
  const sign = (domain: string, privateKey: string) => {
    raw = signMail(raw, { domain, selector: SELECTOR, privateKey, ...(mail.signs && { signs: mail.signs }) });
  };
  for (const domain of (mail.signed ?? [own]).toReversed()) sign(domain, keys.honest);
  for (const domain of mail.forged ?? []) sign(domain, keys.other);
  return raw;
}

/** The address that a mail is sent to: `acme`, or `acme:1` for a customer's second one. */
export function addressOf(mail: CorpusMail): string {
  const [slug = 'acme', nth = '0'] = (mail.to ?? 'acme').split(':');
  return CUSTOMERS[slug as keyof typeof CUSTOMERS].addresses[Number(nth)]!;
}

function stamp(at: Date): string {
  return `0100${at.getTime().toString(16).padStart(12, '0')}`;
}

function content(mail: CorpusMail): Buffer {
  const given = mail.headers?.['Content-Type'];
  if (given) return Buffer.from(`Content-Type: ${given}\r\n\r\n${mail.text ?? ''}\r\n`);
  const parts: Buffer[] = [];
  if (mail.text !== undefined) parts.push(part('text/plain', mail.text, mail.wire));
  if (mail.html !== undefined) parts.push(part('text/html', mail.html, mail.wire));
  const body = parts.length === 1 ? parts[0]! : multipart('alternative', 'alt', parts);
  if (!mail.attach) return body;
  const files = mail.attach.map(({ name, type, content }) =>
    Buffer.from(
      `Content-Type: ${type}; name="${name}"\r\nContent-Disposition: attachment; filename="${name}"\r\nContent-Transfer-Encoding: base64\r\n\r\n${lines(Buffer.from(content))}`,
    ),
  );
  return multipart('mixed', 'mix', [body, ...files]);
}

function multipart(sort: string, boundary: string, parts: readonly Buffer[]): Buffer {
  return Buffer.concat([
    Buffer.from(`Content-Type: multipart/${sort}; boundary="=_${boundary}"\r\n\r\n`),
    ...parts.flatMap((one) => [Buffer.from(`--=_${boundary}\r\n`), one, Buffer.from('\r\n')]),
    Buffer.from(`--=_${boundary}--\r\n`),
  ]);
}

function part(type: string, text: string, wire: Wire = '8bit'): Buffer {
  const crlf = text.replace(/\r?\n/g, '\r\n');
  const charset = ['8bit', 'qp', 'base64'].includes(wire) ? 'utf-8' : wire;
  const bytes = encode(crlf, charset);
  const transfer =
    wire === 'qp' ? 'quoted-printable' : wire === 'base64' ? 'base64' : charset === 'utf-8' ? '8bit' : '7bit';
  const body =
    wire === 'qp' ? Buffer.from(quotedPrintable(bytes)) : wire === 'base64' ? Buffer.from(lines(bytes)) : bytes;
  return Buffer.concat([
    Buffer.from(`Content-Type: ${type}; charset=${charset}\r\nContent-Transfer-Encoding: ${transfer}\r\n\r\n`),
    body,
  ]);
}

function encode(text: string, charset: string): Buffer {
  if (charset !== 'iso-2022-jp') return iconv.encode(text, charset);
  // RFC 1468: JIS X 0208 is EUC-JP without its high bits, between escape sequences.
  const runs = text.split(/([^\x00-\x7f]+)/);
  return Buffer.concat(
    runs.map((run, index) =>
      index % 2 === 0
        ? Buffer.from(run)
        : Buffer.concat([
            Buffer.from('\x1b$B'),
            Buffer.from(iconv.encode(run, 'euc-jp').map((byte) => byte & 0x7f)),
            Buffer.from('\x1b(B'),
          ]),
    ),
  );
}

function lines(bytes: Buffer): string {
  return bytes.toString('base64').replace(/.{1,76}/g, '$&\r\n');
}

function quotedPrintable(bytes: Buffer): string {
  const escaped = bytes
    .toString('latin1')
    .replace(
      /[^\x20-\x3c\x3e-\x7e\r\n\t]/g,
      (byte) => `=${byte.charCodeAt(0).toString(16).toUpperCase().padStart(2, '0')}`,
    )
    .replace(/=(?![0-9A-F]{2})/g, '=3D');
  return escaped
    .split('\r\n')
    .map((line) =>
      line.replace(/(?:=[0-9A-F]{2}|.){1,72}/g, (piece, at: number) =>
        at + piece.length < line.length ? `${piece}=\r\n` : piece,
      ),
    )
    .join('\r\n');
}

/** RFC 2047 words for what is not ASCII; addresses in angle brackets stay as they are. */
function words(text: string, wire: Wire = '8bit'): string {
  const address = /\s<[^<>]*>$/.exec(text)?.[0] ?? '';
  const name = text.slice(0, text.length - address.length);
  if (/^[\x20-\x7e]*$/.test(name)) return text;
  const charset = ['8bit', 'qp', 'base64'].includes(wire) ? 'utf-8' : wire;
  const out: string[] = [];
  let piece = '';
  for (const character of name) {
    if (Buffer.byteLength(piece + character) > 36) {
      out.push(piece);
      piece = '';
    }
    piece += character;
  }
  out.push(piece);
  return `${out.map((one) => `=?${charset}?B?${encode(one, charset).toString('base64')}?=`).join('\r\n ')}${address}`;
}
