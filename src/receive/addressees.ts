import { addresseeCandidates } from '../core/addressee.ts';
import { cleanLine } from '../core/cleanText.ts';
import type { HeaderField } from '../core/fields.ts';
import type { Arrival, Reason } from '../core/values.ts';
import type { Directory, ListEntry } from '../store/directory.ts';
import type { Addressee } from '../store/keepMail.ts';
import type { Replies } from './replies.ts';

/** The lists of one customer that a mail is for; `customerId` null: none of ours. */
export type Destination = { customerId: number | null; entries: ListEntry[]; addressees: Addressee[] };

/** Lists that one mail may name; a header can hold thousands of addresses. */
export const MAX_LOOKUPS = 200;

/**
 * Whom a mail is for, a destination a customer. The envelope decides alone where there is one: what stands in the header
 * was written outside and must not lead a mail to another customer. Without an envelope the candidates are asked in
 * the order of their worth, and the first kind of field that names a list of ours wins with all lists that it names. The
 * address for answers to our notices leads to the customer of the ticket that a mail proves to answer.
 */
export async function findDestinations(
  fields: readonly HeaderField[],
  arrival: Arrival,
  directory: Pick<Directory, 'find'>,
  replies: Replies | null = null,
): Promise<Destination[]> {
  const byCustomer = new Map<number, Destination>();
  const candidates = addresseeCandidates(fields, arrival).slice(0, MAX_LOOKUPS);
  const named = arrival.envelopeTo.map((address) => ({
    address,
    reason: candidates.find((candidate) => candidate.address === address)?.reason ?? ENVELOPE,
  }));
  const hasEnvelope = named.length > 0;
  let kind: string | null = null;
  for (const { address, reason } of hasEnvelope ? named : candidates) {
    if (kind !== null && reason.code !== kind) break;
    if (address === replies?.address) {
      const answered = await replies.customerOf(fields);
      if (answered === null) continue;
      kind = hasEnvelope ? null : reason.code;
      addAnswer(byCustomer, answered, address);
      continue;
    }
    const entry = await directory.find(address);
    if (!entry) continue;
    kind = hasEnvelope ? null : reason.code;
    const destination = byCustomer.get(entry.customerId) ?? {
      customerId: entry.customerId,
      entries: [],
      addressees: [],
    };
    byCustomer.set(entry.customerId, destination);
    if (destination.addressees.some(({ listId }) => listId === entry.listId)) continue;
    destination.entries.push(entry);
    destination.addressees.push({ listId: entry.listId, address, reason });
  }
  return byCustomer.size > 0 ? [...byCustomer.values()] : [nowhere(arrival)];
}

/** An answer to a notice is for the customer of the ticket, and for no list: its members get no copy of it. */
function addAnswer(byCustomer: Map<number, Destination>, customerId: number, address: string): void {
  if (byCustomer.has(customerId)) return;
  byCustomer.set(customerId, { customerId, entries: [], addressees: [{ listId: null, address, reason: ANSWER }] });
}

const ANSWER: Reason = {
  code: 'addressee.answers_notice',
  text: 'Sent to the address for answers; the Message-ID of our notice that it names proves the ticket.',
};
const ENVELOPE: Reason = { code: 'addressee.envelope', text: 'Named by the envelope (RCPT TO).' };
const NONE: Reason = { code: 'addressee.none', text: 'No address of this mail is a list of ours.' };

function nowhere(arrival: Arrival): Destination {
  const address = arrival.envelopeTo[0];
  return {
    customerId: null,
    entries: [],
    addressees: [{ listId: null, address: address ? cleanLine(address, 320) : null, reason: NONE }],
  };
}
