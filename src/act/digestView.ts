import type { GatheredNotice } from '../store/gatheredNotices.ts';
import { oneLine, ticketLink } from './noticeView.ts';

/** Everything that the template of a mail about several tickets sees; redacted and bounded as in a NoticeView. */
export type DigestView = {
  count: number;
  tickets: {
    id: number;
    subject: string;
    customer: string;
    urgency: string;
    deadline: string;
    link: string;
    /** Number of the incident over several customers; null: none. */
    incident: number | null;
  }[];
};

/** Tickets of one mail: with the longest values it stays below the largest text of a template. */
export const DIGEST_TICKETS = 200;
const SUBJECT_CHARS = 120;
const NAME_CHARS = 60;

export function digestView(notices: readonly GatheredNotice[], consoleUrl: string | null): DigestView {
  const tickets = notices.map(({ ticketId, subject, customer, urgency, deadline, incident }) => ({
    id: ticketId,
    subject: oneLine(subject, SUBJECT_CHARS),
    customer: oneLine(customer, NAME_CHARS),
    urgency,
    deadline: oneLine(deadline?.date ?? ''),
    link: ticketLink(consoleUrl, ticketId),
    incident,
  }));
  return { count: tickets.length, tickets };
}

/** Rendered once at start. */
export const DIGEST_SAMPLE: DigestView = {
  count: 2,
  tickets: [
    {
      id: 1,
      subject: 'Sample',
      customer: 'Sample',
      urgency: 'critical',
      deadline: '2030-01-31',
      link: 'https://rootdesk.example/tickets/1',
      incident: 1,
    },
    { id: 2, subject: 'Sample', customer: 'Sample', urgency: 'high', deadline: '', link: '', incident: null },
  ],
};
