import { isIP } from 'node:net';
import type { Kysely } from 'kysely';
import { type DnsRecord, type OwnDomains, recordProblem, recordsToPublish } from './core/dnsRecords.ts';
import type { Seal } from './lib/seal.ts';
import { openSigningKey } from './lib/signingKey.ts';
import { createVerp, type Verp } from './lib/verp.ts';
import { isMissing, type Resolver } from './receive/resolver.ts';
import type { Settings } from './settings.ts';
import { readListDomains } from './store/listDomains.ts';
import type { Tables } from './store/schema.ts';

/** The domain that notices are from; null when no mail is written. */
export function noticeDomain({ outgoing }: Pick<Settings, 'outgoing'>): string | null {
  return outgoing.from?.split('@').at(-1)?.toLowerCase() ?? null;
}

/** Makes and reads the envelope senders of copies; null when no domain for them is set. */
export function createOwnVerp({ lists }: Pick<Settings, 'lists'>, seal: Pick<Seal, 'derive'>): Verp | null {
  return lists.bounceDomain === null ? null : createVerp(seal.derive('verp'), lists.bounceDomain);
}

/** What of our own domains needs records; makes the signing key when there is none yet. */
export async function ownDomains(
  settings: Settings,
  db: Kysely<Tables>,
  seal: Pick<Seal, 'signingKey'>,
): Promise<OwnDomains> {
  const { lists, outgoing, smtp, listDomains } = settings;
  const domain = noticeDomain(settings);
  const known = await readListDomains(db);
  return {
    root: [...new Set([...(lists.rootDomain ? [lists.rootDomain] : []), ...listDomains, ...known])].sort(),
    bounce: lists.bounceDomain,
    notice: domain === null ? null : openSigningKey(seal, domain),
    mx: lists.mx ?? smtp.hostname,
    spf: outgoing.spf.length > 0 ? outgoing.spf : spfOf(outgoing.host, lists.mx),
  };
}

/** What in the settings makes the records useless as they are, for people. */
export function domainNotes(domains: OwnDomains, settings: Settings): string[] {
  const notes: string[] = [];
  if (isLocal(domains.mx))
    notes.push('no mail server finds this host: set ROOTDESK_MX to the name that takes your mail');
  if (domains.spf.length === 0 && (domains.bounce !== null || domains.notice !== null))
    notes.push('who sends our mail out is not known, so no SPF record is printed for it: set ROOTDESK_OUTGOING_SPF');
  if (domains.bounce === null) notes.push('no copies are sent to members: set ROOTDESK_BOUNCE_DOMAIN');
  if (domains.notice === null) notes.push('no notices are sent: set ROOTDESK_OUTGOING_HOST and ROOTDESK_OUTGOING_FROM');
  if (settings.lists.rootDomain === null) notes.push('no root addresses are given out: set ROOTDESK_ROOT_DOMAIN');
  return notes;
}

export type RecordState = { record: DnsRecord; problem: string | null; unanswered: boolean };

/** Compares every record with what DNS answers now. Never rejects. */
export function compareRecords(domains: OwnDomains, resolver: Resolver): Promise<RecordState[]> {
  return Promise.all(
    recordsToPublish(domains).map(async (record) => {
      try {
        return { record, problem: recordProblem(record, await ask(record, resolver)), unanswered: false };
      } catch (error) {
        return {
          record,
          problem: `DNS does not answer (${(error as { code?: string }).code ?? 'error'})`,
          unanswered: true,
        };
      }
    }),
  );
}

async function ask(record: DnsRecord, resolver: Resolver): Promise<string[]> {
  // A wildcard is asked for by a name that only it answers.
  const name = record.name.replace(/^\*/, 'rootdesk1');
  try {
    const rows = (await resolver(name, record.type)) as unknown[];
    if (record.type === 'MX') return rows.map((row) => (row as { exchange: string }).exchange);
    return rows.map((row) => (Array.isArray(row) ? row.join('') : String(row)));
  } catch (error) {
    if (isMissing(error as { code?: string })) return [];
    throw error;
  }
}

/** A mail server on this machine sends from where mail comes in, if that has a name. */
function spfOf(host: string | null, mx: string | null): string[] {
  if (host === null) return [];
  if (isLocal(host)) return mx === null || isLocal(mx) ? [] : [`a:${mx.toLowerCase()}`];
  const version = isIP(host);
  return [version === 0 ? `a:${host.toLowerCase()}` : `ip${version}:${host}`];
}

function isLocal(host: string): boolean {
  return /(?:^|\.)localhost$|^127\.|^::1$|^localhost\./i.test(host);
}
