/** How one way in stands, as the composition root sees it. */
export type ListenerState = {
  /** `smtp`, `lmtp`, or the mailbox's name. */
  name: string;
  /** `SMTP`, `LMTP`, `IMAP`. */
  how: string;
  /** `127.0.0.1:2525`, or the mailbox's server. */
  address: string;
  /** `listening` works; everything else is said on the pages. */
  state: string;
  /** When it last took or looked for mail; null: not since the start. */
  lastSuccessAt: Date | string | null;
  /** What is wrong, in words, without secrets. */
  detail: string | null;
};

const WORKING = new Set(['listening', 'connected', 'idle', 'ok', 'live', 'polling', 'watching']);
const STARTING = new Set(['new', 'starting', 'connecting']);

/** The three ways that pages tell apart. A state that is not known counts as failing: better a false alarm than silence. */
export function conditionOf(state: string): 'working' | 'starting' | 'failing' {
  if (WORKING.has(state)) return 'working';
  return STARTING.has(state) ? 'starting' : 'failing';
}
