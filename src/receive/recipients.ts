import { domainToASCII } from 'node:url';
import type { Verp } from '../lib/verp.ts';
import type { Directory } from '../store/directory.ts';

export type RecipientDeps = {
  directory: Pick<Directory, 'find'>;
  /** The domains that are ours. */
  domains: () => Promise<ReadonlySet<string>>;
  /** Our own name, where postmaster lives too. */
  hostname: string;
  /** Envelope senders of copies, where bounces come back; null: no copies are sent. */
  verp: Verp | null;
  /** The address for answers to our notices; null: none is set. */
  replyAddress: string | null;
};

/**
 * The address under which we know a recipient, or null when it is none of ours. postmaster exists bare and at every
 * domain of ours (RFC 5321 §4.5.1); its mail ends unrouted, seen by people. Rejects when the database does not answer:
 * that is no reason to refuse anybody for good.
 */
export async function findRecipient(address: string, deps: RecipientDeps): Promise<string | null> {
  const plain = plainRecipient(address);
  if (plain === 'postmaster' || (await deps.directory.find(plain))) return plain;
  if (plain === deps.replyAddress) return plain;
  if (deps.verp !== null && deps.verp.copyOf(plain) !== null) return plain;
  if (!plain.startsWith('postmaster@')) return null;
  const domain = plain.slice('postmaster@'.length);
  if (domain === deps.verp?.domain || deps.replyAddress?.endsWith(`@${domain}`)) return plain;
  const ours = await deps.domains();
  return ours.has(domain) || domain === deps.hostname.toLowerCase() ? plain : null;
}

/**
 * The form in which lists are known: lower case, the domain in ASCII (the SMTP server hands over Unicode), the local part
 * without quotes that it does not need (RFC 5321 §4.1.2: "a"@b and a@b are one mailbox).
 */
export function plainRecipient(address: string): string {
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 0) return lower;
  const local = lower.slice(0, at).replace(/^"([^\s"\\@]{1,64})"$/, '$1');
  const domain = lower.slice(at + 1);
  return `${local}@${/^[\x21-\x7e]*$/.test(domain) ? domain : domainToASCII(domain)}`;
}
