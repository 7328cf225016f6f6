import type { Language } from './values.ts';

const STOP_WORDS: Record<string, Set<string>> = {
  en: new Set('the and you your for with this that have will please are from our has been'.split(' ')),
  de: new Set('der die das und ist nicht ihr ihre sie wir mit für wurde werden bitte konto'.split(' ')),
  fr: new Set('le la les des est vous votre nous pour avec une dans veuillez compte sur'.split(' ')),
  es: new Set('el los las una su para con por que usted cuenta nuestra del favor correo'.split(' ')),
  pt: new Set('os uma você sua seu para com por que não conta nossa favor são está'.split(' ')),
  it: new Set('il gli una che per con non sono della questo tuo account suo nostra'.split(' ')),
};
const SCRIPTS: readonly [Language, RegExp][] = [
  ['ja', /[\u3041-\u30ff]/g],
  ['ko', /[\uac00-\ud7a3]/g],
];
const HAN = /[\u4e00-\u9fff]/g;
/** AWS support links name the language of the case. */
const LINK_LANGUAGE = /[?&]language=([a-z]{2})\b/i;

/**
 * Language of a mail (ISO 639-1). What people wrote above the first separator or footer counts: a Japanese answer
 * above an English footer is Japanese. The language in a support link decides only between Latin texts.
 */
export function detectLanguage(subject: string, text: string, links: readonly string[]): Language {
  const sample = `${subject}\n${text.slice(0, 6000)}`;
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  if (letters === 0) return 'en';
  for (const [language, script] of SCRIPTS) {
    const count = sample.match(script)?.length ?? 0;
    if (count >= 30 || (count >= 6 && count * 12 >= letters)) return language;
  }
  const han = sample.match(HAN)?.length ?? 0;
  if (han >= 20 || (han >= 6 && han * 8 >= letters)) return 'zh';
  const latin = mostStopWords(sample);
  if (latin !== null && latin !== 'en') return latin;
  const named = links.map((link) => LINK_LANGUAGE.exec(link)?.[1]?.toLowerCase()).find((one) => one !== undefined);
  return latin === null && named !== undefined && named in STOP_WORDS ? named : 'en';
}

function mostStopWords(sample: string): Language | null {
  const words = sample.toLowerCase().match(/\p{L}+/gu) ?? [];
  let best: Language | null = null;
  let most = 2;
  for (const [language, stops] of Object.entries(STOP_WORDS)) {
    let count = 0;
    for (const word of words) if (stops.has(word)) count++;
    if (count > most) {
      most = count;
      best = language;
    }
  }
  return best;
}
