import { setTimeout as sleep } from 'node:timers/promises';
import type { Kysely } from 'kysely';
import { decideRetry, type Failure } from '../core/retry.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import { insist } from '../lib/insist.ts';
import type { Log } from '../lib/log.ts';
import { type ClaimedEffect, postponeEffect, type Settlement, settleEffect } from '../store/effects.ts';
import type { EffectAttempt, Tables } from '../store/schema.ts';
import type { Handler, HandlerOutcome } from './handler.ts';

export type RunEffectDeps = {
  db: Kysely<Tables>;
  clock: Clock;
  log: Log;
  /** A number in [0, 1) for the jitter. */
  chance: () => number;
  /** Longest that a handler may work (ms); less than the lease. */
  deadlineMs: number;
};

/** What a handler did is noted for so long while the database is away (ms): with its time well within the lease. */
const NOTE_MS = 10_000;

/**
 * Runs one leased effect and records how it went: done, tried again later, or parked for a person. Throws only what the
 * database throws for NOTE_MS; the lease then runs out and the attempt counts as unclear.
 */
export async function runEffect(
  deps: RunEffectDeps,
  handler: Handler,
  effect: ClaimedEffect,
  owner: string,
): Promise<void> {
  const { db, clock, log, chance } = deps;
  const outcome = await work(deps, handler, effect);
  const now = clock.now();
  if ('later' in outcome) {
    await postponeEffect(db, { id: effect.id, owner }, new Date(now.getTime() + outcome.later));
    return;
  }
  const attempt = attemptOf(outcome, now);
  const settlement = settle(outcome, effect, now, chance());
  const facts = { effect: effect.id, type: effect.type, ticket: effect.ticketId, code: attempt.code };
  const note = () => settleEffect(db, { id: effect.id, owner }, attempt, settlement, now);
  if (!(await insist(note, NOTE_MS))) {
    log.warn(facts, 'the lease of an effect ended before its handler; it may happen twice, under the same key');
    return;
  }
  if (settlement.state === 'done') log.info(facts, 'effect done');
  else if (settlement.state === 'parked') log.error(facts, 'ALERT an effect is parked: a person must look');
  else log.warn({ ...facts, due: settlement.dueAt.toISOString() }, 'effect failed, tried again later');
}

async function work(deps: RunEffectDeps, handler: Handler, effect: ClaimedEffect): Promise<HandlerOutcome> {
  const patience = new AbortController();
  const late = sleep(deps.deadlineMs, LATE, { signal: patience.signal });
  try {
    return await Promise.race([attempt(handler, effect), late]);
  } catch (error) {
    // A mistake of ours, or the database: neither is a reason to give up at once.
    deps.log.error({ effect: effect.id, type: effect.type, error: messageOf(error) }, 'a handler of effects failed');
    const name = error instanceof Error ? error.name : typeof error;
    return { ok: false, failure: { class: 'unclear', code: 'act.error', text: `The handler failed (${name}).` } };
  } finally {
    patience.abort();
  }
}

/** Nothing is done twice that the other side says was done: an unclear try is looked up first where that is possible. */
async function attempt(handler: Handler, effect: ClaimedEffect): Promise<HandlerOutcome> {
  const found = effect.attempts.at(-1)?.unclear ? await handler.lookUp?.(effect) : null;
  return found ?? (await handler.run(effect));
}

const LATE: HandlerOutcome = {
  ok: false,
  failure: { class: 'unclear', code: 'act.deadline', text: 'It took too long; whether it happened is not known.' },
};

type Tried = Exclude<HandlerOutcome, { later: number }>;

function attemptOf(outcome: Tried, now: Date): EffectAttempt {
  const at = now.toISOString();
  if (outcome.ok) return { at, ok: true, code: outcome.code, text: outcome.text, unclear: false };
  const { code, text, class: kind }: Failure = outcome.failure;
  return { at, ok: false, code, text, unclear: kind === 'unclear' };
}

function settle(outcome: Tried, effect: ClaimedEffect, now: Date, chance: number): Settlement {
  const result = outcome.result ?? null;
  if (outcome.ok) return { state: 'done', result };
  const decision = decideRetry(outcome.failure, effect.attemptCount + 1, chance);
  if (decision.action === 'park') return { state: 'parked', result };
  return { state: 'due', dueAt: new Date(now.getTime() + decision.afterMs), result };
}
