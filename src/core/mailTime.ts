import { fieldsNamed, firstField, type HeaderField } from './fields.ts';
import { readMailDate } from './mailDate.ts';
import type { Arrival, Reason } from './values.ts';

/**
 * When this mail happened: what relative deadlines, duplicate windows and the order of a ticket's mails count from, and
 * never the clock, so that replay and late arrival give the same answer. The Received date of the first hop of ours that
 * had it (the lowest of the trusted ones); else Date, which the sender wrote, clamped to the arrival; else the arrival.
 * Total; `at` is ISO 8601 UTC.
 */
export function mailTime(fields: readonly HeaderField[], arrival: Arrival): { at: string; reason: Reason } {
  const arrived = Date.parse(arrival.arrivedAt);
  const received = fieldsNamed(fields, 'received')[arrival.trustedReceived - 1];
  const hop = received ? readMailDate(received.value.slice(received.value.lastIndexOf(';') + 1)) : null;
  if (hop !== null) return clamped(hop, arrived, 'time.received', 'Time at which the first hop of ours received it.');
  const date = firstField(fields, 'date');
  const sent = date ? readMailDate(date.value) : null;
  if (sent !== null) return clamped(sent, arrived, 'time.date', 'Time of its Date field.');
  return {
    at: iso(arrived),
    reason: {
      code: 'time.arrival',
      text: date ? 'Its Date field cannot be read: time of arrival.' : 'It has no Date field: time of arrival.',
    },
  };
}

function clamped(time: number, arrived: number, code: string, text: string): { at: string; reason: Reason } {
  if (time <= arrived || Number.isNaN(arrived)) return { at: iso(time), reason: { code, text } };
  return {
    at: iso(arrived),
    reason: { code: 'time.clamped', text: 'It claims to be from the future: time of arrival.' },
  };
}

function iso(time: number): string {
  return new Date(Number.isNaN(time) ? 0 : time).toISOString();
}
