import type { HeaderField } from '../core/fields.ts';

/** A DKIM-Signature field as we read it ourselves (RFC 6376 §3.5), whatever a verifier made of it. */
export type SignatureTags = {
  /** d=, lower case; '' when it is missing. */
  domain: string;
  /** s=, as written. */
  selector: string;
  /** h=, lower case, in order. */
  signs: string[];
  /** i=, lower case, or null. */
  identity: string | null;
  /** b= without white space. */
  signature: string;
  /** l= is present: bytes can be added below what was signed. */
  partial: boolean;
  /** Why this signature proves nothing even if it verifies, or null. */
  defect: string | null;
};

/** A tag list that has more is not one that a signer wrote. */
const MAX_TAGS = 40;
/** Longest name (RFC 1035 §2.3.4) and most fields of h= that are kept. */
const MAX_NAME = 253;
const MAX_SIGNED = 200;
const NEEDED = ['v', 'a', 'b', 'bh', 'd', 'h', 's'];

/** Reads one DKIM-Signature field. Total: what cannot be read is a defect. */
export function readSignature(field: HeaderField): SignatureTags {
  const tags = new Map<string, string>();
  let defect: string | null = null;
  const items = field.value.split(';');
  if (items.length > MAX_TAGS) defect = 'too many tags';
  for (const [index, item] of items.slice(0, MAX_TAGS).entries()) {
    const at = item.indexOf('=');
    if (at < 0) {
      if (item.trim() !== '' || (index !== items.length - 1 && items.length > 1)) defect ??= 'tag list syntax';
      continue;
    }
    const name = item.slice(0, at).trim();
    // RFC 6376 §3.2: a tag that stands twice makes the whole list invalid.
    if (tags.has(name)) defect ??= `${clean(name)}= twice`;
    tags.set(name, item.slice(at + 1).trim());
  }
  for (const name of NEEDED) if (!tags.get(name)) defect ??= `no ${name}=`;
  if (tags.has('v') && tags.get('v') !== '1') defect ??= 'v= is not 1';
  const domain = (tags.get('d') ?? '').toLowerCase().slice(0, MAX_NAME);
  const identity = tags.has('i')
    ? (tags.get('i') ?? '')
        .replace(/\s+/g, '')
        .toLowerCase()
        .slice(0, 2 * MAX_NAME)
    : null;
  if (identity !== null && !identityFits(identity, domain)) defect ??= 'i= outside d=';
  const methods = tags.get('q')?.toLowerCase().split(':');
  if (methods && !methods.some((method) => method.trim() === 'dns/txt')) defect ??= 'q= is not dns/txt';
  if (/sha1$/i.test(tags.get('a') ?? '')) defect ??= 'a= uses SHA-1'; // RFC 8301 §3.1
  return {
    domain,
    selector: (tags.get('s') ?? '').slice(0, MAX_NAME),
    signs: (tags.get('h') ?? '')
      .split(':', MAX_SIGNED)
      .map((name) => name.trim().toLowerCase())
      .filter((name) => name !== ''),
    identity,
    signature: (tags.get('b') ?? '').replace(/\s+/g, ''),
    partial: tags.has('l'),
    defect,
  };
}

/** RFC 6376 §3.5: the domain of i= is d= or lies below it. */
function identityFits(identity: string, domain: string): boolean {
  const at = identity.lastIndexOf('@');
  if (at < 0) return false;
  const host = identity.slice(at + 1);
  return host === domain || host.endsWith(`.${domain}`);
}

/** RFC 6376 §3.6.1, t=s in the key record: i= must name d= itself, no domain below it. */
export function strictKeyViolated(keyRecord: string, tags: Pick<SignatureTags, 'domain' | 'identity'>): boolean {
  if (!keyFlags(keyRecord).includes('s') || tags.identity === null) return false;
  return tags.identity.slice(tags.identity.lastIndexOf('@') + 1) !== tags.domain;
}

/** RFC 6376 §3.6.1, t=y in the key record: the domain tests DKIM, its signatures count for nothing. */
export function keyInTest(keyRecord: string): boolean {
  return keyFlags(keyRecord).includes('y');
}

function keyFlags(keyRecord: string): string[] {
  for (const item of keyRecord.split(';')) {
    const [name, value = ''] = item.split('=', 2);
    if (name?.trim() === 't') return value.split(':').map((flag) => flag.trim().toLowerCase());
  }
  return [];
}

function clean(name: string): string {
  return name.replace(/[^\w-]/g, '').slice(0, 20);
}
