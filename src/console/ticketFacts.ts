import type { Facts, Found } from '../core/values.ts';

/** Where a fact stands: in which mail, and where in it. */
export type FactRow = {
  name: FactName;
  values: { text: string; href: string | null; mono: boolean }[];
  where: string;
};
export type FactName =
  | 'account'
  | 'accountName'
  | 'organization'
  | 'deadline'
  | 'case'
  | 'abuse'
  | 'event'
  | 'eventType'
  | 'service'
  | 'regions'
  | 'resources'
  | 'invoice'
  | 'amount'
  | 'period'
  | 'domain'
  | 'budget'
  | 'topic'
  | 'links';

/** Facts of the mails of one ticket, oldest first: lists grow together, of single facts the last one said holds. */
export function mergeFacts(mails: readonly Facts[]): Partial<Facts> {
  const merged: Partial<Facts> = {};
  for (const facts of mails) {
    for (const [name, value] of Object.entries(facts) as [keyof Facts, Facts[keyof Facts]][]) {
      if (value === null || value === undefined) continue;
      if (!Array.isArray(value)) {
        (merged as Record<string, unknown>)[name] = value;
        continue;
      }
      const list = ((merged as Record<string, unknown>)[name] as unknown[] | undefined) ?? [];
      const seen = new Set(list.map(identityOf));
      (merged as Record<string, unknown>)[name] = [...list, ...value.filter((member) => !seen.has(identityOf(member)))];
    }
  }
  return merged;
}

/** Rows for the page, what AWS always means first. Facts that were not found have no row; see `notSaid`. */
export function factRows(facts: Partial<Facts>): FactRow[] {
  const rows: FactRow[] = [];
  const add = (name: FactName, found: Found<string>[] | Found<string> | null | undefined, mono: boolean) => {
    const list = (Array.isArray(found) ? found : found ? [found] : []).filter((one) => one?.value);
    if (list.length === 0) return;
    rows.push({
      name,
      values: list.slice(0, 50).map((one) => ({ text: one.value, href: null, mono })),
      where: list[0]?.where ?? '',
    });
  };
  add('account', facts.accountIds, true);
  add('accountName', facts.accountName, false);
  add('organization', facts.organizationId, true);
  add('case', facts.caseId, true);
  add('abuse', facts.abuseReportId, true);
  add('eventType', facts.eventType, true);
  add('event', facts.eventArn, true);
  add('service', facts.service, false);
  add('regions', facts.regions, false);
  add('resources', facts.resources, true);
  add('invoice', facts.invoiceId, true);
  if (facts.amount) {
    const { amount, currency } = facts.amount.value;
    add('amount', { value: `${currency} ${grouped(amount)}`, where: facts.amount.where }, false);
  }
  add('period', facts.billingPeriod, false);
  add('domain', facts.domain, true);
  add('budget', facts.budget, false);
  add('topic', facts.topicArn, true);
  // Those that lead nowhere stand below the mail.
  const links = (facts.links ?? []).filter((link) => link.href !== null).slice(0, 10);
  if (links.length > 0) {
    rows.push({
      name: 'links',
      values: links.map((link) => ({ text: link.text, href: link.href, mono: true })),
      where: links[0]?.where ?? '',
    });
  }
  return rows;
}

/** `18204.11` to `18,204.11`; only digits before the point are grouped. */
function grouped(amount: string): string {
  const [whole = '', ...rest] = amount.split('.');
  return [whole.replace(/\B(?=(\d{3})+$)/g, ','), ...rest].join('.');
}

function identityOf(member: unknown): string {
  const one = member as { value?: unknown; text?: unknown };
  return JSON.stringify(one.value ?? one.text ?? null);
}
