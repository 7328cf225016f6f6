/** Calendar days as the rulebook counts them: in UTC, where a mail names no other zone. */

const DAY_MS = 86_400_000;

/** First millisecond of a YYYY-MM-DD day (UTC). */
export function dayStart(date: string): number {
  return Date.parse(`${date}T00:00:00.000Z`);
}

/** Last second of a YYYY-MM-DD day (UTC). */
export function dayEnd(date: string): number {
  return dayStart(date) + DAY_MS - 1000;
}
