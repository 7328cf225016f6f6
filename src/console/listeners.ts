import type { MailboxRow } from '../store/readMailboxes.ts';
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

/** Mailboxes and queues that other processes read: known from their rows only. */
export function otherWays(
  known: { mailboxes: MailboxRow[]; queues: SesQueueRow[]; listeners: ListenerState[] },
  now: Date,
): ListenerState[] {
  const names = new Set(known.listeners.map((one) => one.name));
  const mailboxes = known.mailboxes.map((box) => ({ ...box, how: 'IMAP' }));
  const queues = known.queues.map((queue) => ({ ...queue, how: 'SES', state: queueState(queue, now) }));
  return [...mailboxes, ...queues]
    .filter(({ name }) => !names.has(name))
    .map(({ name, how, state, lastSuccessAt, lastError }) => ({
      name,
      how,
      address: '',
      state,
      lastSuccessAt,
      detail: lastError,
    }));
}

/** As its row says, unless nobody says anything any more. */
export function queueState({ state, lastSuccessAt }: Pick<SesQueueRow, 'state' | 'lastSuccessAt'>, now: Date): string {
  if (state !== 'watching') return state;
  return lastSuccessAt !== null && now.getTime() - lastSuccessAt.getTime() < SILENT_MS ? state : 'stopped';
}
