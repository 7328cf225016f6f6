import type { Failure } from '../core/retry.ts';
import type { ClaimedEffect } from '../store/effects.ts';

/**
 * How a try went. `text` is one sentence for the timeline. `result` is kept in the row: a try that failed may leave what it
 * achieved, and the next one finds it in `effect.result`.
 */
export type HandlerOutcome =
  /** Nothing was tried: it comes again after so many ms, and this is no attempt. */
  | { ok: false; later: number }
  | { ok: true; code: string; text: string; result?: unknown }
  | { ok: false; failure: Failure; result?: unknown };

/**
 * One type of effect. A handler is called with one effect of an order key at a time, possibly again for one that already
 * happened (a process may die between the deed and its record): it uses the same id outside for the same effect key.
 */
export type Handler = {
  readonly type: string;
  /** Does it. What it throws counts as a temporary failure of ours. */
  run(effect: ClaimedEffect): Promise<HandlerOutcome>;
  /**
   * Asks the other side by our key whether an earlier try that ended unclear has happened; null when it has not. Handlers
   * whose other side cannot be asked leave this out.
   */
  lookUp?(effect: ClaimedEffect): Promise<HandlerOutcome | null>;
  close?(): void;
};
