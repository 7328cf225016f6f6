/**
 * The doorbell. A ring says that there is work of a kind, nothing more (invariant 3): rows are the truth, a lost ring is
 * found by the sweep, a doubled one finds nothing to do. Rings are coalesced; listeners claim rows until none is left.
 */
export type Chime = 'decide' | 'act' | 'authenticate';

export type Bell = {
  readonly backend: 'postgres' | 'redis';
  /** Says that there is work. Never throws: a ring that cannot be sent is logged and left to the sweep. */
  ring(chime: Chime): Promise<void>;
  /** Calls `answer` for every ring of this chime, never two at once in this process; rings during it call it once more. */
  listen(chime: Chime, answer: () => Promise<void>): Promise<void>;
  /** Resolves when the backend answers; rejects with what is wrong. For readiness and doctor. */
  check(): Promise<void>;
  /** Stops listening, waits for running answers, closes connections. */
  close(): Promise<void>;
};
