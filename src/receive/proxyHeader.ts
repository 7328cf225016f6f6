import { isIPv4, isIPv6 } from 'node:net';

/** What the first bytes of a connection through a load balancer say. */
export type ProxyHeader =
  /** Not whole yet. */
  | { is: 'unfinished' }
  /** None, or one that must not be believed: the connection is to be ended. */
  | { is: 'wrong'; why: string }
  /** `client` null: the load balancer speaks for itself (a health check), or does not know. `length`: bytes of the header. */
  | { is: 'whole'; client: { address: string; port: number } | null; length: number };

/** Longest line of version 1, CRLF included (specification §2.1). */
const LINE_BYTES = 107;
/** A header of version 2 must fit the first segment (§2.2); certificates' names make it longer. Its length field allows 64 KiB. */
const BINARY_BYTES = 4096;
const SIGNATURE = Buffer.from('\r\n\r\n\0\r\nQUIT\n', 'latin1');
const FIXED_BYTES = 16;
const LINE_START = Buffer.from('PROXY ');
const CRC32C = 0x03;

/**
 * Reads a header of the PROXY protocol, version 1 (a line) or 2 (binary), from the start of what came
 * (https://www.haproxy.org/download/2.6/doc/proxy-protocol.txt). Strict, because whoever may write it says who somebody is.
 */
export function readProxyHeader(bytes: Buffer): ProxyHeader {
  if (startsLike(bytes, SIGNATURE)) return readBinary(bytes);
  if (startsLike(bytes, LINE_START)) return readLine(bytes);
  return wrong('no PROXY header');
}

function readLine(bytes: Buffer): ProxyHeader {
  const end = bytes.subarray(0, LINE_BYTES).indexOf('\r\n');
  if (end === -1) return bytes.length < LINE_BYTES ? { is: 'unfinished' } : wrong('the line is too long');
  const [, family, ...words] = bytes.toString('latin1', 0, end).split(' ');
  const length = end + 2;
  // Whatever follows is to be ignored (§2.1).
  if (family === 'UNKNOWN') return { is: 'whole', client: null, length };
  const isAddress = family === 'TCP4' ? isIPv4 : family === 'TCP6' ? isPlainIPv6 : () => false;
  const [from = '', to = '', fromPort = '', toPort = ''] = words;
  if (words.length !== 4 || !isAddress(from) || !isAddress(to) || !isPort(fromPort) || !isPort(toPort))
    return wrong('the line cannot be read');
  return {
    is: 'whole',
    client: { address: family === 'TCP6' ? ipv6Text(from) : from, port: Number(fromPort) },
    length,
  };
}

function readBinary(bytes: Buffer): ProxyHeader {
  if (bytes.length < FIXED_BYTES) return { is: 'unfinished' };
  const [version, command] = [bytes[12]! >> 4, bytes[12]! & 0x0f];
  const [family, protocol] = [bytes[13]! >> 4, bytes[13]! & 0x0f];
  const length = FIXED_BYTES + bytes.readUInt16BE(14);
  if (version !== 2 || command > 1) return wrong('an unknown version or command');
  if (family > 3 || protocol > 2) return wrong('an unknown family of addresses');
  if (length > BINARY_BYTES) return wrong('the header is too long');
  if (bytes.length < length) return { is: 'unfinished' };
  const header = bytes.subarray(0, length);
  // Whatever follows is to be ignored (§2.2): LOCAL, and a family that the load balancer has no name for.
  if (command === 0 || family === 0) return { is: 'whole', client: null, length };
  const addressBytes = [0, 12, 36, 216][family]!;
  if (length < FIXED_BYTES + addressBytes) return wrong('addresses are missing');
  const problem = checkFields(header, header.subarray(FIXED_BYTES + addressBytes));
  if (problem !== null) return wrong(problem);
  // Not a connection over TCP (a socket of the machine, UDP): the address of the connection counts.
  if (protocol !== 1 || family === 3) return { is: 'whole', client: null, length };
  const width = family === 1 ? 4 : 16;
  const address = header.subarray(FIXED_BYTES, FIXED_BYTES + width);
  const port = header.readUInt16BE(FIXED_BYTES + 2 * width);
  const text = family === 1 ? address.join('.') : ipv6Text(address.toString('hex').match(/.{4}/g)!.join(':'));
  return { is: 'whole', client: { address: text, port }, length };
}

/** Type, length, value (§2.2); null when they end where the header ends, and the checksum holds where there is one. */
function checkFields(header: Buffer, fields: Buffer): string | null {
  let at = 0;
  while (at < fields.length) {
    if (at + 3 > fields.length) return 'a field is cut off';
    const size = fields.readUInt16BE(at + 1);
    if (at + 3 + size > fields.length) return 'a field is cut off';
    if (fields[at] === CRC32C) {
      if (size !== 4) return 'the checksum has another size';
      const given = fields.readUInt32BE(at + 3);
      const blank = Buffer.from(header);
      blank.fill(0, header.length - fields.length + at + 3, header.length - fields.length + at + 7);
      if (crc32c(blank) !== given) return 'the checksum does not hold';
    }
    at += 3 + size;
  }
  return null;
}

/** CRC-32C (RFC 3720 appendix B.4), bit by bit: a header has some tens of bytes. */
function crc32c(bytes: Buffer): number {
  let sum = 0xffffffff;
  for (const byte of bytes) {
    sum ^= byte;
    for (let bit = 0; bit < 8; bit++) sum = sum & 1 ? (sum >>> 1) ^ 0x82f63b78 : sum >>> 1;
  }
  return ~sum >>> 0;
}

/** The shortest form, which every later comparison expects (RFC 5952); an IPv4 address that is written as IPv6 as what it is. */
function ipv6Text(text: string): string {
  const { hostname } = new URL(`http://[${text}]`);
  const short = hostname.slice(1, -1);
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(short) ?? [];
  if (high === undefined || low === undefined) return short;
  return [high, low].flatMap((half) => [Number(`0x${half}`) >> 8, Number(`0x${half}`) & 0xff]).join('.');
}

/** Whether all that came may be the beginning of `start`, or go on behind it. */
function startsLike(bytes: Buffer, start: Buffer): boolean {
  const length = Math.min(bytes.length, start.length);
  return bytes.subarray(0, length).equals(start.subarray(0, length));
}

function isPlainIPv6(text: string): boolean {
  return isIPv6(text) && !text.includes('%');
}

function isPort(text: string): boolean {
  return /^(?:0|[1-9]\d{0,4})$/.test(text) && Number(text) <= 65535;
}

function wrong(why: string): ProxyHeader {
  return { is: 'wrong', why };
}
