import { readAddresses } from './addresses.ts';
import type { HeaderField } from './fields.ts';
import type { Arrival, Reason } from './values.ts';

export type AddresseeCandidate = { address: string; reason: Reason };

/** Where an address may stand, the most trustworthy place first (each is a `reason.code`: `addressee.envelope` …). */
const PLACES: { code: string; names: string[]; text: string }[] = [
  {
    code: 'original_to',
    names: ['x-original-to', 'envelope-to', 'x-envelope-to', 'x-rcpt-to'],
    text: 'The hop that handed it over wrote this recipient',
  },
  { code: 'delivered_to', names: ['delivered-to', 'x-delivered-to'], text: 'It was delivered to this mailbox' },
  { code: 'received_for', names: ['received'], text: 'A hop received it for this recipient' },
  { code: 'list', names: ['list-post', 'x-forwarded-to', 'resent-to'], text: 'The list that sent it on' },
  { code: 'to', names: ['to'], text: 'It is addressed to' },
  { code: 'cc', names: ['cc', 'resent-cc', 'bcc'], text: 'It is copied to' },
];

const MAX_CANDIDATES = 300;
/** Received fields that are looked at: a loop makes hundreds. */
const MAX_RECEIVED = 60;

/**
 * Addresses that this mail may be for, lower case, each once, the most trustworthy place first: envelope, then what the
 * delivering hop wrote, then Received, then list fields, then what the sender wrote. Whoever looks them up takes the
 * first place that names an address of ours (all of that place): a sender must not be able to add a second customer.
 */
export function addresseeCandidates(fields: readonly HeaderField[], arrival: Arrival): AddresseeCandidate[] {
  const found = new Map<string, AddresseeCandidate>();
  const add = (written: string, code: string, text: string): void => {
    const address = written.trim().toLowerCase();
    if (found.size >= MAX_CANDIDATES || found.has(address) || !/^[^\s@<>]+@[^\s@<>]+$/.test(address)) return;
    found.set(address, { address, reason: { code: `addressee.${code}`, text } });
  };
  for (const address of arrival.envelopeTo) add(address, 'envelope', 'Recipient of the envelope (RCPT TO).');
  for (const place of PLACES) {
    const fieldsHere = fields.filter((field) => place.names.includes(field.name));
    for (const field of fieldsHere.slice(0, MAX_RECEIVED)) {
      const text = `${place.text} (${field.rawName}).`;
      for (const address of addressesOf(field)) {
        add(address, place.code, text);
        const behind = HOP_WRITES.has(place.code) ? behindPlus(address, arrival.plusDomain) : null;
        if (behind !== null) add(behind, place.code, `${text.slice(0, -1)}, behind its +.`);
      }
    }
  }
  return [...found.values()];
}

/** Places where our own hops write, so that what stands behind a + was put there by their rewriting. */
const HOP_WRITES = new Set(['original_to', 'delivered_to', 'received_for']);

/** The root address whose local part a catch-all put behind the + (RFC 5233 §1), or null. */
function behindPlus(address: string, domain: string | undefined): string | null {
  const detail = domain === undefined ? null : /^[^+@]+\+([^@]+)@/.exec(address.trim())?.[1];
  return detail ? `${detail}@${domain}` : null;
}

function addressesOf(field: HeaderField): string[] {
  if (field.name === 'received') return receivedFor(field.value);
  if (field.name === 'list-post') return [/<mailto:([^>?\s]{3,320})/i.exec(field.value)?.[1] ?? ''];
  if (!field.name.startsWith('x-') && field.name !== 'envelope-to' && field.name !== 'delivered-to') {
    return readAddresses([field]).map((one) => one.address);
  }
  // Fields that hops write hold a bare address (one a field, or a list), no display names.
  return field.value
    .slice(0, 4096)
    .split(/[\s,]+/)
    .map((word) => word.replace(/^<|>$/g, ''));
}

/** The `for` clause of a Received field (RFC 5321 §4.4), which stands behind the other clauses, outside comments. */
function receivedFor(value: string): string[] {
  const text = value.slice(0, 4096).replace(/\([^()]*\)/g, ' ');
  return Array.from(text.matchAll(/\sfor\s+<?([^\s<>;]{3,320}@[^\s<>;]{1,255})>?/gi), (match) => match[1]!);
}
