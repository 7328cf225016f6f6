import { asciiDomain } from './addresses.ts';

/** Longest address (bytes, RFC 5321 §4.5.3.1.3 less the angle brackets) and local part (§4.5.3.1.1). */
const ADDRESS_LENGTH = 254;
const LOCAL_LENGTH = 64;
/** dot-atom of RFC 5322 §3.2.3, and a domain of RFC 1123 §2.1 labels (an international one in its xn-- form). */
const LOCAL = /^[a-z0-9!#$%&'*/?^_`{|}~+=-]+(\.[a-z0-9!#$%&'*/?^_`{|}~+=-]+)*$/;
const DOMAIN = /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;

/**
 * The one form in which an address is kept and compared: trimmed, NFC, lower case, its domain in ASCII (`xn--…`). A tag
 * (`name+tag@`) makes another address. Null when it is no address that mail can be sent to.
 */
export function canonicalAddress(text: string): string | null {
  const plain = text.trim().normalize('NFC').toLowerCase();
  const at = plain.lastIndexOf('@');
  if (at < 1) return null;
  const local = plain.slice(0, at);
  const domain = canonicalDomain(plain.slice(at + 1));
  if (domain === null || local.length > LOCAL_LENGTH || !LOCAL.test(local)) return null;
  const address = `${local}@${domain}`;
  return address.length <= ADDRESS_LENGTH ? address : null;
}

/** A domain in lower case and ASCII form, or null when it is none. */
export function canonicalDomain(text: string): string | null {
  const domain = asciiDomain(text.normalize('NFC'));
  return domain.length <= ADDRESS_LENGTH && DOMAIN.test(domain) ? domain : null;
}

/** What stands behind the last @. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1);
}
