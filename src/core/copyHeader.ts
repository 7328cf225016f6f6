import { fieldsNamed, type HeaderField } from './fields.ts';

/** What goes on top of a mail that is sent on to a member, and what must not. Pure. */

export type CopyHeaderInput = {
  /** Fields of the mail that follows. */
  fields: readonly HeaderField[];
  /** Who writes the Received field. */
  hostname: string;
  list: string;
  deliveryId: number;
  at: Date;
  /** Message-ID for a mail that has none: the same for every try. */
  messageId: string;
  /** Page where a member asks for the way out; null: no pages are public. */
  unsubscribeUrl: string | null;
  /** Address of the people who look after the list; null: none is set. */
  owner: string | null;
};

/** Most Received fields that a mail may have; more is a loop (RFC 5321 §6.3 asks for at least 100, real mail has below 20). */
const MAX_HOPS = 25;

/**
 * The header fields to put on top, each with its line break. A field that an existing signature covers in its absence, or
 * more often than it is there, is left out: adding it would break that signature (RFC 6376 §5.4.2). Fields that may stand
 * once are left out where the mail has them.
 */
export function copyHeader(input: CopyHeaderInput): string {
  const { fields, hostname, list, deliveryId, at, messageId, unsubscribeUrl, owner } = input;
  const wanted: [name: string, value: string, once: boolean][] = [
    ['Received', `by ${hostname} (Rootdesk) id ${deliveryId}\r\n\tfor list <${list}>; ${mailDate(at)}`, false],
    ['X-Loop', list, false],
    ['X-Rootdesk-Delivery', String(deliveryId), false],
    ['List-Id', `<${list.replace('@', '.')}>`, true],
  ];
  if (unsubscribeUrl !== null) wanted.push(['List-Unsubscribe', `<${unsubscribeUrl}>`, true]);
  if (owner !== null) wanted.push(['List-Owner', `<mailto:${owner}>`, true]);
  wanted.push(['Message-ID', messageId, true]);
  const signed = signedNames(fields);
  return wanted
    .filter(([name, , once]) => {
      const present = fieldsNamed(fields, name.toLowerCase()).length;
      return !(once && present > 0) && signed.every((names) => count(names, name.toLowerCase()) <= present);
    })
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

/**
 * Where the mail begins below what the delivery into our own mailbox wrote on top of it: names of our own mailboxes, and a
 * Return-Path that belongs to another hop. Stops at the first Received field, so that the trace stays whole.
 */
export function copyStart(fields: readonly HeaderField[]): number {
  const signed = new Set(signedNames(fields).flat());
  let start = 0;
  for (const { name, end } of fields) {
    if (!DELIVERED.has(name) || signed.has(name)) break;
    start = end;
  }
  return start;
}

const DELIVERED = new Set([
  'return-path',
  'delivered-to',
  'x-delivered-to',
  'x-original-to',
  'envelope-to',
  'x-envelope-to',
]);

/** Why a mail is not sent on: it went round, or is one that nobody may answer (RFC 3834 §4). Null: it is. */
export function loopReason(
  fields: readonly HeaderField[],
  envelopeFrom: string | null,
  list: string,
): { code: string; text: string } | null {
  const is = (name: string, test: (value: string) => boolean) =>
    fieldsNamed(fields, name).some(({ value }) => test(value.trim().toLowerCase()));
  if (
    is('x-loop', (value) => value === list) ||
    is('list-id', (value) => value.endsWith(`<${list.replace('@', '.')}>`))
  )
    return { code: 'loop.own_mark', text: 'It was sent on by this list before.' };
  if (fieldsNamed(fields, 'received').length > MAX_HOPS)
    return { code: 'loop.hops', text: `It has more than ${MAX_HOPS} Received fields.` };
  if (envelopeFrom === '')
    return { code: 'loop.null_sender', text: 'Its envelope sender is empty: a report, not a mail.' };
  if (
    is('auto-submitted', (value) => value.startsWith('auto-replied')) ||
    is('x-autoreply', (value) => value === 'yes')
  )
    return { code: 'loop.auto_reply', text: 'It is an automatic reply.' };
  return null;
}

/** RFC 5322 §3.3, in UTC. */
export function mailDate(at: Date): string {
  return at.toUTCString().replace(/GMT$/, '+0000');
}

/** h= of every signature of the mail, lower case. */
export function signedNames(fields: readonly HeaderField[]): string[][] {
  return fields
    .filter(({ name }) => name === 'dkim-signature' || name === 'arc-message-signature')
    .map(({ value }) => {
      const tag = value.split(';').find((item) => /^\s*h\s*=/.test(item)) ?? '';
      return tag
        .slice(tag.indexOf('=') + 1)
        .split(':')
        .map((name) => name.trim().toLowerCase());
    });
}

function count(names: readonly string[], wanted: string): number {
  return names.filter((name) => name === wanted).length;
}
