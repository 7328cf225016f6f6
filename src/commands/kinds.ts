import { checkKinds, type KindProblem, type MarkOverlap } from '../core/kindCheck.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { readKindFiles } from '../lib/kindFiles.ts';
import { print } from '../lib/output.ts';
import { loadRules, SHIPPED } from '../rules.ts';

type Folders = { rules?: string; templates?: string };

/** `rootdesk kinds list`: what mail is known, how urgent it is and what becomes of it. */
export function listKinds(options: { json?: boolean }): void {
  const kinds = loadRules().book.kinds.toSorted((a, b) => (a.kind < b.kind ? -1 : 1));
  const lines = kinds.map(({ kind, disposition, rule = null, urgency, secret, senders, classes, about }) =>
    options.json
      ? JSON.stringify({ kind, disposition, rule, urgency, secret, classes, senders: [...senders.keys()], about })
      : line(kind, disposition, urgency, secret, about),
  );
  if (!options.json) lines.unshift(line('kind', 'outcome', 'urgency', 'secret', 'about'));
  print(`${lines.join('\n')}\n`);
}

function line(kind: string, outcome: string, urgency: string, secret: string, about: string): string {
  return `${kind.padEnd(32)} ${outcome.padEnd(10)} ${urgency.padEnd(8)} ${secret.padEnd(7)} ${about}`;
}

/**
 * `rootdesk kinds check`: whether the kind files, their wordings and the sender list are right, each kind's own examples
 * are understood as it, and which kinds look for the same phrases. Throws RootdeskError (exit 65) when anything is wrong.
 */
export async function checkKindFiles(options: Folders & { overlaps?: boolean }): Promise<void> {
  const { files, senders } = read(options);
  const { kinds, examples, problems, overlaps } = await checkKinds(files, senders);
  if (problems.length > 0) throw wrong(problems);
  const pairs = pairsOf(overlaps);
  const lines = [
    `${kinds} kinds are right, and ${examples} examples are understood as their kind.`,
    `${pairs.size} pairs of kinds of one sender share phrases; their other marks and points part them.`,
  ];
  for (const [pair, shared] of pairs) {
    const few = options.overlaps ? shared : shared.slice(0, 3);
    const more = shared.length > few.length ? ` and ${shared.length - few.length} more` : '';
    lines.push(`  ${pair}: ${few.join(', ')}${more}`);
  }
  print(`${lines.join('\n')}\n`);
}

function pairsOf(overlaps: readonly MarkOverlap[]): Map<string, string[]> {
  const pairs = new Map<string, string[]>();
  for (const { kinds, place, phrases } of overlaps) {
    const pair = kinds.join(' and ');
    pairs.set(pair, [...(pairs.get(pair) ?? []), ...phrases.map((phrase) => `${place} "${phrase}"`)]);
  }
  return pairs;
}

function read({ rules = SHIPPED.config, templates = SHIPPED.templates }: Folders) {
  try {
    return readKindFiles(rules, templates);
  } catch (error) {
    if (!(error instanceof RootdeskError)) throw error;
    // What is no YAML is a wrong file here, not a wrong installation.
    throw new RootdeskError('kinds', error.message, error.hint, { exitCode: EXIT.data, cause: error });
  }
}

function wrong(problems: readonly KindProblem[]): RootdeskError {
  const named = problems.map(({ file, text }) => `${file}: ${text.replace(/\.$/, '')}`);
  const count = problems.length === 1 ? 'one thing is' : `${problems.length} things are`;
  return new RootdeskError('kinds', `${count} wrong: ${named.join('; ')}`, 'mend these files and check again', {
    exitCode: EXIT.data,
  });
}
