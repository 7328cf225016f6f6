import { type ReadText, readText } from './foldText.ts';
import type { ParsedMail } from './parse.ts';
import type { Signs } from './signs.ts';
import type { Found } from './values.ts';

/** A text of the mail as the scanners read it, and how its places are called. */
export type FactText = {
  place: 'subject' | 'body' | 'link' | 'header' | 'attachment';
  text: ReadText;
  where: string | null;
};

/** Characters of text that facts are looked for in. */
const TEXT_LIMIT = 100_000;

/** Texts of a mail for scanners: subject, body, link addresses (decoded), the Health event headers, file names. */
export function factTexts(mail: ParsedMail): FactText[] {
  const texts: FactText[] = [
    { place: 'subject', where: 'subject', text: readText(mail.subject, 2000) },
    { place: 'body', where: null, text: readText(mail.text, TEXT_LIMIT) },
  ];
  const links = mail.links.slice(0, 200).map((link) => decoded(link.href.slice(0, 4000)));
  if (links.length > 0) {
    texts.push({ place: 'link', where: 'link', text: readText([...new Set(links)].join('\n'), TEXT_LIMIT) });
  }
  for (const field of mail.fields) {
    if (field.name !== 'x-sm-communication-type') continue;
    texts.push({ place: 'header', where: `header ${field.rawName}`, text: readText(field.value, 300) });
  }
  for (const file of mail.attachments.slice(0, 50)) {
    texts.push({ place: 'attachment', where: `attachment ${file.name.slice(0, 80)}`, text: readText(file.name, 300) });
  }
  return texts;
}

/** Values with their places, in order, from the texts of the given places. */
export function collect<T>(
  texts: readonly FactText[],
  places: readonly FactText['place'][],
  scan: (text: string, signs: Signs) => { index: number; value: T }[],
): Found<T>[] {
  const found: Found<T>[] = [];
  for (const place of places) {
    for (const one of texts) {
      if (one.place !== place) continue;
      for (const { index, value } of scan(one.text.plain, one.text.signs)) {
        found.push({ value, where: one.where ?? `body ${one.text.lineAt(index)}` });
      }
    }
  }
  return found;
}

function decoded(href: string): string {
  try {
    return href.includes('%') ? decodeURIComponent(href) : href;
  } catch {
    return href;
  }
}
