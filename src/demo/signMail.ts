import { createHash, createSign, type KeyLike } from 'node:crypto';
import { bodyStart, readFields } from '../core/fields.ts';

export type SigningKey = {
  /** d= */
  domain: string;
  /** s= */
  selector: string;
  privateKey: KeyLike;
  /** Field names for h=, in order. Default: those of the list below that the mail has. */
  signs?: readonly string[];
  /** Further tags, such as i= or x=. */
  tags?: Readonly<Record<string, string>>;
};

const SIGNED = ['from', 'to', 'cc', 'reply-to', 'subject', 'date', 'message-id', 'mime-version', 'content-type'];

/**
 * Signs a mail with DKIM (RFC 6376; rsa-sha256, relaxed/simple, as SES signs) and returns it with the signature on
 * top. Line ends become CRLF, as they are on the wire.
 */
export function signMail(raw: Buffer, key: SigningKey): Buffer {
  const mail = withCrlf(raw);
  const fields = readFields(mail);
  const signs = key.signs ?? SIGNED.filter((name) => fields.some((field) => field.name === name));
  const tags = {
    v: '1',
    a: 'rsa-sha256',
    c: 'relaxed/simple',
    d: key.domain,
    s: key.selector,
    ...key.tags,
    h: signs.join(':'),
    bh: createHash('sha256').update(simpleBody(mail)).digest('base64'),
    b: '',
  };
  const value = Object.entries(tags)
    .map(([name, tag]) => `${name}=${tag}`)
    .join('; ');
  const signer = createSign('rsa-sha256');
  // A name that stands n times in h= signs the n lowest fields of it, from the bottom up (RFC 6376 §5.4.2).
  const used = new Map<string, number>();
  for (const name of signs) {
    const same = fields.filter((field) => field.name === name.toLowerCase());
    const nth = (used.get(name) ?? 0) + 1;
    used.set(name, nth);
    const field = same.at(-nth);
    if (field) signer.update(`${relaxed(mail.toString('latin1', field.start, field.end))}\r\n`, 'latin1');
  }
  signer.update(relaxed(`DKIM-Signature: ${value}`), 'latin1');
  const signature = signer.sign(key.privateKey, 'base64').replace(/.{70}/g, '$&\r\n\t');
  const folded = value.replace(/; (h|bh|b)=/g, ';\r\n\t$1=');
  return Buffer.concat([Buffer.from(`DKIM-Signature: ${folded}${signature}\r\n`, 'latin1'), mail]);
}

/** RFC 6376 §3.4.2. */
function relaxed(field: string): string {
  const colon = field.indexOf(':');
  const value = field
    .slice(colon + 1)
    .replace(/\r?\n/g, '')
    .replace(/[ \t]+/g, ' ')
    .trim();
  return `${field.slice(0, colon).trim().toLowerCase()}:${value}`;
}

/** RFC 6376 §3.4.3: empty lines at the end count as one line break. */
function simpleBody(mail: Buffer): Buffer {
  const body = mail.subarray(bodyStart(mail)).toString('latin1');
  return Buffer.from(body.replace(/(\r\n)*$/, '\r\n'), 'latin1');
}

function withCrlf(raw: Buffer): Buffer {
  return Buffer.from(raw.toString('latin1').replace(/\r?\n/g, '\r\n'), 'latin1');
}
