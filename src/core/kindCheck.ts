import { readExample } from './exampleMail.ts';
import { compileKinds, type Kind, type KindBook, KindFileError } from './kindBook.ts';

export type KindFileData = { name: string; data: unknown };
export type KindProblem = { file: string; text: string };
/** Kinds that look for the same phrases at the same place in mail of the same sender: only their other marks part them. */
export type MarkOverlap = { kinds: [string, string]; place: string; phrases: string[] };

export type KindCheck = { kinds: number; examples: number; problems: KindProblem[]; overlaps: MarkOverlap[] };

/**
 * Checks kind files, their wordings and their examples. All wrong files are found, not only the first: each is taken
 * away until the rest compiles. Examples are read only when every file is right.
 */
export async function checkKinds(files: readonly KindFileData[], senders: unknown): Promise<KindCheck> {
  const { book, problems } = compileAll(files, senders);
  if (book === null) return { kinds: 0, examples: 0, problems, overlaps: [] };
  let examples = 0;
  if (problems.length === 0) {
    for (const kind of book.kinds) {
      for (const [index, example] of kind.examples.entries()) {
        examples += 1;
        const understood = await readExample(kind, example, book);
        if (understood.kind === kind.kind) continue;
        const why = understood.reasons.find((reason) => reason.code.startsWith('kind.'))?.text ?? '';
        const text = `example ${index + 1} is understood as ${understood.kind}. ${why}`.trim();
        problems.push({ file: `kinds/${kind.kind}.yaml`, text });
      }
    }
  }
  return { kinds: book.kinds.length, examples, problems, overlaps: overlapsOf(book) };
}

function compileAll(
  files: readonly KindFileData[],
  senders: unknown,
): { book: KindBook | null; problems: KindProblem[] } {
  const problems: KindProblem[] = [];
  let left = [...files];
  for (;;) {
    try {
      return { book: compileKinds(left, senders), problems };
    } catch (error) {
      if (!(error instanceof KindFileError)) throw error;
      problems.push({ file: error.file, text: error.message.slice(error.file.length + 2) });
      // A wording goes with its kind, and the other way round.
      const base = error.file.replace(/^(?:kinds|ticket)\//, '');
      const rest = left.filter(({ name }) => name !== `kinds/${base}` && name !== `ticket/${base}`);
      if (rest.length === left.length) return { book: null, problems };
      left = rest;
    }
  }
}

/** Kinds of AWS mail share a sender when their files name the same one; all others when they share a class. */
function overlapsOf(book: KindBook): MarkOverlap[] {
  const found: MarkOverlap[] = [];
  for (const [at, one] of book.kinds.entries()) {
    const mine = phrasesOf(one);
    for (const other of book.kinds.slice(at + 1)) {
      if (!meet(one, other)) continue;
      const theirs = phrasesOf(other);
      for (const [place, ids] of mine) {
        const phrases = [...ids].filter((id) => theirs.get(place)?.has(id)).map((id) => book.phraseTexts[id]!);
        if (phrases.length > 0) found.push({ kinds: [one.kind, other.kind], place, phrases: phrases.toSorted() });
      }
    }
  }
  return found;
}

function meet(one: Kind, other: Kind): boolean {
  const shared = one.classes.filter((name) => other.classes.includes(name));
  if (shared.some((name) => name !== 'aws')) return true;
  return shared.length > 0 && [...one.senders.keys()].some((address) => other.senders.has(address));
}

function phrasesOf(kind: Kind): Map<string, Set<number>> {
  const phrases = new Map<string, Set<number>>();
  for (const { places } of kind.marks) {
    for (const { place, ids } of places) {
      for (const where of place === 'text' ? ['subject', 'body'] : [place]) {
        const known = phrases.get(where) ?? new Set();
        for (const id of ids) known.add(id);
        phrases.set(where, known);
      }
    }
  }
  return phrases;
}
