import { explainDatabaseError } from '../store/database.ts';

/**
 * SQLSTATE classes that are conditions of the server or of others: connection, transaction rollback, resources, object
 * not in the needed state (lock timeouts), operator intervention, system error.
 * https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const CONDITIONS = new Set(['08', '25', '40', '53', '55', '57', '58', 'XX']);

/**
 * Whether a failure may be a mail's own fault, so that it counts against that mail. A condition of the database is not:
 * then everything waits and is tried again.
 */
export function isMailsFault(error: unknown): boolean {
  if (explainDatabaseError(error) !== null) return false;
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code !== 'string') return true;
  return /^[0-9A-Z]{5}$/.test(code) ? !CONDITIONS.has(code.slice(0, 2)) : !code.startsWith('E');
}

/** What may be shown of a failure: its code or name. Its message may quote the mail. */
export function codeOf(error: unknown): string {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && /^[A-Za-z0-9_.-]{1,40}$/.test(code)) return code;
  return error instanceof Error ? error.name : 'unknown';
}
