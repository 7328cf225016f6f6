import { searchPattern } from '../core/searchText.ts';
import type { Urgency } from '../core/values.ts';
import { URGENCIES } from '../core/values.ts';
import type { TicketQueue } from '../store/schema.ts';
import { type DueFilter, filterOf, QUEUES, type TicketFilter } from '../store/ticketFilter.ts';

/**
 * The typed form of a filter, as it stands in the search box and in the address:
 *
 *     state:open customer:kumo -kind:budget due:<7d "free words" -word
 *
 * Fields: `state` (open, waiting, snoozed, solved, any), `customer` (slug), `kind` (code, group or word of a code),
 * `urgency`, `due` (`<7d`, `>12h`, `<2026-12-01`, `2026-12-01`, late, any, none). The same field twice means either; a
 * minus excludes. What has no such field is searched for: colons stand in ARNs too. Without `state` it is `state:open`.
 */
export type FilterField = 'state' | 'customer' | 'kind' | 'urgency' | 'due';

export type FilterToken = {
  /** null: a word that is searched for. */
  field: FilterField | null;
  value: string;
  not: boolean;
  /** As it must be typed. */
  text: string;
};

/** `value`: the field does not take this; `short`: under two letters or digits; `many`: beyond what a filter may hold. */
export type FilterProblem = { token: string; problem: 'value' | 'short' | 'many' };

export type FilterText = { filter: TicketFilter; tokens: FilterToken[]; problems: FilterProblem[] };

/** Characters of a filter, and tokens in it, that are read. */
export const FILTER_CHARS = 500;
const FILTER_TOKENS = 20;
const FIELDS: readonly FilterField[] = ['state', 'customer', 'kind', 'urgency', 'due'];

/** Reads a typed filter. Total: what cannot be read is a problem and filters nothing. */
export function parseFilter(text: string): FilterText {
  const tokens: FilterToken[] = [];
  const problems: FilterProblem[] = [];
  const filter = filterOf([]);
  const notQueues: TicketQueue[] = [];
  const pieces = piecesOf(text.slice(0, FILTER_CHARS));
  for (const [index, piece] of pieces.entries()) {
    const token = tokenOf(piece);
    const problem = index >= FILTER_TOKENS ? 'many' : take(filter, notQueues, token);
    if (problem === null) tokens.push(token);
    else problems.push({ token: token.text, problem });
  }
  const wanted = filter.queues.length > 0 ? filter.queues : notQueues.length > 0 ? QUEUES : (['open'] as const);
  filter.queues = wanted.filter((queue) => !notQueues.includes(queue));
  if (filter.queues.length === 0) filter.queues = ['open'];
  return { filter, tokens, problems };
}

/** The typed form of tokens; `without` leaves one out, for the link that takes it away. */
export function filterTextOf(tokens: readonly FilterToken[], without?: FilterToken): string {
  return tokens
    .filter((token) => token !== without)
    .map((token) => token.text)
    .join(' ');
}

/** The token of a field and value, for links that add one. */
export function filterToken(field: FilterField | null, value: string, not = false): FilterToken {
  const quoted = /[\s"]/.test(value) ? `"${value.replaceAll('"', '')}"` : value;
  return { field, value, not, text: `${not ? '-' : ''}${field === null ? '' : `${field}:`}${quoted}` };
}

/** Pieces between blanks; quotation marks hold one together. */
function piecesOf(text: string): string[] {
  return [...text.matchAll(/-?(?:[^\s":]+:)?"[^"]*"?|\S+/gu)].map((match) => match[0]);
}

function tokenOf(piece: string): FilterToken {
  const not = piece.startsWith('-') && piece.length > 1;
  const bare = not ? piece.slice(1) : piece;
  const colon = bare.indexOf(':');
  const name = bare.slice(0, colon).toLowerCase();
  const field = FIELDS.find((one) => one === name) ?? null;
  const value = (field === null ? bare : bare.slice(colon + 1)).replaceAll('"', '').trim();
  return filterToken(field, field === null ? value : value.toLowerCase(), not);
}

function take(filter: TicketFilter, notQueues: TicketQueue[], token: FilterToken): FilterProblem['problem'] | null {
  const { field, value, not } = token;
  switch (field) {
    case null:
      if (searchPattern(value) === null) return 'short';
      (not ? filter.notWords : filter.words).push(value);
      return null;
    case 'state': {
      const queues = value === 'any' && !not ? QUEUES : QUEUES.filter((queue) => queue === value);
      if (queues.length === 0) return 'value';
      (not ? notQueues : filter.queues).push(...queues);
      return null;
    }
    case 'customer':
      if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(value)) return 'value';
      (not ? filter.notCustomers : filter.customers).push(value);
      return null;
    case 'kind':
      if (!/^[a-z0-9_]+(\.[a-z0-9_]+)*$/.test(value)) return 'value';
      (not ? filter.notKinds : filter.kinds).push(value);
      return null;
    case 'urgency': {
      const urgency = URGENCIES.find((one): one is Urgency => one === value);
      if (urgency === undefined) return 'value';
      (not ? filter.notUrgencies : filter.urgencies).push(urgency);
      return null;
    }
    case 'due': {
      const due = dueOf(value);
      if (due === null) return 'value';
      (not ? filter.notDue : filter.due).push(due);
      return null;
    }
  }
}

const DAY_MS = 86_400_000;
/** Ten years: more than any deadline, less than a date can hold. */
const MAX_HOURS = 87_600;

function dueOf(value: string): DueFilter | null {
  if (value === 'late' || value === 'any' || value === 'none') return { sort: value };
  const span = /^([<>])(\d{1,4})([hdw])$/.exec(value);
  if (span) {
    const hours = Number(span[2]) * { h: 1, d: 24, w: 168 }[span[3] as 'h' | 'd' | 'w'];
    return hours > MAX_HOURS ? null : { sort: span[1] === '<' ? 'before' : 'after', hours };
  }
  const day = /^([<>]?)(\d{4}-\d{2}-\d{2})$/.exec(value);
  if (!day) return null;
  const start = Date.parse(`${day[2]}T00:00:00Z`);
  if (Number.isNaN(start) || new Date(start).toISOString().slice(0, 10) !== day[2]) return null;
  const at = (ms: number) => new Date(ms).toISOString();
  if (day[1] === '<') return { sort: 'between', from: null, to: at(start) };
  return {
    sort: 'between',
    from: at(day[1] === '>' ? start + DAY_MS : start),
    to: day[1] === '>' ? null : at(start + DAY_MS),
  };
}
