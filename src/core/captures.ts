import { collect, type FactText } from './factTexts.ts';
import { foldPlain } from './foldText.ts';
import type { Kind } from './kindBook.ts';
import { scanAmounts } from './scanAmounts.ts';
import { scanDomains, scanTopicArns } from './scanIds.ts';
import { scanPeriods } from './scanPeriods.ts';
import type { Facts, Found } from './values.ts';

/** The facts that only some kinds have, filled as their files say. */
export type Captured = Pick<
  Facts,
  'amount' | 'billingPeriod' | 'domain' | 'budget' | 'topicArn' | 'accountName' | 'service'
>;

/** How far behind its label a value may stand. */
const REACH = 90;
const MAX_TEXT = 120;

type Place = { index: number; value: string };
type Capture = Kind['captures'][number];

/** `clean` is the redaction: what is free text goes through it. A fact that is found by no capture is null. */
export function scanCaptures(
  texts: readonly FactText[],
  kind: Kind,
  clean: (text: string) => string,
  mailTime: string,
): Captured {
  const captured: Captured = {
    amount: null,
    billingPeriod: null,
    domain: null,
    budget: null,
    topicArn: null,
    accountName: null,
    service: null,
  };
  for (const capture of kind.captures) {
    if (captured[capture.fact] !== null) continue;
    if (capture.scan === 'amount') {
      const found = best(texts, capture, (text) =>
        scanAmounts(text).map((one) => ({ index: one.index, value: { amount: one.amount, currency: one.currency } })),
      );
      if (capture.fact === 'amount') captured.amount = found;
      continue;
    }
    const found = best(texts, capture, (text) => scanText(text, capture, mailTime));
    if (found === null || capture.fact === 'amount') continue;
    const value = clean(found.value).trim();
    if (value !== '') captured[capture.fact] = { value, where: found.where };
  }
  return captured;
}

function scanText(text: string, capture: Capture, mailTime: string): Place[] {
  switch (capture.scan) {
    case 'domain':
      return scanDomains(text);
    case 'topicArn':
      return scanTopicArns(text);
    case 'period':
      return scanPeriods(text, mailTime);
    default:
      return scanBetween(text, capture);
  }
}

/** The first value, or the first one behind the earliest label of `after` that has any. */
function best<T>(
  texts: readonly FactText[],
  capture: Capture,
  scan: (text: string) => { index: number; value: T }[],
): Found<T> | null {
  if (capture.after === undefined || capture.scan === 'text') return collect(texts, capture.in, scan)[0] ?? null;
  for (const label of capture.after) {
    const wanted = foldPlain(label).toLowerCase();
    const found = collect(texts, capture.in, (text) => {
      const lower = text.toLowerCase();
      return scan(text).filter(({ index }) => {
        const at = lower.lastIndexOf(wanted, index);
        return at !== -1 && index - (at + wanted.length) <= REACH && index >= at + wanted.length - 1;
      });
    })[0];
    if (found !== undefined) return found;
  }
  return null;
}

/** Free text behind a label, on its line, up to the phrase that ends it. */
function scanBetween(text: string, capture: Capture): Place[] {
  const lower = text.toLowerCase();
  for (const label of capture.after ?? []) {
    const wanted = foldPlain(label).toLowerCase();
    const at = lower.indexOf(wanted);
    if (at === -1) continue;
    const start = at + wanted.length;
    const lineEnd = text.indexOf('\n', start);
    let end = Math.min(lineEnd === -1 ? text.length : lineEnd, start + MAX_TEXT);
    for (const stop of capture.before ?? []) {
      const cut = lower.indexOf(foldPlain(stop).toLowerCase(), start);
      if (cut !== -1 && cut < end) end = cut;
    }
    const value = text.slice(start, end).replace(/^[\s:："'「『]+|[\s"'」』.,;]+$/g, '');
    if (value !== '') return [{ index: start, value }];
  }
  return [];
}
