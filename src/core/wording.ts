/**
 * The sentences of a ticket. `{name}` is a fact; `[[ … ]]` is left out when a fact in it is not known, and so is a
 * line that holds nothing but such a part. Nothing else is special: what a mail says can never become an instruction.
 */
export type WordingValues = Record<string, string | null>;

/** Names that wordings may use. */
export const WORDING_NAMES = [
  'account',
  'accounts',
  'amount',
  'budget',
  'case',
  'certificate',
  'deadline',
  'domain',
  'event',
  'from',
  'invoice',
  'organization',
  'period',
  'region',
  'report',
  'resources',
  'service',
  'subject',
  'topic',
] as const;

const NAME = /\{([^{}]{0,40})\}/g;

/** Null when the wording is right, else what is wrong with it. */
export function compileWording(text: string): string | null {
  for (const [, name] of text.matchAll(NAME)) {
    if (!(WORDING_NAMES as readonly string[]).includes(name!)) return `{${name}} is not a fact that wordings can use`;
  }
  if (text.split('[[').length !== text.split(']]').length) return '[[ and ]] do not match';
  return null;
}

/** Fills a wording. A fact that is not known outside `[[ ]]` reads as a dash. */
export function fillWording(text: string, values: WordingValues): string {
  const parts = text.replace(/\[\[(.*?)\]\]/gs, (_, part: string) => {
    const known = [...part.matchAll(NAME)].every(([, name]) => values[name!] != null);
    return known ? part : '\u0000';
  });
  return parts
    .split('\n')
    .filter((line) => line.replaceAll('\u0000', '').trim() !== '' || !line.includes('\u0000'))
    .map((line) => line.replaceAll('\u0000', '').replace(NAME, (_, name: string) => values[name] ?? '–'))
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
    .replace(/[ \t]{2,}/g, ' ')
    .trim();
}
