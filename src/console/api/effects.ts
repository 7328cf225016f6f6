import { z } from 'zod';
import { readParkedEffects } from '../../store/readHealth.ts';
import type { EffectRow } from '../../store/readTickets.ts';
import { idKeySchema, packKey } from '../pagingKey.ts';
import { endpoint, PAGE, pageOf, paging } from './endpoint.ts';
import { parkedEffect } from './shapes.ts';

/** An effect as tickets and mails answer it. */
export function effectOf(row: EffectRow) {
  return {
    id: row.id,
    type: row.type,
    state: row.state,
    dueAt: row.dueAt.toISOString(),
    createdAt: row.createdAt.toISOString(),
    settledAt: row.settledAt?.toISOString() ?? null,
    attempts: row.attempts.map(({ at, ok, code, text, unclear }) => ({
      at: new Date(at).toISOString(),
      ok,
      code,
      text,
      unclear: unclear ?? false,
    })),
  };
}

export const getParkedEffects = endpoint({
  method: 'GET',
  path: '/effects/parked',
  tag: 'Health',
  summary: 'Effects that gave up and wait for a person, oldest first',
  query: z.strictObject(paging(idKeySchema)),
  answer: pageOf(parkedEffect),
  async handle({ db }, { query: { limit = PAGE, after } }) {
    const rows = await readParkedEffects(db, limit + 1, after?.id ?? null);
    const last = rows[limit - 1];
    const items = rows.slice(0, limit).map((row) => ({
      id: row.id,
      type: row.type,
      createdAt: row.createdAt.toISOString(),
      ticket: row.ticketId,
      error: row.attempts.at(-1)?.text ?? null,
    }));
    return { body: { items, next: rows.length > limit && last ? packKey({ id: last.id }) : null } };
  },
});
