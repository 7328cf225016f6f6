import { type Logger, pino } from 'pino';

export type Log = Logger;

/**
 * Structured log on stderr, so that stdout belongs to what a command prints. Callers log ids, counts and codes, never
 * text, subjects, addresses or headers of a mail; the redact paths are a second fence.
 */
export function createLog(level: string): Log {
  return pino(
    {
      level,
      base: undefined,
      timestamp: pino.stdTimeFunctions.isoTime,
      redact: {
        paths: [
          'password',
          '*.password',
          'token',
          '*.token',
          'secret',
          '*.secret',
          'raw',
          '*.raw',
          'text',
          '*.text',
          'subject',
          '*.subject',
          'headers',
          '*.headers',
        ],
        censor: '[redacted]',
      },
    },
    pino.destination({ fd: 2, sync: true }),
  );
}
