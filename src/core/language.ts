import type { Language } from './values.ts';

const STOP_WORDS = {
  en: 'the and you your for with this that have will please are from our has been',
  de: 'der die das und ist nicht ihr ihre ihren sie wir mit für wurde werden bitte konto den dem ein eine im auf zu',
  fr: 'le la les des est vous votre vos nous pour avec une dans veuillez compte sur du au aux et bonjour',
  es: 'el los las una su sus para con por que usted cuenta nuestra del favor correo hola gracias hemos ha',
  pt: 'os uma você sua seu para com por que não conta nossa favor são está olá obrigado ao em da do nosso entre',
  it: 'il gli una che per con non sono della questo tuo account suo nostra',
};
const LATIN = Object.keys(STOP_WORDS);
/** For each stop word the places in LATIN of the languages that have it. */
const STOPS = new Map<string, number[]>();
for (const [at, words] of Object.values(STOP_WORDS).entries()) {
  for (const word of words.split(' ')) STOPS.set(word, [...(STOPS.get(word) ?? []), at]);
}
const SCRIPTS: readonly [Language, RegExp][] = [
  ['ja', /[\u3041-\u30ff]/g],
  ['ko', /[\uac00-\ud7a3]/g],
];
const HAN = /[\u4e00-\u9fff]/g;
const EAST_ASIAN = /[\u3041-\u30ff\u4e00-\u9fff\uac00-\ud7a3]/;
/** AWS support links name the language of the case. */
const LINK_LANGUAGE = /[?&]language=([a-z]{2})\b/i;

/** A line that is drawn, or the separator of a signature. */
const RULE = /^(?:[=_*—-]{5,}|--) ?$/m;

/**
 * Language of a mail (ISO 639-1). What people wrote above the first separator or footer counts: a Japanese answer
 * above an English footer is Japanese. The language in a support link decides only between Latin texts.
 */
export function detectLanguage(subject: string, text: string, links: readonly string[]): Language {
  const sample = `${subject}\n${text.slice(0, 6000)}`;
  if (!/\p{L}/u.test(sample)) return 'en';
  // A notice of two lines may stand above a long footer in English: the beginning alone is asked, too.
  for (const part of EAST_ASIAN.test(sample) ? [sample, `${subject}\n${text.slice(0, 160)}`] : []) {
    const language = eastAsian(part);
    if (language !== null) return language;
  }
  const latin = mostStopWords(`${subject}\n${ownText(text)}`);
  if (latin !== null && latin !== 'en') return latin;
  const named = links.map((link) => LINK_LANGUAGE.exec(link)?.[1]?.toLowerCase()).find((one) => one !== undefined);
  return latin === null && named !== undefined && LATIN.includes(named) ? named : 'en';
}

/** The language whose script has a fair share of the letters; null when none has. */
function eastAsian(sample: string): Language | null {
  const letters = sample.match(/\p{L}/gu)?.length ?? 0;
  for (const [language, script] of SCRIPTS) {
    const count = sample.match(script)?.length ?? 0;
    if (count >= 30 || (count >= 6 && count * 12 >= letters)) return language;
  }
  const han = sample.match(HAN)?.length ?? 0;
  if (han >= 20 || (han >= 6 && han * 8 >= letters)) {
    // Chinese has no kana: a few between its characters are Japanese, however much English stands below.
    const kana = sample.match(SCRIPTS[0]![1])?.length ?? 0;
    return kana >= 4 && kana * 10 >= han ? 'ja' : 'zh';
  }
  return null;
}

/** What stands above the first rule, where a footer in English begins; the whole when nothing does. */
function ownText(text: string): string {
  const bounded = text.slice(0, 6000);
  const rule = RULE.exec(bounded);
  return rule !== null && /\p{L}/u.test(bounded.slice(0, rule.index)) ? bounded.slice(0, rule.index) : bounded;
}

function mostStopWords(sample: string): Language | null {
  const counts = LATIN.map(() => 0);
  for (const word of sample.toLowerCase().match(/\p{L}+/gu) ?? []) {
    for (const at of STOPS.get(word) ?? NONE) counts[at]! += 1;
  }
  let best: Language | null = null;
  let most = 2;
  for (const [at, count] of counts.entries()) {
    if (count <= most) continue;
    most = count;
    best = LATIN[at] as Language;
  }
  return best;
}

const NONE: readonly number[] = [];
