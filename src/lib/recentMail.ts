/** A kept mail as it came, with the key that its stored bytes are under. */
export type RecentlyKept = { raw: Uint8Array; wrappedKey: Buffer; keyId: string };

/**
 * The mail that this process kept a moment ago, for whoever decides it in the same process: it need not be read back from
 * the database, opened and unpacked. Only a help: what is not here is stored.
 */
export type RecentMail = {
  /** Holds a mail, unless too much is held already. */
  put(mailId: number, kept: RecentlyKept): void;
  /** Gives a mail and forgets it; null when it is not held. */
  take(mailId: number): RecentlyKept | null;
};

/** Mail that nobody took by then is decided elsewhere or later, and its text has no business in memory (ms). */
const HELD_MS = 15_000;

/** Holds up to `mostBytes` of mail. What came first stays: it is decided first. */
export function createRecentMail(mostBytes: number): RecentMail {
  const held = new Map<number, { kept: RecentlyKept; timer: NodeJS.Timeout }>();
  let bytes = 0;
  const take = (mailId: number): RecentlyKept | null => {
    const found = held.get(mailId);
    if (found === undefined) return null;
    held.delete(mailId);
    clearTimeout(found.timer);
    bytes -= found.kept.raw.byteLength;
    return found.kept;
  };
  return {
    put(mailId, kept) {
      if (held.has(mailId) || bytes + kept.raw.byteLength > mostBytes) return;
      bytes += kept.raw.byteLength;
      held.set(mailId, { kept, timer: setTimeout(take, HELD_MS, mailId).unref() });
    },
    take,
  };
}
