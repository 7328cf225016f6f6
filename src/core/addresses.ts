import { parseAddressHeader } from 'mailparser';
import { decodeText } from './charset.ts';
import { cleanLine } from './cleanText.ts';
import type { HeaderField } from './fields.ts';
import { withoutInvisible } from './invisible.ts';
import type { Address } from './values.ts';

/** Bytes of one address field and addresses of one mail that are read. */
const MAX_FIELD_BYTES = 32 * 1024;
const MAX_ADDRESSES = 300;

/**
 * Addresses of From, To, Cc, Reply-To (RFC 5322 §3.4), groups opened, over all fields given. Domains are lower case and
 * in ASCII form (`xn--…`), because two domains that look alike must not read alike.
 */
export function readAddresses(fields: readonly HeaderField[]): Address[] {
  const found: Address[] = [];
  for (const field of fields) {
    found.push(...addressesOf(field).slice(0, MAX_ADDRESSES - found.length));
  }
  return found;
}

/** Several rules read the same From and To. */
const READ = new WeakMap<HeaderField, readonly Address[]>();

function addressesOf(field: HeaderField): readonly Address[] {
  const known = READ.get(field);
  if (known !== undefined) return known;
  const text = decodeText(field.bytes.subarray(0, MAX_FIELD_BYTES), null).replace(/[\r\n]+/g, '');
  const found: Address[] = [];
  for (const one of parse(text)) {
    if (found.length >= MAX_ADDRESSES) break;
    const address = normalAddress(one.address ?? '');
    const name = cleanLine(withoutInvisible(one.name), 256);
    if (address || name) found.push({ address, name });
  }
  READ.set(field, found);
  return found;
}

function parse(text: string): { address?: string; name: string }[] {
  try {
    return parseAddressHeader(text, { flatten: true }).value;
  } catch {
    return [];
  }
}

/** Domain lower case and in ASCII form; the local part keeps its case (RFC 5321 §2.4). */
export function normalAddress(address: string): string {
  const text = cleanLine(address, 320);
  const at = text.lastIndexOf('@');
  if (at < 1) return text;
  return `${text.slice(0, at)}@${asciiDomain(text.slice(at + 1))}`;
}

/** `münchen.example` becomes `xn--mnchen-3ya.example`; what is no domain stays as it is, lower case. */
export function asciiDomain(domain: string): string {
  const lower = domain.trim().toLowerCase().replace(/\.$/, '');
  if (/^[a-z0-9.-]*$/.test(lower)) return lower;
  if (!/^[^\s/\\?#@:[\]<>%]+$/.test(lower)) return lower;
  try {
    return new URL(`http://${lower}/`).hostname;
  } catch {
    return lower;
  }
}
