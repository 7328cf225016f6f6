import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Mails of a Maildir, in the order of their file names; none when it does not exist yet. */
export function readMaildir(folder: string): Buffer[] {
  return ['new', 'cur'].flatMap((part) => {
    const path = join(folder, part);
    if (!existsSync(path)) return [];
    return readdirSync(path)
      .sort()
      .map((name) => readFileSync(join(path, name)));
  });
}
