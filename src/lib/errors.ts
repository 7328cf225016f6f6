/**
 * One kind of error with a code, a sentence that says what is wrong, and a sentence that says what to do. The command
 * line prints both on one line; `exitCode` follows sysexits(3).
 */
export class RootdeskError extends Error {
  readonly code: string;
  /** What the reader should do now. */
  readonly hint: string;
  readonly exitCode: number;

  constructor(code: string, message: string, hint: string, options: { exitCode?: number; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = 'RootdeskError';
    this.code = code;
    this.hint = hint;
    this.exitCode = options.exitCode ?? EXIT.software;
  }
}

/** Exit codes of the command line (sysexits(3)). */
export const EXIT = {
  ok: 0,
  failed: 1,
  usage: 64,
  data: 65,
  noInput: 66,
  unavailable: 69,
  software: 70,
  io: 74,
  temporary: 75,
  config: 78,
} as const;

/** The message of anything that was thrown, on one line. */
export function messageOf(error: unknown): string {
  const text = error instanceof Error ? error.message || error.name : String(error);
  return text.replace(/\s+/g, ' ').trim();
}
