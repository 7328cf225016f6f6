import { awsDomainOf } from './awsDomain.ts';
import { lookalike } from './lookalike.ts';
import type { MailLink } from './parse.ts';
import type { SenderRules } from './senderRules.ts';

export type LinkLure = 'lookalikeLink' | 'maskedLink';

const MAX_LINKS = 100;
/** Where AWS's pages, images and counted links lie, besides the domains that it sends mail from. */
const AWS_HOSTED = /(?:^|\.)(?:amazonaws\.com|amazon\.com|awsstatic\.com|awstrack\.me|amazonwebservices\.com)$/;
/** An address of AWS as people see it in the text of a link. */
const SHOWN_HOST = /(?:^|[\s/<(])((?:[a-z0-9-]+\.)*aws\.amazon\.com)(?![a-z0-9.-])/i;

/** A host (lower case) of AWS's pages, images and counted links, or a domain that it sends from. */
export function isAwsHost(host: string, rules: SenderRules): boolean {
  return AWS_HOSTED.test(host) || awsDomainOf(host, rules) !== null;
}

/** What is false about the links of a mail. The first hundred are looked at; total on any text. */
export function linkLures(links: readonly MailLink[], rules: SenderRules): Set<LinkLure> {
  const found = new Set<LinkLure>();
  for (const { href, label } of links.slice(0, MAX_LINKS)) {
    const url = href.length <= 4000 && /^https?:/i.test(href) ? URL.parse(href) : null;
    if (url === null) continue;
    const host = url.hostname.toLowerCase();
    // `https://aws.amazon.com@evil.example/`
    if (url.username.includes('.') && lookalike(`${url.username}.x`.toLowerCase(), rules)) found.add('lookalikeLink');
    if (isAwsHost(host, rules)) continue;
    if (lookalike(host, rules)) found.add('lookalikeLink');
    const shown = SHOWN_HOST.exec(label)?.[1]?.toLowerCase();
    // Gateways rewrite links and carry the true address inside of theirs.
    if (shown !== undefined && !href.toLowerCase().includes(shown)) found.add('maskedLink');
  }
  return found;
}
