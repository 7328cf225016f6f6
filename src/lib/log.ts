import { type DestinationStream, type Logger, pino } from 'pino';
import { plainLine } from './plainLog.ts';

export type Log = Logger;

/**
 * Structured log on stderr, so that stdout belongs to what a command prints. Callers log ids, counts and codes, never
 * text, subjects, addresses or headers of a mail; the redact paths are a second fence. JSON, one object a line; on a
 * terminal plain lines.
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
    destination(),
  );
}

function destination(): DestinationStream {
  const stream = pino.destination({ fd: 2, sync: true });
  // Nobody reads it any more: no reason to stop working.
  stream.on('error', () => {});
  return process.stderr.isTTY ? { write: (line) => void stream.write(plainLine(line)) } : stream;
}
