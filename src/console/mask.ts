import { maskAddress } from '../core/maskAddress.ts';

export type Masker = (text: string) => string;

/**
 * Masks the given addresses, and every address in one of the list domains, wherever they stand in a text. Linear in
 * the text: it walks from `@` to `@`.
 */
export function createMasker(addresses: readonly string[], listDomains: readonly string[]): Masker {
  const known = new Set(addresses.map((address) => address.toLowerCase()));
  const domains = new Set([...known].map((address) => address.slice(address.lastIndexOf('@') + 1)));
  const listed = new Set(listDomains.map((domain) => domain.toLowerCase()));
  return (text) => {
    if (!text.includes('@')) return text;
    let out = '';
    let done = 0;
    for (let at = text.indexOf('@'); at !== -1; at = text.indexOf('@', at + 1)) {
      let end = at + 1;
      while (end < text.length && end - at <= 254 && isDomainChar(text.charCodeAt(end))) end++;
      while (end > at + 1 && text[end - 1] === '.') end--;
      const domain = text.slice(at + 1, end).toLowerCase();
      if (!domains.has(domain) && !listed.has(domain)) continue;
      let start = at;
      while (start > done && at - start < 254 && isLocalChar(text.charCodeAt(start - 1))) start--;
      const address = text.slice(start, end);
      if (start === at) continue;
      const match = listed.has(domain) ? address : longestKnown(address, known);
      if (match === null) continue;
      const from = end - match.length;
      out += text.slice(done, from) + maskAddress(match);
      done = end;
    }
    return out + text.slice(done);
  };
}

/** `a=b@x` may hold the known address `b@x`: tries each tail that starts behind a sign. */
function longestKnown(address: string, known: Set<string>): string | null {
  const lower = address.toLowerCase();
  if (known.has(lower)) return address;
  for (let at = 0; at < lower.length && lower[at] !== '@'; at++) {
    if (/[^a-z0-9]/.test(lower[at] as string) && known.has(lower.slice(at + 1))) return address.slice(at + 1);
  }
  return null;
}

function isDomainChar(code: number): boolean {
  return isAlphanumeric(code) || code === 0x2d || code === 0x2e;
}

/** atext of RFC 5322 §3.2.3 and the dot. */
function isLocalChar(code: number): boolean {
  return isAlphanumeric(code) || "!#$%&'*+-/=?^_`{|}~.".includes(String.fromCharCode(code)) || code > 0x7f;
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** Masks root addresses in every string of a plain value (for the API). Buffers and dates stay as they are. */
export function maskDeep<T>(value: T, mask: Masker): T {
  if (typeof value === 'string') return mask(value) as T;
  if (Array.isArray(value)) return value.map((member) => maskDeep(member, mask)) as T;
  if (value !== null && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, maskDeep(member, mask)])) as T;
  }
  return value;
}
