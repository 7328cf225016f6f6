import { isIP } from 'node:net';
import { z } from 'zod';
import { canonicalAddress } from './core/mailAddress.ts';

/**
 * The sorts of values that settings are made of. Each takes what YAML gives (numbers, lists, booleans) and what the
 * environment gives (text), and nothing that only looks like it: an empty port is an error, not port 0. No message
 * repeats a value, because the value may be a secret that was put under the wrong name.
 */

/** `secret`: also read from the file that `<env>_FILE` names, and never shown. */
export type Meta = { description: string; env?: string; secret?: boolean };

/** A leaf of a schema with its description and environment name. */
export function setting<T extends z.ZodType>(schema: T, meta: Meta): T {
  return schema.meta(meta) as T;
}

/** Longest span that a timer can wait for (2^31 - 1 ms). */
const LONGEST_MS = 2_147_483_647;

const MIB = 1024 * 1024;

function wholeNumber(least: number, most: number) {
  const fromText = (value: unknown) =>
    typeof value === 'string' && /^\d{1,15}$/.test(value.trim()) ? Number(value) : value;
  const message = `must be a whole number from ${least} to ${most}`;
  return z.preprocess(fromText, z.number(message).int(message).min(least, message).max(most, message));
}

/** 0 takes a free port. */
export const listenPort = wholeNumber(0, 65535);
export const remotePort = wholeNumber(1, 65535);
export const count = wholeNumber(1, 1_000_000);
export const milliseconds = wholeNumber(1, LONGEST_MS);
export const seconds = wholeNumber(1, 86_400);
/** Up to a week. */
export const minutes = wholeNumber(1, 10_080);
export const minutesOrOff = wholeNumber(0, 10_080);
/** Two at least: a key of a day must outlive what came in its last minute. */
export const keyDays = wholeNumber(2, 3650);
/** 0: for ever. */
export const daysOrEver = wholeNumber(0, 36_500);
/** Up to 1 GiB: what one value of a database column can hold. */
export const bytes = wholeNumber(1, 1024 * MIB);
export const mebibytes = wholeNumber(16, 65_536);

export const flag = z.preprocess((value) => {
  const text = typeof value === 'string' ? value.trim().toLowerCase() : value;
  if (text === 'true' || text === '1') return true;
  return text === 'false' || text === '0' ? false : value;
}, z.boolean('must be true or false'));

/** A list; in the environment separated by commas or spaces. */
export const words = z.preprocess(
  (value) => (typeof value === 'string' ? value.split(/[\s,]+/).filter(Boolean) : value),
  z.array(z.string('must be text').min(1, 'must not be empty'), 'must be a list'),
);
export const lowerWords = words.transform((list) => list.map((word) => word.toLowerCase()));

export const networks = words.refine(
  (list) => list.every(isNetwork),
  'each must be an address or a network such as 10.0.0.0/8',
);

/** Addresses without a network. */
export const ipAddresses = words.refine((list) => list.every((one) => isIP(one) !== 0), 'each must be an IP address');

export const dnsServers = words.refine(
  (list) => list.every(isServer),
  'each must be an IP address, with a port if it is not 53: 127.0.0.1:5353 or [::1]:5353',
);

const mailAddressForm = /^[^\s@<>,;:"]+@[^\s@<>,;:"]+$/;
export const mailAddress = z.string('must be a mail address').regex(mailAddressForm, 'must be a mail address');
export const addresses = words.pipe(z.array(mailAddress));

/** Addresses, each with the user of this system that it belongs to if there is one: `alice=a.smith@desk.example`. */
export const approvers = words.transform((list, context) =>
  list.map((entry) => {
    const [, user = null, address] = /^(?:([a-z_][a-z0-9_.-]{0,31})=)?([^\s=]+)$/i.exec(entry) ?? [];
    const canonical = canonicalAddress(address ?? '');
    if (canonical === null)
      context.addIssue({ code: 'custom', message: 'each must be a mail address, or user=address', input: undefined });
    return { address: canonical ?? '', user };
  }),
);

/** Where people reach our public pages: https, or http on this machine. */
export const publicUrl = z
  .string('must be text')
  .refine(isPublicUrl, 'must be an https:// address without query; http:// only on a loopback address');

function isPublicUrl(value: string): boolean {
  if (!URL.canParse(value)) return false;
  const { protocol, hostname, search, hash, username } = new URL(value);
  const isLocal = hostname === 'localhost' || hostname === '[::1]' || /^127\.[\d.]+$/.test(hostname);
  const isSafe = protocol === 'https:' || (protocol === 'http:' && isLocal);
  return isSafe && search === '' && hash === '' && username === '';
}

/** A domain of ours, lower case, an international one in its xn-- form (RFC 1123 §2.1). */
export const domainName = z
  .string('must be text')
  .transform((value) => value.trim().toLowerCase().replace(/\.$/, ''))
  .pipe(
    z
      .string()
      .max(200, 'must be at most 200 characters')
      .regex(
        /^(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?$/,
        'must be a domain name',
      ),
  );

/** Mechanisms of an SPF record (RFC 7208 §5) that name senders, without qualifier: `ip4:192.0.2.7`, `include:…`, `mx`. */
export const spfMechanisms = words.refine(
  (list) =>
    list.every((word) =>
      /^(?:(?:a|mx)(?:[:/][a-z0-9./_-]+)?|(?:ip4|ip6|include|exists):[a-z0-9.:/_%{}-]+)$/i.test(word),
    ),
  'each must be an SPF mechanism such as ip4:192.0.2.7 or include:_spf.example.net',
);

export const text = z.string('must be text').min(1, 'must not be empty');
export const optionalText = text.nullable();

/** The host part of a socket address that only this machine reaches. */
export const loopback = text.refine(
  (host) => host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.')),
  'must be a loopback address (127.0.0.1, ::1 or localhost): the pages have no sign-in',
);

export function urlOf(...schemes: string[]) {
  const form = new RegExp(`^(?:${schemes.join('|')})://[^/\\s]*`);
  return text.regex(form, `must start with ${schemes.map((scheme) => `${scheme}://`).join(' or ')}`);
}

/** Where secrets are sent to: nobody on the way may read them. */
export const safeUrl = z
  .url({ protocol: /^https?$/, error: 'must be an https:// address' })
  .refine(
    (url) => /^https:|^http:\/\/(?:127\.|localhost[:/])/.test(url),
    'must be an https:// address; http:// only on a loopback address',
  );

export const webUrl = z.url({ protocol: /^https?$/, error: 'must be an http:// or https:// address' });

function isNetwork(value: string): boolean {
  const [address, bits, more] = value.split('/');
  const version = isIP(address ?? '');
  if (version === 0 || more !== undefined) return false;
  return bits === undefined || (/^\d{1,3}$/.test(bits) && Number(bits) <= (version === 4 ? 32 : 128));
}

function isServer(value: string): boolean {
  if (isIP(value) !== 0) return true;
  const match = /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(value) ?? /^\[([^\]]+)\]()()$/.exec(value);
  if (!match) return false;
  const [, six, four, port] = match;
  const known = six ? isIP(six) === 6 : isIP(four ?? '') === 4;
  return known && (port === '' || (Number(port) >= 1 && Number(port) <= 65535));
}
