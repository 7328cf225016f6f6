import { z } from 'zod';
import { groupWaiting, listMails, type MailFilter, readMail } from '../store/readMails.ts';
import { NAV_LIMIT } from '../store/readNav.ts';
import { keptSchema } from './keptRows.ts';
import { lookAt, lookQuery } from './mailLook.ts';
import type { PageHandler } from './pageHandler.ts';
import { reviewPage } from './pages/reviewPage.ts';
import { idKeySchema, packedKey } from './pagingKey.ts';
import { emptyIsAbsent, kindSchema, parse, slugSchema } from './queries.ts';
import { viewOf } from './requestView.ts';

/** Rows a page. */
const PAGE = 50;

const reviewQuery = z.object({
  ...lookQuery,
  show: emptyIsAbsent(z.literal('decided')),
  kind: emptyIsAbsent(kindSchema),
  customer: emptyIsAbsent(slugSchema),
  after: emptyIsAbsent(packedKey(idKeySchema)),
  /** What the act before left as it was. */
  kept: emptyIsAbsent(keptSchema(['decided', 'gone'])),
});

/**
 * Mails that wait for a person, the one that waits longest first; of quarantine also those that somebody decided about,
 * whatever they are now, the newest first.
 */
export const showReview =
  (of: 'quarantine' | 'parked'): PageHandler =>
  async (deps, request, views) => {
    const { mail, form, tall, show, after, kind, customer, kept = [] } = parse(reviewQuery, request.query);
    const decided = of === 'quarantine' && show === 'decided';
    const filter: MailFilter = {
      ...(decided ? { review: 'decided' } : { outcome: of, review: 'waiting' }),
      ...(kind !== undefined && { kind }),
      ...(customer !== undefined && { customer }),
    };
    const [view, rows, groups] = await Promise.all([
      viewOf(deps, request),
      listMails(deps.db, filter, after?.id ?? null, PAGE + 1, decided ? 'newest' : 'oldest'),
      decided ? { kinds: [], customers: [] } : groupWaiting(deps.db, of),
    ]);
    const more = rows.length > PAGE;
    rows.length = Math.min(rows.length, PAGE);
    const id = mail ?? rows[0]?.id;
    const found = id === undefined ? null : await readMail(deps.db, id);
    const fits = found && (decided ? found.review !== null : found.outcome === of);
    const chosen = fits ? found : null;
    const wanted = { form: form ?? ('text' as const), tall: tall !== undefined };
    return reviewPage(view, {
      of,
      decided,
      kind: kind ?? null,
      customer: customer ?? null,
      groups,
      rows,
      next: more ? { id: rows.at(-1)?.id as number } : null,
      paged: after !== undefined,
      chosen,
      look: chosen ? await lookAt({ db: deps.db, views }, chosen, wanted) : null,
      count: view.nav[of],
      limit: NAV_LIMIT,
      kept,
    });
  };
