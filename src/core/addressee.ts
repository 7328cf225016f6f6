import type { HeaderField } from './fields.ts';
import type { Arrival, Reason } from './values.ts';

export type AddresseeCandidate = { address: string; reason: Reason };

export function addresseeCandidates(fields: readonly HeaderField[], arrival: Arrival): AddresseeCandidate[] {
  const reason = (where: string): Reason => ({ code: `addressee.${where}`, text: `Named by ${where}.` });
  const found = arrival.envelopeTo.map((address) => ({ address: address.toLowerCase(), reason: reason('envelope') }));
  for (const name of ['x-original-to', 'delivered-to', 'to', 'cc']) {
    for (const field of fields) {
      if (field.name !== name) continue;
      for (const [address] of field.value.matchAll(/[^\s<>,;:"]{1,64}@[a-z0-9.-]{1,255}/gi)) {
        found.push({ address: address.toLowerCase(), reason: reason(name) });
      }
    }
  }
  return found;
}
