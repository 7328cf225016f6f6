import { isIP } from 'node:net';
import { cleanLine } from '../core/cleanText.ts';
import { hideTokens } from '../core/hideTokens.ts';
import type { Arrival } from '../core/values.ts';

/** RFC 5321 §4.5.3.1.3 and §4.5.3.1.2, with room for what is broken. */
const MAX_ADDRESS = 320;
const MAX_HELO = 255;

/**
 * The arrival as it may be stored: what a client said (HELO, envelope) without NUL, controls and broken UTF-8, bounded.
 * RCPT addresses in lower case, each once. A client address that is none becomes null; an IPv4 address inside IPv6
 * (`::ffff:…`) is written as IPv4.
 */
export function cleanArrival(arrival: Arrival): Arrival {
  const ip = arrival.clientIp?.replace(/^::ffff:(?=\d+\.)/i, '').replace(/%.*$/, '') ?? null;
  return {
    ...arrival,
    envelopeFrom: arrival.envelopeFrom === null ? null : cleanLine(arrival.envelopeFrom, MAX_ADDRESS),
    envelopeTo: [...new Set(arrival.envelopeTo.map((address) => cleanLine(address, MAX_ADDRESS).toLowerCase()))],
    clientIp: ip !== null && isIP(ip) !== 0 ? ip : null,
    helo: arrival.helo === null ? null : cleanLine(arrival.helo, MAX_HELO),
    source: arrival.source === null ? null : cleanLine(arrival.source),
  };
}

/**
 * The arrival as its row keeps it: the envelope sender's local part (VERP names say who was written to, and some services
 * put a token there) and the name in HELO without what may be a code or key. The sender's domain stays whole.
 */
export function arrivalToStore(arrival: Arrival): Arrival {
  const { envelopeFrom, helo } = arrival;
  return {
    ...arrival,
    envelopeFrom: envelopeFrom === null ? null : withoutTokens(envelopeFrom),
    helo: helo === null ? null : hideTokens(helo),
  };
}

function withoutTokens(address: string): string {
  const at = address.lastIndexOf('@');
  return at < 0 ? hideTokens(address) : hideTokens(address.slice(0, at)) + address.slice(at);
}
