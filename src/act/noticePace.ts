/** What to do with the notice at hand: send it alone, gather it until `later` (ms) has passed, or send all that were gathered. */
export type NoticeStep = 'alone' | 'gathered' | { later: number };

export type NoticePace = { next(now: Date): NoticeStep };

/** The time in which so many notices may leave alone (ms). */
export const PACE_MS = 10 * 60_000;
/** Beyond them, notices are gathered this long before one mail names them (ms). */
export const GATHER_MS = 2 * 60_000;

/**
 * Lets `most` notices in PACE_MS leave each by itself, so that the usual urgent ticket is told of at once; what comes beyond
 * is gathered. In memory: a start begins anew.
 */
export function createNoticePace(most: number): NoticePace {
  let alone: number[] = [];
  let gatherUntil: number | null = null;
  return {
    next(date) {
      const now = date.getTime();
      alone = alone.filter((at) => now - at < PACE_MS);
      if (gatherUntil !== null && now < gatherUntil) return { later: gatherUntil - now };
      if (gatherUntil !== null) {
        gatherUntil = null;
        return 'gathered';
      }
      if (alone.length < most) {
        alone.push(now);
        return 'alone';
      }
      gatherUntil = now + GATHER_MS;
      return { later: GATHER_MS };
    },
  };
}
