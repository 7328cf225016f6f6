import { fileURLToPath } from 'node:url';
import { compileKinds, type KindBook, KindFileError } from './core/kindBook.ts';
import { type SenderRules, senderRulesSchema } from './core/sender.ts';
import { EXIT, RootdeskError } from './lib/errors.ts';
import { type KindFiles, readKindFiles, readSendersFile } from './lib/kindFiles.ts';

/** Files that the product ships: where they are does not depend on the folder that we were started in. */
export const SHIPPED = {
  config: fileURLToPath(new URL('../config', import.meta.url)),
  templates: fileURLToPath(new URL('../templates', import.meta.url)),
};

export type Rules = {
  /** As read: goes to the rulebook's threads. */
  kinds: KindFiles;
  /** As checked: for this thread. */
  book: KindBook;
};

/** Reads and checks the kinds of mail. Throws RootdeskError (exit 78) that names the file and the key that is wrong. */
export function loadRules(): Rules {
  const kinds = readKindFiles(SHIPPED.config, SHIPPED.templates);
  try {
    return { kinds, book: compileKinds(kinds.files, kinds.senders) };
  } catch (error) {
    if (!(error instanceof KindFileError)) throw error;
    throw new RootdeskError('kinds', error.message, 'mend this file under config or templates', {
      exitCode: EXIT.config,
    });
  }
}

/** Who AWS is, for whoever keeps mail and decides none. Throws RootdeskError (exit 78). */
export function loadSenders(): SenderRules {
  const read = senderRulesSchema.safeParse(readSendersFile(SHIPPED.config));
  if (read.success) return read.data;
  const problems = read.error.issues.slice(0, 3).map((one) => `${one.path.join('.') || 'file'}: ${one.message}`);
  throw new RootdeskError('kinds', `senders.yaml: ${problems.join('; ')}`, 'mend this file under config', {
    exitCode: EXIT.config,
  });
}
