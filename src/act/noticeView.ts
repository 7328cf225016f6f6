import type { Facts, Found } from '../core/values.ts';
import type { NoticeTicket } from '../store/noticeTicket.ts';

/**
 * Everything that a template of a notice sees: redacted, one line a value, bounded, without controls and direction
 * marks. No text of a mail, no link of a mail, no setting.
 */
export type NoticeView = {
  /** Answers to the notice go to the ticket. */
  answers: boolean;
  ticket: {
    id: number;
    subject: string;
    kind: string;
    customer: string;
    urgency: string;
    actionRequired: boolean;
    /** `2026-12-01`, or empty. */
    deadline: string;
    /** `2026-12-01T09:00:00Z` when the mail names a time, or empty. */
    deadlineAt: string;
    /** `respond` or `awsActs`, or empty. */
    deadlineSort: string;
    /** A secret was taken out of it (a code, a reset link). */
    sealed: boolean;
    /** Page of the ticket, or empty when no address of the pages is known. */
    link: string;
    /** The event of AWS that several customers got mail about, with its page; null: it is of this customer alone. */
    incident: { id: number; customers: number; link: string } | null;
    facts: {
      accounts: string[];
      accountName: string;
      organization: string;
      regions: string[];
      service: string;
      case: string;
      abuseReport: string;
      event: string;
      invoice: string;
      amount: string;
      period: string;
      domain: string;
      budget: string;
      resources: string[];
    };
  };
};

const LINE = 300;
const LIST = 20;

/** The view of a ticket. `consoleUrl` is the base of the pages, with or without a slash at its end, or null; `answers`: an address for answers is set. */
export function noticeView(ticket: NoticeTicket, consoleUrl: string | null, answers: boolean): NoticeView {
  const { facts, deadline } = ticket;
  return {
    answers,
    ticket: {
      id: ticket.id,
      subject: oneLine(ticket.subject),
      kind: oneLine(ticket.kind),
      customer: oneLine(ticket.customer),
      urgency: ticket.urgency,
      actionRequired: ticket.actionRequired,
      deadline: oneLine(deadline?.date ?? ''),
      deadlineAt: oneLine(deadline?.at ?? ''),
      deadlineSort: oneLine(deadline?.sort ?? ''),
      sealed: ticket.secretLevel === 'sealed',
      link: ticketLink(consoleUrl, ticket.id),
      incident: ticket.incident && { ...ticket.incident, link: incidentLink(consoleUrl, ticket.incident.id) },
      facts: factsView(facts),
    },
  };
}

/** The page of a ticket; empty when no address of the pages is known. */
export function ticketLink(consoleUrl: string | null, ticketId: number): string {
  return pageLink(consoleUrl, `/tickets/${ticketId}`);
}

/** The page of an incident, likewise. */
export function incidentLink(consoleUrl: string | null, incidentId: number): string {
  return pageLink(consoleUrl, `/incidents/${incidentId}`);
}

function pageLink(consoleUrl: string | null, path: string): string {
  return consoleUrl === null ? '' : consoleUrl.replace(/\/+$/, '') + path;
}

function factsView(facts: Facts | null): NoticeView['ticket']['facts'] {
  const one = (fact: Found<string> | null | undefined) => oneLine(fact?.value ?? '');
  const many = (found: Found<string>[] | undefined) => (found ?? []).slice(0, LIST).map((fact) => oneLine(fact.value));
  const amount = facts?.amount?.value;
  return {
    accounts: many(facts?.accountIds),
    accountName: one(facts?.accountName),
    organization: one(facts?.organizationId),
    regions: many(facts?.regions),
    service: one(facts?.service),
    case: one(facts?.caseId),
    abuseReport: one(facts?.abuseReportId),
    event: one(facts?.eventType),
    invoice: one(facts?.invoiceId),
    amount: amount ? oneLine(`${amount.amount} ${amount.currency}`) : '',
    period: one(facts?.billingPeriod),
    domain: one(facts?.domain),
    budget: one(facts?.budget),
    resources: many(facts?.resources),
  };
}

/** Line ends and controls become spaces, direction marks and invisible characters go: no value makes a line or a header. */
export function oneLine(text: string, most = LINE): string {
  const line = text
    .toWellFormed()
    .replace(/\p{Cf}+/gu, '')
    .replace(/[\s\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')
    .trim();
  return line.length <= most ? line : `${line.slice(0, most - 1).toWellFormed()}…`;
}

/** Rendered once at start, so that a template that fails is found before the first urgent ticket. */
export const SAMPLE_VIEW: NoticeView = {
  answers: true,
  ticket: {
    id: 1,
    subject: 'Sample <b>ticket</b> & "more"',
    kind: 'sample.kind',
    customer: 'Sample Customer',
    urgency: 'critical',
    actionRequired: true,
    deadline: '2030-01-31',
    deadlineAt: '2030-01-31T09:00:00Z',
    deadlineSort: 'respond',
    sealed: true,
    link: 'https://rootdesk.example/tickets/1',
    incident: { id: 1, customers: 2, link: 'https://rootdesk.example/incidents/1' },
    facts: {
      accounts: ['000000000000'],
      accountName: 'sample-account',
      organization: 'o-sample',
      regions: ['eu-central-1'],
      service: 'Sample Service',
      case: '1234567890',
      abuseReport: '0',
      event: 'SAMPLE_EVENT',
      invoice: 'SAMPLE-1',
      amount: '1.00 USD',
      period: '2030-01',
      domain: 'sample.example',
      budget: 'sample-budget',
      resources: ['sample-resource'],
    },
  },
};
