import { cleanLine } from '../core/cleanText.ts';
import { messageOf } from '../lib/errors.ts';
import { LeaseLost } from '../store/mailboxCursor.ts';
import type { FailureClass } from '../store/mailboxes.ts';

export type Failure = {
  class: FailureClass;
  /** One line for people: what the server said, without any secret that was given. */
  text: string;
  /** The same secret will be refused again: waiting does not help. */
  isFinal: boolean;
  /** The server named a time to stay away (ms). */
  retryAfterMs: number | null;
};

/** What a token endpoint refused or could not do; made by the connector, read here by its fields. */
export type TokenProblem = {
  tokenProblem: 'revoked' | 'throttled' | 'unavailable' | 'wrong';
  retryAfterMs: number | null;
};

/** RFC 5530 §3, RFC 9051 §7.1: the login is right or wrong, but the server cannot say so now. */
const NOT_NOW = new Set(['UNAVAILABLE', 'INUSE', 'SERVERBUG']);
const TOO_MUCH = new Set(['LIMIT', 'OVERQUOTA', 'THROTTLED']);
/** What Google and Microsoft write without a code. */
const TOO_MUCH_TEXT =
  /throttl|too many (?:simultaneous )?connections|exceeded (?:command|bandwidth|[a-z ]*limit)|backoff time|rate limit|bandwidth limit/i;
const NOT_NOW_TEXT =
  /temporar(?:y|ily)|server unavailable|try again later|authenticated but not connected|internal error/i;
/** What imapflow says of answers that cannot be read, or are larger than what was asked for. */
const NOT_IMAP = new Set([
  'ParserError',
  'LiteralTooLarge',
  'LineTooLarge',
  'ResponseTooLarge',
  'ResponseProcessingFailed',
]);
const SQLSTATE = /^[0-9A-Z]{5}$/;

/**
 * Tells what kind of trouble an error of a mailbox is. `secrets` are taken out of the text. Errors of our own database are
 * `storage`: the mailbox is well, we are not.
 */
export function classifyFailure(error: unknown, secrets: readonly (string | null)[] = []): Failure {
  const known = error as {
    authenticationFailed?: boolean;
    serverResponseCode?: unknown;
    responseText?: unknown;
    response?: unknown;
    oauthError?: unknown;
    code?: unknown;
    throttleReset?: unknown;
    severity?: unknown;
    responseStatus?: unknown;
  } & Partial<TokenProblem>;
  const said = [known.responseText, known.response].find((one) => typeof one === 'string' && one !== '');
  const text = withoutSecrets(cleanLine(said ? `${messageOf(error)}: ${said}` : messageOf(error), 300), secrets);
  const failure = (kind: FailureClass, more: Partial<Failure> = {}): Failure => ({
    class: kind,
    text,
    isFinal: false,
    retryAfterMs: null,
    ...more,
  });
  if (known.tokenProblem !== undefined) {
    const retryAfterMs = known.retryAfterMs ?? null;
    if (known.tokenProblem === 'throttled') return failure('throttled', { retryAfterMs });
    if (known.tokenProblem === 'unavailable') return failure('network', { retryAfterMs });
    return failure('token', { isFinal: true });
  }
  const code = typeof known.serverResponseCode === 'string' ? known.serverResponseCode.toUpperCase() : '';
  if (known.code === 'ETHROTTLE') {
    return failure('throttled', { retryAfterMs: typeof known.throttleReset === 'number' ? known.throttleReset : null });
  }
  if (TOO_MUCH.has(code) || TOO_MUCH_TEXT.test(text)) return failure('throttled');
  if (NOT_NOW.has(code)) return failure('network');
  if (known.authenticationFailed === true) {
    if (code === '' && NOT_NOW_TEXT.test(text)) return failure('network');
    // An access token is short-lived: a new one may be taken. Whether that works too, the endpoint says.
    return known.oauthError ? failure('token') : failure('authentication');
  }
  if (error instanceof LeaseLost || isOfDatabase(known)) return failure('storage');
  if (typeof known.responseStatus === 'string' || NOT_IMAP.has(String(known.code))) return failure('protocol');
  return failure('network');
}

/** Errors of the pg driver: an SQLSTATE with a severity, or its own words. */
function isOfDatabase(error: { code?: unknown; severity?: unknown; message?: unknown }): boolean {
  if (typeof error.severity === 'string' && typeof error.code === 'string' && SQLSTATE.test(error.code)) return true;
  return (
    typeof error.message === 'string' &&
    /^(?:Connection terminated|timeout exceeded when trying to connect)/.test(error.message)
  );
}

function withoutSecrets(text: string, secrets: readonly (string | null)[]): string {
  let clean = text;
  for (const secret of secrets) if (secret !== null && secret.length > 0) clean = clean.replaceAll(secret, '…');
  return clean;
}

/** Refused logins in a row after which a mailbox is paused: servers lock accounts that go on. */
export const REFUSALS = 3;

const SECOND = 1000;
const MINUTE = 60 * SECOND;
/** First wait, growth, longest wait. */
const PACES: Record<FailureClass, [first: number, factor: number, most: number]> = {
  network: [2 * SECOND, 1.6, MINUTE],
  storage: [SECOND, 2, 30 * SECOND],
  protocol: [10 * SECOND, 2, 10 * MINUTE],
  throttled: [MINUTE, 2, 15 * MINUTE],
  // Twice only, then the mailbox is paused.
  authentication: [30 * SECOND, 4, 2 * MINUTE],
  token: [5 * SECOND, 4, 2 * MINUTE],
};

/** Milliseconds before the n-th new try in a row. `chance` (0 to 1): waits of many mailboxes must not end together. */
export function waitAfter(failure: Pick<Failure, 'class' | 'retryAfterMs'>, failures: number, chance: number): number {
  const [first, factor, most] = PACES[failure.class];
  const base = Math.min(most, first * factor ** (failures - 1));
  // At least half of it, so that the growth stays; the server's own wish is never undercut.
  return Math.round(Math.max(base * (0.5 + chance / 2), (failure.retryAfterMs ?? 0) * (1 + chance / 10)));
}
