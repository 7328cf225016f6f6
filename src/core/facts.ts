import { scanCaptures } from './captures.ts';
import { type DeadlineFound, pickDeadline, scanDeadlines } from './deadline.ts';
import { collect, type FactText } from './factTexts.ts';
import type { Kind } from './kindBook.ts';
import type { Redacted } from './redact.ts';
import { scanAccounts } from './scanAccounts.ts';
import {
  type IdFound,
  scanAbuseReports,
  scanCaseNumbers,
  scanEventArns,
  scanEventTypes,
  scanInvoices,
  scanOrganizations,
  scanResources,
  scanTopicArns,
} from './scanIds.ts';
import { scanRegions } from './scanRegions.ts';
import { serviceOf } from './services.ts';
import { showLink } from './showLink.ts';
import type { Signs } from './signs.ts';
import type { Facts, Found } from './values.ts';

const MAX_LIST = 100;
const MAX_LINKS = 50;

/**
 * The facts of one mail. Typed scanners read the mail as it came, because a mask would hide numbers from them; what
 * they give has a form that no secret has. Free text (domain, budget, names, topic) goes through the redaction.
 */
export function readFacts(
  texts: readonly FactText[],
  redacted: Redacted,
  kind: Kind,
  context: { mailTime: string; aws: boolean },
): Facts {
  const ids = (
    scan: (text: string, signs: Signs) => IdFound[],
    places: readonly FactText['place'][],
  ): Found<string>[] => unique(collect(texts, places, scan));
  const everywhere = ['subject', 'body', 'link'] as const;
  const captured = scanCaptures(texts, kind, redacted.clean, context.mailTime);
  const eventArn = ids(scanEventArns, everywhere)[0] ?? null;
  const eventType = ids(scanEventTypes, ['header', 'subject', 'body'])[0] ?? fromArn(eventArn, 2);
  return {
    accountIds: accounts(texts, context.aws),
    accountName: captured.accountName,
    organizationId: ids(scanOrganizations, everywhere)[0] ?? null,
    regions: unique(
      collect(texts, ['subject', 'body'], (text, signs) =>
        scanRegions(text, signs).map((one) => ({ index: one.index, value: one.code })),
      ),
    ).slice(0, MAX_LIST),
    service: captured.service ?? serviceOf(texts, eventArn?.value ?? null, eventType?.value ?? null),
    eventType,
    eventArn,
    caseId: ids(scanCaseNumbers, everywhere)[0] ?? null,
    abuseReportId:
      ids((text, signs) => scanAbuseReports(text, kind.kind === 'security.abuse', signs), ['subject', 'body'])[0] ??
      null,
    invoiceId: ids(scanInvoices, ['subject', 'body', 'attachment'])[0] ?? null,
    amount: captured.amount,
    billingPeriod: captured.billingPeriod,
    domain: captured.domain,
    budget: captured.budget,
    topicArn: captured.topicArn ?? cleaned(ids(scanTopicArns, everywhere)[0] ?? null, redacted),
    resources: ids(scanResources, ['subject', 'body'])
      .map((one) => ({ ...one, value: redacted.clean(one.value) }))
      .slice(0, MAX_LIST),
    deadline: deadlineOf(texts, kind, context.mailTime),
    links: shownLinks(redacted),
  };
}

function unique(found: readonly Found<string>[]): Found<string>[] {
  const seen = new Set<string>();
  return found.filter((one) => !seen.has(one.value) && seen.add(one.value));
}

function accounts(texts: readonly FactText[], aws: boolean): Found<string>[] {
  const found = unique([
    ...collect(texts, ['subject', 'body'], (text) =>
      scanAccounts(text, aws).map((one) => ({ index: one.index, value: one.id })),
    ),
    ...collect(texts, ['link'], scanLinkAccounts),
  ]);
  const whole = found.filter((one) => /^\d{12}$/.test(one.value));
  const masked = found.filter((one) => {
    const digits = one.value.replace(/\D/g, '');
    return !/^\d{12}$/.test(one.value) && !whole.some((other) => other.value.endsWith(digits));
  });
  return [...whole, ...masked].slice(0, MAX_LIST);
}

const LINK_ACCOUNT =
  /(?:[?&#](?:context|account(?:id)?|awsaccountid|recipient)=|arn:aws[a-z-]{0,12}:[a-z0-9-]{1,32}:[a-z0-9-]{0,24}:)(\d{12})(?!\d)/gi;

function scanLinkAccounts(text: string): IdFound[] {
  return [...text.matchAll(LINK_ACCOUNT)].map((match) => ({ index: match.index, value: match[1]! }));
}

function deadlineOf(texts: readonly FactText[], kind: Kind, mailTime: string): Facts['deadline'] {
  if (kind.deadline === 'none') return null;
  const all: (DeadlineFound & { where: string })[] = [];
  for (const one of texts) {
    if (one.place !== 'subject' && one.place !== 'body') continue;
    for (const found of scanDeadlines(one.text.plain, mailTime, one.text.signs)) {
      all.push({ ...found, where: one.where ?? `body ${one.text.lineAt(found.index)}` });
    }
  }
  const picked = pickDeadline(all, kind.deadline === 'any' ? null : kind.deadline);
  return picked === null ? null : { value: picked.deadline, where: (picked as (typeof all)[number]).where };
}

function shownLinks(redacted: Redacted): Facts['links'] {
  const links: Facts['links'] = [];
  const seen = new Set<string>();
  const written = new Set<string>();
  for (const link of redacted.links) {
    if (written.has(link.href)) continue;
    written.add(link.href);
    const shown = showLink(link.href);
    if (shown === null || seen.has(shown.text)) continue;
    seen.add(shown.text);
    links.push({ ...shown, where: link.where });
    if (links.length >= MAX_LINKS) break;
  }
  return links;
}

function fromArn(arn: Found<string> | null, part: number): Found<string> | null {
  const value = arn?.value.split(':').slice(5).join(':').split('/')[part];
  return arn !== null && value ? { value, where: arn.where } : null;
}

function cleaned(found: Found<string> | null, redacted: Redacted): Found<string> | null {
  return found === null ? null : { value: redacted.clean(found.value), where: found.where };
}
