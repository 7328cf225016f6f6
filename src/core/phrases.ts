/**
 * One pass over a text for all phrases of all kinds (Aho–Corasick, 1975). Time is linear in the text whatever the
 * phrases are, so no mail can make it slow; regular expressions are not used on this path.
 */
export type PhraseBook = {
  readonly count: number;
  /**
   * Sets `hits[id] = 1` for each phrase that occurs in `text`. The text must have been folded with `foldPhrase`.
   * A phrase that begins with a letter or digit of a spaced script matches only at the start of a word
   * (`activated` is not found in `deactivated`); its end is free (`invoice` is found in `invoices`).
   */
  mark(text: string, hits: Uint8Array): void;
};

/** States that get a full row of transitions; deeper ones, which are rarely visited, share one hash table. */
const DENSE_STATES = 512;

/** Compiles folded phrases; the index of a phrase is its id. Empty phrases are refused by the caller's schema. */
export function compilePhrases(phrases: readonly string[]): PhraseBook {
  const classes = new Uint16Array(65536);
  let classCount = 1;
  for (const phrase of phrases) {
    for (let i = 0; i < phrase.length; i++) {
      const unit = phrase.charCodeAt(i);
      if (classes[unit] === 0) classes[unit] = classCount++;
    }
  }
  const trie = buildTrie(phrases, classes);
  const { fail, order } = linkFailures(trie);
  const number = new Int32Array(order.length);
  order.forEach((state, at) => {
    number[state] = at;
  });
  const dense = Math.min(order.length, DENSE_STATES);
  const rows = new Int32Array(dense * classCount);
  const sparse = new Map<number, number>();
  const failOf = new Int32Array(order.length);
  const ends: number[][] = [];
  /** Nearest state on the failure path, the state itself first, at which a phrase ends; 0 when there is none. */
  const outHead = new Int32Array(order.length);
  // States are renumbered breadth first, so a failure state is always numbered, and its row filled, before its users.
  for (let at = 0; at < order.length; at++) {
    const state = order[at]!;
    const next = trie[state]!.next;
    const failed = number[fail[state]!]!;
    failOf[at] = failed;
    ends.push(trie[state]!.ends);
    outHead[at] = at === 0 ? 0 : trie[state]!.ends.length > 0 ? at : outHead[failed]!;
    if (at < dense) {
      const row = at * classCount;
      if (at > 0) rows.copyWithin(row, failed * classCount, (failed + 1) * classCount);
      for (const [unit, target] of next) rows[row + unit] = number[target]!;
    } else {
      for (const [unit, target] of next) sparse.set(at * classCount + unit, number[target]!);
    }
  }
  const lengths = Uint16Array.from(phrases, (phrase) => phrase.length);
  const atWordStart = phrases.map((phrase) => isSpacedLetter(phrase.charCodeAt(0)));

  return {
    count: phrases.length,
    mark(text, hits) {
      let state = 0;
      for (let i = 0; i < text.length; i++) {
        const unit = classes[text.charCodeAt(i)]!;
        if (unit === 0) {
          state = 0;
          continue;
        }
        while (state >= dense) {
          const target = sparse.get(state * classCount + unit);
          if (target !== undefined) {
            state = -target;
            break;
          }
          state = failOf[state]!;
        }
        state = state < 0 ? -state : rows[state * classCount + unit]!;
        for (let out = outHead[state]!; out !== 0; out = outHead[failOf[out]!]!) {
          for (const id of ends[out]!) {
            if (hits[id] === 1) continue;
            const before = i - lengths[id]!;
            if (atWordStart[id] && before >= 0 && isSpacedLetter(text.charCodeAt(before))) continue;
            hits[id] = 1;
          }
        }
      }
    },
  };
}

type TrieState = { next: Map<number, number>; ends: number[] };

function buildTrie(phrases: readonly string[], classes: Uint16Array): TrieState[] {
  const trie: TrieState[] = [{ next: new Map(), ends: [] }];
  phrases.forEach((phrase, id) => {
    let state = 0;
    for (let i = 0; i < phrase.length; i++) {
      const unit = classes[phrase.charCodeAt(i)]!;
      let target = trie[state]!.next.get(unit);
      if (target === undefined) {
        target = trie.push({ next: new Map(), ends: [] }) - 1;
        trie[state]!.next.set(unit, target);
      }
      state = target;
    }
    if (state !== 0) trie[state]!.ends.push(id);
  });
  return trie;
}

/** Failure links and the breadth-first order of the states. */
function linkFailures(trie: readonly TrieState[]): { fail: Int32Array; order: number[] } {
  const fail = new Int32Array(trie.length);
  const order = [0];
  for (let at = 0; at < order.length; at++) {
    const state = order[at]!;
    for (const [unit, target] of trie[state]!.next) {
      let back = fail[state]!;
      while (back !== 0 && !trie[back]!.next.has(unit)) back = fail[back]!;
      const found = trie[back]!.next.get(unit);
      fail[target] = state !== 0 && found !== undefined ? found : 0;
      order.push(target);
    }
  }
  return { fail, order };
}

/** Letters and digits of scripts that put spaces between words (Latin, Greek, Cyrillic …), after folding. */
function isSpacedLetter(unit: number): boolean {
  return (
    (unit >= 0x61 && unit <= 0x7a) ||
    (unit >= 0x30 && unit <= 0x39) ||
    (unit >= 0xdf && unit <= 0x24f && unit !== 0xf7) ||
    (unit >= 0x370 && unit <= 0x52f)
  );
}
