import { createHmac, timingSafeEqual } from 'node:crypto';
import { decodeBase32, encodeBase32 } from './base32.ts';

/**
 * Envelope senders of copies (VERP): each delivery has its own, so that what comes back names the copy whatever it says.
 * `b-<base32 of the delivery's id and 80 bits of HMAC-SHA-256 over it>@<bounce domain>`: nobody else can make one, and
 * letter case does not matter. At most 31 octets before the @ (RFC 5321 §4.5.3.1.1 allows 64).
 */
export type Verp = {
  readonly domain: string;
  addressOf(deliveryId: number): string;
  /** The delivery of an address that we made, in any letter case; null for every other one. */
  deliveryOf(address: string): number | null;
};

const MARK = 'b-';
const MAC_BYTES = 10;
const ID_BYTES = 8;

/** `key`: of this installation, for this purpose alone. */
export function createVerp(key: Buffer, domain: string): Verp {
  const macOf = (id: Uint8Array) => createHmac('sha256', key).update(id).digest().subarray(0, MAC_BYTES);
  return {
    domain,
    addressOf(deliveryId) {
      const id = bytesOf(deliveryId);
      return `${MARK}${encodeBase32(Buffer.concat([id, macOf(id)]))}@${domain}`;
    },
    deliveryOf(address) {
      const lower = address.toLowerCase();
      const local = lower.slice(0, -domain.length - 1);
      if (lower !== `${local}@${domain}` || !local.startsWith(MARK)) return null;
      const bytes = decodeBase32(local.slice(MARK.length));
      if (bytes === null || bytes.length <= MAC_BYTES || bytes.length > ID_BYTES + MAC_BYTES) return null;
      const id = bytes.subarray(0, -MAC_BYTES);
      if (id[0] === 0 || !timingSafeEqual(macOf(id), bytes.subarray(-MAC_BYTES))) return null;
      const deliveryId = Number(BigInt(`0x${Buffer.from(id).toString('hex')}`));
      return Number.isSafeInteger(deliveryId) ? deliveryId : null;
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
