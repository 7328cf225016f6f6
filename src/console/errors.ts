/** There is no such thing here (404). */
export class NotFound extends Error {
  constructor() {
    super('not found');
    this.name = 'NotFound';
  }
}

/** What is asked for stands at another address of this server for this time (302): a number that was typed, a form's filter. */
export class Elsewhere extends Error {
  readonly to: string;
  constructor(to: string) {
    super('elsewhere');
    this.name = 'Elsewhere';
    this.to = to;
  }
}

/** A change that came too late: the thing is meanwhile something else (409). Nothing was changed. */
export class Conflict extends Error {
  readonly back: string;
  /** Words of the way back; null: to the ticket. */
  readonly words: string | null;
  constructor(message: string, back: string, words: string | null = null) {
    super(message);
    this.name = 'Conflict';
    this.back = back;
    this.words = words;
  }
}

/** SQLSTATE classes and system errors that mean: the database does not answer now. */
export function isDatabaseAway(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  if (typeof code === 'string' && (/^(08|53|57)/.test(code) || /^E(CONN|PIPE|TIMEDOUT|NOENT)/.test(code))) return true;
  const message = error instanceof Error ? error.message : '';
  return /Connection terminated|timeout exceeded when trying to connect|Cannot use a pool after calling end/i.test(
    message,
  );
}
