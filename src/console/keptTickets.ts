import { z } from 'zod';
import type { NotDone } from '../store/acts/changeTickets.ts';
import { withQuery } from './pageAddress.ts';

/** Tickets that are named in an address at most. */
const NAMED = 60;
const WHYS = ['changed', 'same', 'solved', 'noTime', 'gone'] as const satisfies readonly NotDone['why'][];

/** The page with the tickets that an act left as they were, so that it names them with their reasons. */
export function withKept(address: string, notDone: readonly NotDone[]): string {
  const named = notDone.slice(0, NAMED).map(({ id, why }) => `${id}.${why}`);
  return withQuery(address, 'kept', named.join(','));
}

const one = z
  .string()
  .regex(/^[1-9][0-9]{0,14}\.[a-zA-Z]+$/)
  .transform((text) => {
    const [id, why] = text.split('.') as [string, string];
    return { id: Number(id), why };
  })
  .pipe(z.object({ id: z.number(), why: z.enum(WHYS) }));

/** What `withKept` wrote. */
export const keptSchema = z
  .string()
  .max(2000)
  .transform((text) => text.split(','))
  .pipe(z.array(one).max(NAMED));
