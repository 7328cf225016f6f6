import { createHmac, createSecretKey, timingSafeEqual } from 'node:crypto';
import type { Form } from '../core/deliveryAttempt.ts';
import { decodeBase32, encodeBase32 } from './base32.ts';

/** One sending of a copy: which one, and in which form it went. */
export type SentCopy = { deliveryId: number; form: Form };

/**
 * Envelope senders of copies (VERP): each delivery has its own, so that what comes back names the copy whatever it says.
 * `b-<base32 of the delivery's id and 80 bits of HMAC-SHA-256 over it>@<bounce domain>`: nobody else can make one, and
 * letter case does not matter. A copy that was wrapped has `w-`: a report on the one that was refused as it is may still
 * come when the wrapped one is there. At most 31 octets before the @ (RFC 5321 §4.5.3.1.1 allows 64).
 */
export type Verp = {
  readonly domain: string;
  addressOf(copy: SentCopy): string;
  /** What was sent from an address that we made, in any letter case; null for every other one. */
  copyOf(address: string): SentCopy | null;
};

const MARKS = { raw: 'b-', wrapped: 'w-' } as const satisfies Record<Form, string>;
const MAC_BYTES = 10;
const ID_BYTES = 8;

/** `key`: of this installation, for this purpose alone. */
export function createVerp(key: Buffer, domain: string): Verp {
  const secret = createSecretKey(key);
  const macOf = (form: Form, id: Uint8Array) =>
    createHmac('sha256', secret).update(MARKS[form]).update(id).digest().subarray(0, MAC_BYTES);
  return {
    domain,
    addressOf({ deliveryId, form }) {
      const id = bytesOf(deliveryId);
      return `${MARKS[form]}${encodeBase32(Buffer.concat([id, macOf(form, id)]))}@${domain}`;
    },
    copyOf(address) {
      const lower = address.toLowerCase();
      const local = lower.slice(0, -domain.length - 1);
      const form = local.startsWith(MARKS.raw) ? 'raw' : local.startsWith(MARKS.wrapped) ? 'wrapped' : null;
      if (form === null || lower !== `${local}@${domain}`) return null;
      const bytes = decodeBase32(local.slice(MARKS[form].length));
      if (bytes === null || bytes.length <= MAC_BYTES || bytes.length > ID_BYTES + MAC_BYTES) return null;
      const id = bytes.subarray(0, -MAC_BYTES);
      if (id[0] === 0 || !timingSafeEqual(macOf(form, id), bytes.subarray(-MAC_BYTES))) return null;
      const deliveryId = Number(BigInt(`0x${Buffer.from(id).toString('hex')}`));
      return Number.isSafeInteger(deliveryId) ? { deliveryId, form } : null;
    },
  };
}

/** Big endian, without leading zeros. */
function bytesOf(id: number): Buffer {
  const bytes = Buffer.alloc(ID_BYTES);
  bytes.writeBigUInt64BE(BigInt(id));
  const first = bytes.findIndex((byte) => byte !== 0);
  if (first < 0) throw new RangeError('a delivery has an id above 0');
  return bytes.subarray(first);
}
