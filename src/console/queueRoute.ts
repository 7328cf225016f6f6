import { z } from 'zod';
import { BULK_TICKETS } from '../store/acts/changeTickets.ts';
import { countBands } from '../store/countBands.ts';
import { countTickets } from '../store/findTickets.ts';
import { readFirstRun } from '../store/readFirstRun.ts';
import { QUEUE_SORTS, type QueueSort, readQueue } from '../store/readQueue.ts';
import { readTicket } from '../store/readTickets.ts';
import { Elsewhere, NotFound } from './errors.ts';
import { FILTER_CHARS, filterTextOf, filterToken, parseFilter } from './filterText.ts';
import { keptSchema } from './keptRows.ts';
import type { PageHandler } from './pageHandler.ts';
import { isBanded, queuePage } from './pages/queuePage.ts';
import { packedKey, queueKeySchema } from './pagingKey.ts';
import { emptyIsAbsent, parse } from './queries.ts';
import { queueAddress } from './queueAddress.ts';
import { viewOf } from './requestView.ts';

/** Rows a page. */
const PAGE = 50;
/** Who had mail within it is heard from. */
const DAY_MS = 24 * 3_600_000;

const text = z
  .string()
  .max(FILTER_CHARS)
  .regex(/^\P{Cc}*$/u, 'has control characters');
const queueQuery = z.object({
  q: emptyIsAbsent(text),
  sort: emptyIsAbsent(z.enum(QUEUE_SORTS as [QueueSort, ...QueueSort[]])),
  after: emptyIsAbsent(z.string().max(2000)),
  // The form beside the typed filter: one more token.
  field: emptyIsAbsent(z.enum(['word', 'state', 'customer', 'kind', 'urgency', 'due'])),
  value: emptyIsAbsent(text),
  not: emptyIsAbsent(z.literal('1')),
  /** Every row of the filter is ticked. */
  select: emptyIsAbsent(z.literal('all')),
  /** What the act before left as it was. */
  kept: emptyIsAbsent(keptSchema(['changed', 'same', 'solved', 'noTime', 'gone'])),
});

export const showQueue: PageHandler = async (deps, request) => {
  const { q = '', sort = 'act', after, field, value, not, select, kept = [] } = parse(queueQuery, request.query);
  const { db, clock } = deps;
  if (field !== undefined) {
    const added =
      value === undefined ? '' : filterToken(field === 'word' ? null : field, value.trim(), not === '1').text;
    throw new Elsewhere(queueAddress(`${q} ${added}`.trim(), sort));
  }
  const number = /^#?([1-9][0-9]{0,14})$/.exec(q.trim())?.[1];
  if (number !== undefined && (await readTicket(db, Number(number)))) throw new Elsewhere(`/tickets/${number}`);
  const key = after === undefined ? null : parse(packedKey(queueKeySchema), after);
  if (key !== null && key.sort !== sort) throw new NotFound();
  const { filter, tokens, problems } = parseFilter(q);
  filter.incidents = 'once';
  const asOf = key ? new Date(key.asOf) : clock.now();
  const [view, page, bands] = await Promise.all([
    viewOf(deps, request),
    readQueue(db, { filter, sort, after: key, asOf, limit: PAGE }),
    countBands(db, filter, asOf, isBanded({ sort, queues: filter.queues })),
  ]);
  const bare = page.rows.length === 0;
  const installation = bare ? await readFirstRun(db, new Date(clock.now().getTime() - DAY_MS)) : null;
  // Where incidents are rows, those have no box: what can be ticked is counted apart.
  const ticked = bands.all > page.rows.length || select === 'all';
  const selectable =
    ticked && tokens.every(({ field: one }) => one === 'state')
      ? await countTickets(db, { ...filter, incidents: 'none' }, asOf, BULK_TICKETS + 1)
      : bands.all;
  return queuePage(view, {
    filterText: filterTextOf(tokens),
    queues: filter.queues,
    tokens,
    problems,
    sort,
    ...page,
    paged: key !== null,
    bands,
    selectable,
    installation,
    selectAll: select === 'all',
    kept,
  });
};
