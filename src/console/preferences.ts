import { z } from 'zod';

/**
 * How one reader likes the pages, in a cookie that grants nothing: `rows=roomy&keys=off&line=off&map=e_d-x_v`. What is not
 * said, or cannot be read, is as usual.
 */
export type Preferences = {
  /** Rows of the queue: 34 px, or 40. */
  rows: 'dense' | 'roomy';
  /** Whether letters alone do anything (WCAG 2.1.4). */
  keys: 'on' | 'off';
  /** The line of keys at the bottom of each page. */
  line: 'on' | 'off';
  /** Keys that were changed: our letter -> the reader's. */
  map: Readonly<Record<string, string>>;
};

/** Letters alone that do something, in the order of the page that changes them. */
export const LETTERS = [
  'j',
  'k',
  'o',
  'u',
  'x',
  'f',
  's',
  'e',
  'h',
  'm',
  'n',
  'w',
  'c',
  't',
  'z',
  'g',
  '1',
  '2',
  '/',
  '.',
  '?',
] as const;
export type Letter = (typeof LETTERS)[number];

export const PREFERENCES_COOKIE = 'rootdesk_preferences';

export const USUAL: Preferences = { rows: 'dense', keys: 'on', line: 'on', map: {} };

/** What can stand for a letter: one printable ASCII character, no capital, none that the cookie needs. */
const KEY = /^[a-z0-9/?.,;'[\]]$/;

const cookieSchema = z.object({
  rows: z.enum(['dense', 'roomy']).catch('dense'),
  keys: z.enum(['on', 'off']).catch('on'),
  line: z.enum(['on', 'off']).catch('on'),
});

export function preferencesOf(cookie: string | undefined): Preferences {
  const found = new RegExp(`(?:^|;\\s*)${PREFERENCES_COOKIE}=([^;]{1,500})`).exec((cookie ?? '').slice(0, 8000));
  if (!found) return USUAL;
  const query = new URLSearchParams(found[1]);
  const said = cookieSchema.parse(Object.fromEntries(query));
  const map: Record<string, string> = {};
  for (const pair of (query.get('map') ?? '').split('-')) {
    const [letter = '', key = ''] = pair.split('_');
    if ((LETTERS as readonly string[]).includes(letter) && KEY.test(key)) map[letter] = key;
  }
  return { ...said, map: isOneToOne(map) ? map : {} };
}

/** The value of the cookie that says so. */
export function cookieOf({ rows, keys, line, map }: Preferences): string {
  const query = new URLSearchParams({ rows, keys, line });
  const pairs = Object.entries(map).map(([letter, key]) => `${letter}_${key}`);
  if (pairs.length > 0) query.set('map', pairs.join('-'));
  return query.toString();
}

/** No key does two things. */
export function isOneToOne(map: Readonly<Record<string, string>>): boolean {
  return new Set(LETTERS.map((letter) => map[letter] ?? letter)).size === LETTERS.length;
}

const key = z
  .string()
  .trim()
  .toLowerCase()
  .refine((text) => text === '' || KEY.test(text), 'is not one letter, digit or mark');

/** The form of the page: `key_<letter>` holds the reader's key, empty for ours. */
export const preferencesForm = z.object({
  rows: z.enum(['dense', 'roomy']),
  keys: z.enum(['on', 'off']).catch('off'),
  line: z.enum(['on', 'off']).catch('off'),
  ...(Object.fromEntries(LETTERS.map((letter) => [`key_${letter}`, key.default('')])) as Record<
    `key_${Letter}`,
    z.ZodDefault<typeof key>
  >),
});
