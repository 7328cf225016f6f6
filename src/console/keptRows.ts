import { z } from 'zod';
import { withQuery } from './pageAddress.ts';

/** Rows that are named in an address at most. */
const NAMED = 60;

/** A ticket or a mail that an act left as it was, with the reason. */
export type Kept<Why extends string> = { id: number; why: Why };

/** The page with the rows that an act left as they were, so that it names them with their reasons. */
export function withKept(address: string, notDone: readonly Kept<string>[]): string {
  const named = notDone.slice(0, NAMED).map(({ id, why }) => `${id}.${why}`);
  return withQuery(address, 'kept', named.join(','));
}

/** What `withKept` wrote, with one of these reasons each. */
export function keptSchema<Why extends string>(whys: readonly [Why, ...Why[]]) {
  const one = z
    .string()
    .regex(/^[1-9][0-9]{0,14}\.[a-zA-Z]+$/)
    .transform((text) => {
      const [id, why] = text.split('.') as [string, string];
      return { id: Number(id), why };
    })
    .pipe(z.object({ id: z.number(), why: z.enum(whys) }));
  return z
    .string()
    .max(2000)
    .transform((text) => text.split(','))
    .pipe(z.array(one).max(NAMED));
}
