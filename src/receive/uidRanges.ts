/** UIDs from `first` to `last`, both included. */
export type UidRange = { first: number; last: number };

/** The UIDs from `from` below `end` that are not among `present` (ascending), as ranges. */
export function uidsBetween(from: number, present: readonly number[], end: number): UidRange[] {
  const ranges: UidRange[] = [];
  let next = from;
  for (const uid of present) {
    if (uid < next) continue;
    if (uid >= end) break;
    if (uid > next) ranges.push({ first: next, last: uid - 1 });
    next = uid + 1;
  }
  if (next < end) ranges.push({ first: next, last: end - 1 });
  return ranges;
}

/** UIDs (ascending) as a set of IMAP (RFC 9051 §9, sequence-set): `3:5,9`. */
export function uidSet(uids: readonly number[]): string {
  const parts: string[] = [];
  for (let at = 0; at < uids.length; ) {
    let end = at;
    while (end + 1 < uids.length && uids[end + 1] === uids[end]! + 1) end += 1;
    parts.push(end === at ? String(uids[at]) : `${uids[at]}:${uids[end]}`);
    at = end + 1;
  }
  return parts.join(',');
}
