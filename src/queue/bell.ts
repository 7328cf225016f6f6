/**
 * The doorbell. A ring says that there is work of a kind, nothing more (invariant 3): rows are the truth, a lost ring is
 * found by the sweep, a doubled one finds nothing to do. Rings are coalesced; listeners claim rows until none is left.
 */
export type Chime = 'decide' | 'act' | 'authenticate' | 'deliver';

export type Bell = {
  readonly backend: 'postgres' | 'redis';
  /**
   * Says that there is work. Never throws and never takes longer than RING_PATIENCE_MS: a ring that cannot be sent is
   * logged and left to the sweep. A listener of this process is woken directly, whatever the backend does; the others
   * hear of it too. Ring after the commit, never before it.
   */
  ring(chime: Chime): Promise<void>;
  /**
   * Calls `answer` for every ring of this chime, never two at once in this process; rings during it call it once more.
   * Also calls it once now and after every interruption of the backend, because nobody heard the rings of that time.
   * Resolves when it hears, and when the backend is away: as soon as that is known, at most LISTEN_PATIENCE_MS after the
   * bell was opened. It goes on trying.
   */
  listen(chime: Chime, answer: () => Promise<void>): Promise<void>;
  /** Resolves when the backend answers; rejects with what is wrong. For readiness and doctor. */
  check(): Promise<void>;
  /** Stops listening, waits for running answers, closes connections. */
  close(): Promise<void>;
};

/** Longest that `ring` keeps its caller waiting (ms). */
export const RING_PATIENCE_MS = 250;
/** Longest that `listen` waits for a backend that does not answer, counted from when the bell was opened (ms). */
export const LISTEN_PATIENCE_MS = 5000;
