import { encodeBase32 } from './base32.ts';

/** Random bytes of a root address: 80 bits, far beyond what can be guessed or tried. */
export const ROOT_ADDRESS_BYTES = 10;
/** Longest local part (RFC 5321 §4.5.3.1.1) less the random part and its hyphen. */
const MAX_SLUG = 64 - 17;

/** `<customer>-<random>@<root domain>`: an address that nobody can guess who was not told. No plus-addressing. */
export function rootAddress(slug: string, random: Uint8Array, domain: string): string {
  if (random.length !== ROOT_ADDRESS_BYTES)
    throw new RangeError(`a root address takes ${ROOT_ADDRESS_BYTES} random bytes`);
  return `${slug.slice(0, MAX_SLUG)}-${encodeBase32(random)}@${domain}`.toLowerCase();
}
