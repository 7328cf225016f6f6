import { messageOf } from '../lib/errors.ts';
import type { Log } from '../lib/log.ts';

/** A backend that is away fails many times a second: it is complained about once a minute, and its return is told. */
export type Complaint = {
  about(what: string, error: unknown): void;
  over(what: string): void;
};

const QUIET_MS = 60_000;

export function createComplaint(log: Log, facts: Record<string, string>): Complaint {
  let since: number | null = null;
  return {
    about(what, error) {
      const now = Date.now();
      if (since !== null && now - since < QUIET_MS) return;
      since = now;
      log.warn({ ...facts, error: withoutUrls(messageOf(error)) }, what);
    },
    over(what) {
      if (since === null) return;
      since = null;
      log.info(facts, what);
    },
  };
}

/** A URL may hold a password. */
function withoutUrls(text: string): string {
  return text.replace(/[a-z][a-z0-9+.-]*:\/\/\S+/gi, '[url]');
}
