import type { PoolClient } from 'pg';
import { APPEND_AUDIT, type AuditRecord, auditValues } from './audit.ts';
import { ADD_TO_COUNTERS, counterValues } from './counters.ts';
import { NEWS_CHANNEL, type News, newsPayload } from './news.ts';

/**
 * Writes down what a deciding transaction did: audit, then counters, then news, in one round trip instead of three. Call it
 * once and last, for others wait for its rows. All records are appended before the first counter is written, which is the
 * order of locks that keeping has too: a part that changes rows and is read by nobody runs when all else has been read.
 */
export async function recordDecisions(
  client: PoolClient,
  done: { audit: readonly AuditRecord[]; counters: Readonly<Record<string, number>>; news: News },
): Promise<void> {
  await client.query({
    name: 'record_decisions',
    text: RECORD,
    values: [...auditValues(done.audit), ...counterValues(done.counters), NEWS_CHANNEL, newsPayload(done.news)],
  });
}

const RECORD = `
  with appended as materialized (${APPEND_AUDIT}),
  counted as (${ADD_TO_COUNTERS('$4', '$5')})
  select (select count(*) from appended), (select pg_notify($6, $7) where $7 is not null)`;
