import { readFileSync, renameSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';

/**
 * How far the database was when this machine last saw it, in a file beside the keys: outside the database, so that it does not
 * go back in time with it.
 */
export type BeatFile = {
  /** Null: none yet, or unreadable. `at`: when it was written, by the clock of the file system. */
  read(): { beat: number; at: Date } | null;
  /** Throws when the folder cannot be written. */
  write(beat: number): void;
  /** Notes that what uses the database ends now. */
  touch(): void;
};

export function openBeatFile({ keyFile, dataDir }: { keyFile: string | null; dataDir: string }): BeatFile {
  const path = join(dirname(resolve(keyFile ?? join(dataDir, 'keys', 'root.key'))), 'beat');
  return {
    read() {
      try {
        const text = readFileSync(path, 'utf8').trim();
        return /^\d{1,15}$/.test(text) ? { beat: Number(text), at: statSync(path).mtime } : null;
      } catch {
        return null;
      }
    },
    write(beat) {
      // Whole or not at all: another process may be reading it.
      const draft = `${path}.${process.pid}`;
      writeFileSync(draft, `${beat}\n`, { mode: 0o600 });
      renameSync(draft, path);
    },
    touch() {
      const now = new Date();
      try {
        utimesSync(path, now, now);
      } catch {
        // Then it is as of the last beat.
      }
    },
  };
}
