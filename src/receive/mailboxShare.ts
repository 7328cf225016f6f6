/**
 * How many of its mailboxes a process should have, when those that it knows are shared out evenly among all that know them:
 * rounded up, so that the shares of all are enough for every mailbox.
 */
export function shareOf(own: readonly string[], others: readonly (readonly string[])[]): number {
  const knowers = knowersOf(own, others);
  let share = 0;
  for (const name of own) share += 1 / knowers(name);
  // Sums of thirds and the like: 2.9999999 and 3.0000001 are 3.
  return Math.max(0, Math.ceil(share - 1e-6));
}

/** Those first that the fewest processes know: nobody else could take them. */
export function rarestFirst(
  names: readonly string[],
  own: readonly string[],
  others: readonly (readonly string[])[],
): string[] {
  const knowers = knowersOf(own, others);
  return names.toSorted((a, b) => knowers(a) - knowers(b));
}

/** How many processes know a mailbox, this one included. */
function knowersOf(own: readonly string[], others: readonly (readonly string[])[]): (name: string) => number {
  const sets = new Map<readonly string[], Set<string>>();
  const wanted = new Set(own);
  for (const list of others) if (!sets.has(list)) sets.set(list, new Set(list));
  return (name) =>
    others.reduce((count, list) => count + (sets.get(list)!.has(name) ? 1 : 0), wanted.has(name) ? 1 : 0) || 1;
}
