import type { QueueKey, QueueSort } from '../store/readQueue.ts';
import type { TicketQueue } from '../store/schema.ts';
import type { FilterField } from './filterText.ts';
import { filterToken } from './filterText.ts';
import { packKey } from './pagingKey.ts';

/** Addresses of the queue: the typed form of its filter, its sort and its place, and nothing else. */
export function queueAddress(filter: string, sort: QueueSort = 'act', after: QueueKey | null = null): string {
  const query = new URLSearchParams();
  if (filter !== '') query.set('q', filter);
  if (sort !== 'act') query.set('sort', sort);
  if (after !== null) query.set('after', packKey(after));
  return query.size > 0 ? `/?${query}` : '/';
}

/** One of the lists, in its usual order: what is solved is looked for by when it was. */
export function listAddress(queue: TicketQueue): string {
  if (queue === 'open') return '/';
  return queueAddress(`state:${queue}`, queue === 'solved' ? 'changed' : 'act');
}

/** Open tickets of one customer, kind and so on. */
export function fieldAddress(field: FilterField, value: string): string {
  return queueAddress(filterToken(field, value).text);
}
