import type { SesQueueRow } from '../store/sesQueues.ts';

/** How one way in stands, as the composition root sees it. */
export type ListenerState = {
  /** `smtp`, `lmtp`, or the name of the mailbox or queue. */
  name: string;
  /** `SMTP`, `LMTP`, `IMAP`, `SES`. */
  how: string;
  /** `127.0.0.1:2525`, the mailbox's server, the queue. */
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

/** A queue that did not answer for so long (ms) is read by nobody: it is asked every 20 seconds at least. */
const SILENT_MS = 90_000;

/** Queues that other processes read: known from their rows only. */
export function otherQueues(
  known: { queues: readonly SesQueueRow[]; listeners: readonly ListenerState[] },
  now: Date,
): ListenerState[] {
  const names = new Set(known.listeners.map((one) => one.name));
  return known.queues
    .filter(({ name }) => !names.has(name))
    .map((queue) => ({
      name: queue.name,
      how: 'SES',
      address: '',
      state: queueState(queue, now),
      lastSuccessAt: queue.lastSuccessAt,
      detail: queue.lastError,
    }));
}

/** As its row says, unless nobody says anything any more. */
export function queueState({ state, lastSuccessAt }: Pick<SesQueueRow, 'state' | 'lastSuccessAt'>, now: Date): string {
  if (state !== 'watching') return state;
  return lastSuccessAt !== null && now.getTime() - lastSuccessAt.getTime() < SILENT_MS ? state : 'stopped';
}

/** Not a mailbox: those are as many as there are root addresses, and their rows say how they stand, whichever process watches. */
export function isListener({ how }: Pick<ListenerState, 'how'>): boolean {
  return how.toUpperCase() !== 'IMAP';
}
