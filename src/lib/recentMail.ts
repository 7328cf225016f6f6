/** A kept mail as it is stored; with itself where there was room for that, in a buffer that may be moved away. */
export type RecentlyKept = { bytes: Buffer; wrappedKey: Buffer; keyId: string; raw?: Uint8Array };

/**
 * The mail that this process kept a moment ago, for whoever decides it in the same process: it need not be read back from
 * the database, and in calm times not be opened and unpacked either. Only a help: what is not here is stored.
 */
export type RecentMail = {
  /** Holds a mail, unless too much is held already. Of `raw` it holds a copy: its buffer goes back when it is kept. */
  put(mailId: number, kept: RecentlyKept): void;
  /** Gives a mail and forgets it; null when it is not held. */
  take(mailId: number): RecentlyKept | null;
};

/** Mail that nobody took by then is decided elsewhere or later, and its text has no business in memory (ms). */
const HELD_MS = 15_000;
/** Share of the room up to which mail is held as it came; a burst is held sealed, where it is a quarter of the size. */
const RAW_SHARE = 0.25;

/** Holds up to `mostBytes` of mail. What came first stays: it is decided first. */
export function createRecentMail(mostBytes: number): RecentMail {
  const held = new Map<number, { kept: RecentlyKept; timer: NodeJS.Timeout }>();
  let bytes = 0;
  const take = (mailId: number): RecentlyKept | null => {
    const found = held.get(mailId);
    if (found === undefined) return null;
    held.delete(mailId);
    clearTimeout(found.timer);
    bytes -= sizeOf(found.kept);
    return found.kept;
  };
  return {
    put(mailId, { raw, ...sealed }) {
      if (held.has(mailId)) return;
      const isCalm = raw !== undefined && bytes + sizeOf({ ...sealed, raw }) <= RAW_SHARE * mostBytes;
      const kept = isCalm ? { ...sealed, raw: Uint8Array.from(raw) } : sealed;
      if (bytes + sizeOf(kept) > mostBytes) return;
      bytes += sizeOf(kept);
      held.set(mailId, { kept, timer: setTimeout(take, HELD_MS, mailId).unref() });
    },
    take,
  };
}

function sizeOf({ bytes, raw }: RecentlyKept): number {
  return bytes.byteLength + (raw?.byteLength ?? 0);
}
