import { type Kysely, sql } from 'kysely';
import type { Tables } from './schema.ts';

/**
 * What changed, as ids and nothing else: whoever shows pages listens and asks for the rows. Sent with NOTIFY in the
 * transaction that changes them, so it is heard after the commit and never without one. Losing it loses nothing: pages
 * ask again every half minute.
 */
export type News = {
  tickets?: readonly number[];
  mails?: readonly number[];
  effects?: readonly number[];
};

export const NEWS_CHANNEL = 'rootdesk_news';

/** Ids of one notification; a payload holds 8000 bytes. Beyond it `more` says that the list is not complete. */
const MOST = 150;

/** As it travels: `t`, `m`, `e` are ids, `more` says that there are others. */
export type NewsPayload = { t?: number[]; m?: number[]; e?: number[]; more?: true };

/** What is sent; null: there is none. */
export function newsPayload({ tickets = [], mails = [], effects = [] }: News): string | null {
  const first = (ids: readonly number[]) => [...new Set(ids)].slice(0, MOST);
  const payload: NewsPayload = {};
  if (tickets.length > 0) payload.t = first(tickets);
  if (mails.length > 0) payload.m = first(mails);
  if (effects.length > 0) payload.e = first(effects);
  if ([tickets, mails, effects].some((ids) => new Set(ids).size > MOST)) payload.more = true;
  return Object.keys(payload).length === 0 ? null : JSON.stringify(payload);
}

/** Tells what the caller's transaction changed. */
export async function tellNews(tx: Kysely<Tables>, news: News): Promise<void> {
  const payload = newsPayload(news);
  if (payload !== null) await sql`select pg_notify(${NEWS_CHANNEL}, ${payload})`.execute(tx);
}
