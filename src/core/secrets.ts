import { findCodes, findNumbers, findValues, type SecretRange } from './secretCodes.ts';
import { findSecretLinks, tokensOf } from './secretLinks.ts';
import { findCards, findKeys, findPasswords } from './secretTokens.ts';
import { type Shadow, shadowOf } from './shadowText.ts';

/** What is known to be secret in one mail: found once in all its texts, then masked in every text that leaves. */
export class KnownSecrets {
  /** The mail names an access key: then addresses on code hosts point at it. */
  readonly #leaks: boolean;

  constructor(options: { leaks: boolean }) {
    this.#leaks = options.leaks;
  }

  /** `kind value`: two sightings of one secret count once. */
  readonly seen = new Map<string, SecretRange['kind']>();
  readonly #codes = new Set<string>();
  readonly #words = new Set<string>();

  /** Texts as they were searched, and what was found in each: none is folded or searched a second time. */
  readonly #searched = new Map<string, { shadow: Shadow; ranges: readonly SecretRange[] }>();

  /**
   * Looks for secrets in a text, with a title above it that may say what its first line is, and remembers them.
   */
  learn(text: string, title = ''): void {
    if (title === '' && (text === '' || this.#searched.has(text))) return;
    const shadow = this.#searched.get(text)?.shadow ?? shadowOf(text);
    let ranges = this.#find(title === '' ? shadow : below(title, shadow));
    for (const range of ranges) this.#remember(range);
    if (title !== '' && ranges.length > 0) ranges = this.#withoutTitle(ranges, shadowOf(title).text.length + 1, shadow);
    this.#searched.set(text, { shadow, ranges });
  }

  /** What was found in a text below a title, by its places in the text. What the title hides beside it is looked for anew. */
  #withoutTitle(ranges: readonly SecretRange[], start: number, shadow: Shadow): SecretRange[] {
    const { text, lower } = shadow;
    const head = this.#find({ ...shadow, text: text.slice(0, HEAD), lower: lower.slice(0, HEAD) });
    const own = ranges.filter(({ from }) => from >= start);
    return own
      .map((range) => ({ ...range, from: range.from - start, to: range.to - start }))
      .concat(head.filter(({ to }) => text.length <= HEAD || to <= HEAD - MARGIN));
  }

  /** Remembers secrets of a link that stands in a field of its own. */
  learnLink(href: string): void {
    for (const range of findSecretLinks(shadowOf(href), this.#leaks)) this.#remember(range);
  }

  hasCode(): boolean {
    return this.#codes.size > 0;
  }

  /** The text with every known and every recognisable secret masked. `strict`: all code-like numbers as well. */
  mask(text: string, strict: boolean): string {
    if (text === '') return text;
    const known = this.#searched.get(text);
    if (known?.ranges.length === 0 && !strict && this.#codes.size === 0 && this.#words.size === 0) return text;
    const shadow = known?.shadow ?? shadowOf(text);
    const ranges = (known?.ranges ?? this.#find(shadow)).concat(findValues(shadow, this.#codes));
    const found = new Map(ranges.map(({ from, to }) => [from, to]));
    for (const word of this.#words) {
      for (let at = shadow.text.indexOf(word); at >= 0; at = shadow.text.indexOf(word, at + word.length)) {
        const to = at + word.length;
        if ((found.get(at) ?? 0) < to) ranges.push({ from: at, to, kind: 'link', value: '' });
      }
    }
    const all = strict ? ranges.concat(findNumbers(shadow)) : ranges;
    return all.length === 0 ? text : applyMasks(text, shadow, all);
  }

  #find(shadow: Shadow): SecretRange[] {
    return findCodes(shadow).concat(
      findSecretLinks(shadow, this.#leaks),
      findKeys(shadow),
      findPasswords(shadow),
      findCards(shadow),
    );
  }

  #remember(range: SecretRange): void {
    if (range.value === '') return;
    const key = `${range.kind} ${range.value}`;
    if (this.seen.has(key)) return;
    if (this.seen.size < MAX_KNOWN) this.seen.set(key, range.kind);
    if (range.kind === 'code' && this.#codes.size < MAX_CODES) this.#codes.add(range.value);
    if (range.kind === 'link') for (const token of tokensOf(range.value)) this.#addWord(token);
    else if (range.kind !== 'code' && range.kind !== 'card' && range.value.length >= 6) this.#addWord(range.value);
  }

  #addWord(word: string): void {
    if (this.#words.size < MAX_KNOWN) this.#words.add(word);
  }
}

/** What a person wrote into a form, with whatever is a secret by its looks masked: it is kept and shown for good. */
export function maskWritten(text: string): string {
  return new KnownSecrets({ leaks: false }).mask(text, false);
}

/** A text with a title above it, whose places nobody asks for. */
function below(title: string, shadow: Shadow): Shadow {
  const above = shadowOf(title);
  return {
    text: `${above.text}\n${shadow.text}`,
    lower: `${above.lower}\n${shadow.lower}`,
    signs: { has: (sign) => above.signs.has(sign) || shadow.signs.has(sign) },
    original: (from, to) => [from, to],
  };
}

/** Characters at the beginning of a text that a title above it may make look otherwise, and those at their end that are cut off. */
const HEAD = 1000;
const MARGIN = 200;
const MAX_CODES = 30;
const MAX_KNOWN = 200;

const MASKS: Record<SecretRange['kind'], string> = {
  code: '[code]',
  link: '/[link]',
  password: '[password]',
  access_key: '',
  secret_key: '[secret key]',
  card: '••••',
};

/** Ranges that overlap become one; line breaks inside stay, so that line numbers keep their meaning. */
function applyMasks(text: string, shadow: Shadow, ranges: SecretRange[]): string {
  const placed = ranges
    .map((range) => ({ range, at: shadow.original(range.from, range.to) }))
    .sort((a, b) => a.at[0] - b.at[0] || b.at[1] - a.at[1]);
  let out = '';
  let last = 0;
  for (const { range, at } of placed) {
    const [from, to] = at;
    if (to <= last) continue;
    const start = Math.max(from, last);
    if (from >= last) out += text.slice(last, from) + maskOf(range, shadow);
    for (let at = start; at < to; at++) if (text.charCodeAt(at) === 10) out += '\n';
    last = to;
  }
  return out + text.slice(last);
}

/** Access key ids keep what people need to find the key: `AKIA…7Q4E`. */
function maskOf(range: SecretRange, shadow: Shadow): string {
  if (range.kind === 'link' && !shadow.text.startsWith('/', range.from)) return '[link]';
  if (range.kind !== 'access_key') return MASKS[range.kind];
  return `${range.value.slice(0, 4)}…${range.value.slice(-4)}`;
}
