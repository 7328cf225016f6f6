/**
 * One pass over a text for all phrases of all kinds. Phrases stand in a trie, and it is walked from the places only where
 * one may begin: in scripts with spaces that is the start of a word. No step is repeated but for the length of a phrase,
 * so no mail can make it slow; regular expressions are not used on this path.
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

/** Compiles folded phrases, which must differ; the index of a phrase is its id. Empty ones are refused by the caller's schema. */
export function compilePhrases(phrases: readonly string[]): PhraseBook {
  const trie = new Trie(phrases.reduce((sum, phrase) => sum + phrase.length, 1));
  for (const [id, phrase] of phrases.entries()) trie.add(phrase, id);
  return {
    count: phrases.length,
    mark(text, hits) {
      let inWord = false;
      for (let start = 0; start < text.length; start++) {
        const letter = isSpacedLetter(text.charCodeAt(start));
        if (!letter || !inWord) trie.walk(text, start, hits);
        inWord = letter;
      }
    },
  };
}

/** States are numbers, 0 is the root; steps are in one hash table with open addressing. */
class Trie {
  #size = 1;
  /** The step that leads to a state: from where, by which UTF-16 unit. */
  readonly #parents: Int32Array;
  readonly #units: Uint16Array;
  /** Id + 1 of the phrase that ends in a state, or 0. */
  readonly #ends: Int32Array;
  readonly #slots: Int32Array;
  readonly #mask: number;

  /** `states`: the most that there can be. */
  constructor(states: number) {
    this.#parents = new Int32Array(states);
    this.#units = new Uint16Array(states);
    this.#ends = new Int32Array(states);
    const slots = 2 ** Math.ceil(Math.log2(states * 2));
    this.#slots = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  add(phrase: string, id: number): void {
    let state = 0;
    for (let at = 0; at < phrase.length; at++) {
      const unit = phrase.charCodeAt(at);
      const slot = this.#slotOf(state, unit);
      let next = this.#slots[slot]!;
      if (next === 0) {
        next = this.#size++;
        this.#slots[slot] = next;
        this.#parents[next] = state;
        this.#units[next] = unit;
      }
      state = next;
    }
    this.#ends[state] = id + 1;
  }

  /** Marks the phrases that stand at `start`. */
  walk(text: string, start: number, hits: Uint8Array): void {
    let state = 0;
    for (let at = start; at < text.length; at++) {
      state = this.#slots[this.#slotOf(state, text.charCodeAt(at))]!;
      if (state === 0) return;
      const end = this.#ends[state]!;
      if (end > 0) hits[end - 1] = 1;
    }
  }

  /** Where the step stands in the table, or the free place for it. */
  #slotOf(state: number, unit: number): number {
    let slot = (Math.imul(state, 0x9e3779b1) + Math.imul(unit, 0x85ebca6b)) >>> 7;
    for (;;) {
      slot &= this.#mask;
      const next = this.#slots[slot]!;
      if (next === 0 || (this.#units[next] === unit && this.#parents[next] === state)) return slot;
      slot += 1;
    }
  }
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
