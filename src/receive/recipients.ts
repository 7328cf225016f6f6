import { domainToASCII } from 'node:url';
import type { Directory } from '../store/directory.ts';

export type RecipientDeps = {
  directory: Pick<Directory, 'find'>;
  /** The domains that are ours. */
  domains: () => Promise<ReadonlySet<string>>;
  /** Our own name, where postmaster lives too. */
  hostname: string;
};

/**
 * The address under which we know a recipient, or null when it is none of ours. postmaster exists bare and at every
 * domain of ours (RFC 5321 §4.5.1); its mail ends unrouted, seen by people. Rejects when the database does not answer:
 * that is no reason to refuse anybody for good.
 */
export async function findRecipient(address: string, deps: RecipientDeps): Promise<string | null> {
  const lower = address.toLowerCase();
  const at = lower.lastIndexOf('@');
  if (at < 0) return lower === 'postmaster' ? lower : null;
  const domain = lower.slice(at + 1);
  // Lists are known by their ASCII name; the SMTP server hands over the Unicode form.
  const plain = /^[\x21-\x7e]*$/.test(domain) ? lower : `${lower.slice(0, at + 1)}${domainToASCII(domain)}`;
  if (await deps.directory.find(plain)) return plain;
  if (lower.slice(0, at) !== 'postmaster') return null;
  const ours = await deps.domains();
  return ours.has(domain) || domain === deps.hostname.toLowerCase() ? plain : null;
}
