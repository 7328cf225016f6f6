import type { Outcome } from '../core/values.ts';

/** Every outcome, and `pending` for a mail that waits to be decided. */
export const OUTCOMES: readonly (Outcome | 'pending')[] = [
  'open',
  'append',
  'duplicate',
  'drop',
  'quarantine',
  'unrouted',
  'too_large',
  'parked',
  'pending',
];
