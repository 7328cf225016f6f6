/** An amount of money: decimal text without thousands separators, ISO 4217 code. */
export type AmountFound = { index: number; end: number; amount: string; currency: string };

/** Currencies that AWS bills in, and a few that its customers write. */
const CODES =
  'USD|EUR|GBP|JPY|AUD|BRL|CAD|CHF|CNY|DKK|HKD|IDR|ILS|INR|KRW|MXN|MYR|NOK|NZD|PHP|PLN|SAR|SEK|SGD|THB|TRY|TWD|VND|ZAR|AED';
const SYMBOLS: Record<string, string> = {
  US$: 'USD',
  $: 'USD',
  A$: 'AUD',
  AU$: 'AUD',
  C$: 'CAD',
  CA$: 'CAD',
  HK$: 'HKD',
  NZ$: 'NZD',
  S$: 'SGD',
  MX$: 'MXN',
  NT$: 'TWD',
  R$: 'BRL',
  '€': 'EUR',
  '£': 'GBP',
  '¥': 'JPY',
  '₩': 'KRW',
  '₹': 'INR',
  '₪': 'ILS',
};
const SYMBOL = '(?:US|AU?|CA?|HK|NZ|S|MX|NT|R)?\\$|[€£¥₩₹₪]';
const UNITS: Record<string, string> = { 円: 'JPY', 원: 'KRW', 米ドル: 'USD', ドル: 'USD', 元: 'CNY' };
const NUMBER = "\\d{1,3}(?:[,.'\\s]\\d{3}(?!\\d))+(?:[.,]\\d{1,2}(?!\\d))?|\\d{1,12}(?:[.,]\\d{1,6})?";
const BEFORE = new RegExp(
  `(?<![\\p{L}\\d])(?:(${CODES})\\s{0,2})?(${SYMBOL})\\s?(-?(?:${NUMBER}))\\*?(?:\\s?(${CODES})(?![\\p{L}]))?`,
  'gu',
);
const CODE_BEFORE = new RegExp(`(?<![\\p{L}\\d])(${CODES})\\s{1,2}(-?(?:${NUMBER}))`, 'gu');
const AFTER = new RegExp(`(?<![\\d.,])(${NUMBER})\\s?(${CODES}(?![\\p{L}])|円|원|米ドル|ドル|元|€)`, 'gu');
const LABELLED = new RegExp(`\\b(?:in|as)\\s(${CODES})\\s?:?\\s{0,2}$`, 'u');

/**
 * All amounts of a text in order of place. A code that is written wins over a symbol: `$55.84 MXN` and
 * `Total in MXN: $55.84` are pesos. A bare `$` is the US dollar that AWS bills in.
 */
export function scanAmounts(text: string): AmountFound[] {
  const found: AmountFound[] = [];
  const take = (match: RegExpExecArray, number: string, currency: string): void => {
    const end = match.index + match[0].length;
    if (found.some((other) => match.index < other.end && end > other.index)) return;
    const amount = plainNumber(number, currency);
    if (amount !== null) found.push({ index: match.index, end, amount, currency });
  };
  for (const match of text.matchAll(BEFORE)) {
    const labelled = LABELLED.exec(text.slice(Math.max(0, match.index - 16), match.index))?.[1];
    take(match, match[3]!, match[4] ?? match[1] ?? labelled ?? SYMBOLS[match[2]!] ?? 'USD');
  }
  for (const match of text.matchAll(CODE_BEFORE)) take(match, match[2]!, match[1]!);
  for (const match of text.matchAll(AFTER)) take(match, match[1]!, UNITS[match[2]!] ?? SYMBOLS[match[2]!] ?? match[2]!);
  return found.sort((a, b) => a.index - b.index);
}

/** `1,234.56`, `1.234,56` and `1 234,56` as `1234.56`; null when the separators make no sense. */
function plainNumber(written: string, currency: string): string | null {
  const text = written.replace(/[\s']/g, '');
  const lastComma = text.lastIndexOf(',');
  const lastDot = text.lastIndexOf('.');
  const decimal = Math.max(lastComma, lastDot);
  if (decimal === -1) return text;
  const both = lastComma !== -1 && lastDot !== -1;
  const fraction = text.length - decimal - 1;
  const mark = text[decimal]!;
  const repeated = text.indexOf(mark) !== decimal;
  // Three digits behind a single separator are thousands, but a dot with one or no digit group before it may be a
  // price in mills (`$0.005`): only then it is a decimal.
  const thousands = repeated || (!both && fraction === 3 && !(mark === '.' && text.startsWith('0')));
  if (thousands && both && repeated && fraction !== 3) return null;
  if (thousands) return text.replace(/[.,]/g, '');
  if (currency === 'JPY' && fraction === 3) return text.replace(/[.,]/g, '');
  return text.slice(0, decimal).replace(/[.,]/g, '') + '.' + text.slice(decimal + 1);
}
