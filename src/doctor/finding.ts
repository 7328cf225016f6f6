import { messageOf, RootdeskError } from '../lib/errors.ts';

/** What one check found. `hint` says what to do and is there unless all is well. */
export type Finding = { name: string; state: 'ok' | 'warn' | 'bad'; text: string; hint?: string };

/** The finding of a check that failed. `hint` is for errors that bring none of their own. */
export function badBy(name: string, error: unknown, hint: string): Finding {
  if (error instanceof RootdeskError) return { name, state: 'bad', text: error.message, hint: error.hint };
  return { name, state: 'bad', text: messageOf(error), hint };
}
