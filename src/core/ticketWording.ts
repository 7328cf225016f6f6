import type { Kind } from './kindBook.ts';
import { accountOfFacts } from './threadKeys.ts';
import type { Facts, Language } from './values.ts';
import { fillWording, type WordingValues } from './wording.ts';

export type TicketWording = { subject: string; body: string; next: string[]; sealed: string | null };

/** Fills the kind's wording in Japanese for Japanese mail, else in English. All values must be redacted. */
export function ticketWording(
  kind: Kind,
  language: Language,
  facts: Facts,
  mail: { subject: string; from: string | null; certificate: string | null },
): TicketWording {
  const wording = language === 'ja' ? kind.wording.ja : kind.wording.en;
  const values: WordingValues = {
    account: accountOfFacts(facts),
    accounts: list(facts.accountIds.map((one) => one.value)),
    amount: facts.amount === null ? null : `${facts.amount.value.amount} ${facts.amount.value.currency}`,
    budget: facts.budget?.value ?? null,
    case: facts.caseId?.value ?? null,
    certificate: mail.certificate,
    deadline: facts.deadline === null ? null : deadlineText(facts.deadline.value),
    domain: facts.domain?.value ?? null,
    event: facts.eventType?.value ?? null,
    from: mail.from,
    invoice: facts.invoiceId?.value ?? null,
    organization: facts.organizationId?.value ?? null,
    period: facts.billingPeriod?.value ?? null,
    region: list(facts.regions.map((one) => one.value)),
    report: facts.abuseReportId?.value ?? null,
    resources: list(facts.resources.map((one) => one.value)),
    service: facts.service?.value ?? null,
    subject: mail.subject === '' ? null : mail.subject,
    topic: facts.topicArn?.value ?? null,
  };
  const oneLine = (text: string): string => fillWording(text, values).replace(/\s+/g, ' ').slice(0, 300);
  return {
    subject: oneLine(wording.subject),
    body: fillWording(wording.body, values),
    next: wording.next.map((step) => oneLine(step)).filter((step) => step !== ''),
    sealed: wording.sealed === undefined ? null : oneLine(wording.sealed),
  };
}

function deadlineText(deadline: { date: string; at: string | null }): string {
  return deadline.at === null ? deadline.date : `${deadline.at.slice(0, 16).replace('T', ' ')} UTC`;
}

function list(values: readonly string[]): string | null {
  if (values.length === 0) return null;
  const shown = values.slice(0, 5).join(', ');
  return values.length > 5 ? `${shown} (+${values.length - 5})` : shown;
}
