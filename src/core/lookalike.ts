import { awsDomainOf, exceptionOf } from './awsDomain.ts';
import { unicodeLabel } from './punycode.ts';
import type { SenderRules } from './senderRules.ts';
import { skeleton } from './skeleton.ts';

/** Words that stand beside "aws" or "amazon" in names made to deceive; beside other words ("contoso-aws") they do not. */
const TRADE =
  'abuse access account accounts admin alert alerts amazon app apps auth aws billing care center central centre cloud cloudsupport com confirm console cost customer department dept desk email health help helpdesk id info invoice invoices invoicing japan jp korea login mail mailer mails message msg my net noreply notice notices notification notifications notify online org partner partners pay payment payments portal recovery renew reset root safety secure security service services signin signon signup sso status support suspended team trust unlock update updates us usa verification verify web webservice webservices'.split(
    ' ',
  );
const TRADES = new Set(TRADE);

/** A word that stands in the names of all sorts of companies. */
export function isTradeWord(word: string): boolean {
  return TRADES.has(word) || SHOPS.has(word);
}
const SHOPS = new Set(
  'bank company data digital example first global group hosting info mailer media software solutions systems tech test world'.split(
    ' ',
  ),
);

/** Desks that ask for something; sister companies are called by places and trades (`kumo-japan`). */
const DESKS = new Set(
  'abuse access account accounts admin alert alerts auth billing confirm desk help helpdesk invoice login notice notification notify pay payment payments portal recovery reset safety secure security signin sso support unlock update updates verification verify'.split(
    ' ',
  ),
);

/** Whether a label is this name and words that stand for a desk of it: `kumo-security`, `support-kumo`. */
export function isDeskOf(name: string, label: string): boolean {
  const words = label.split('-').filter((word) => word !== '');
  return words.length > 1 && words.includes(name) && words.every((word) => word === name || DESKS.has(word));
}
/** Second-level labels of countries (`co.uk`, `ne.jp`): the name stands before them. */
const SECOND_LEVEL = new Set(['ac', 'co', 'com', 'edu', 'go', 'gov', 'ne', 'net', 'or', 'org']);
/** Real names one letter away from "amazon". */
const REAL_NEIGHBOURS = new Set(['amazone', 'amazons', 'amazona', 'amazonas', 'amazonia']);

/** Why a domain is made to look like AWS or Amazon; null when it is not, or is AWS's own. */
export function lookalike(domain: string, rules: SenderRules): string | null {
  if (domain === '' || awsDomainOf(domain, rules) || exceptionOf(domain, rules)) return null;
  const dotted = `.${domain.replace(/-/g, '.')}.`;
  for (const rule of rules.domains) {
    if (rule.domain.includes('.') && dotted.includes(`.${rule.domain}.`))
      return `holds the name ${rule.domain} inside another domain`;
  }
  const labels = domain.split('.');
  if (labels.length > 1 && (labels.at(-1) === 'aws' || labels.at(-1) === 'amazon'))
    return 'is on no list of AWS domains';
  for (const label of labels.slice(0, -1)) {
    const why = lookalikeLabel(label);
    if (why) return why;
  }
  return null;
}

function lookalikeLabel(label: string): string | null {
  const seen = unicodeLabel(label);
  const shape = skeleton(seen);
  const words = shape.split('-').filter((word) => word !== '');
  if (shape !== seen.toLowerCase() && words.some(isName)) return 'imitates the letters of an Amazon name';
  if (words.some((word) => isTypo(word))) return 'is one letter away from an Amazon name';
  if (words.length === 1 && isJoined(words[0]!)) return 'joins an Amazon name with a word of its trade';
  const isPart = (word: string) => isName(word) || isJoined(word);
  if (words.length > 1 && words.some(isPart) && words.every((word) => isPart(word) || TRADES.has(word))) {
    return 'joins an Amazon name with a word of its trade';
  }
  return words.some((word) => word.startsWith('amazonaws')) ? 'holds the name amazonaws' : null;
}

function isName(word: string): boolean {
  return word === 'aws' || word === 'amazon' || word === 'amazonaws' || word === 'awsamazon';
}

/** `awsbilling`, `amazonsupport`, `supportaws`. */
function isJoined(word: string): boolean {
  for (const name of ['amazonaws', 'awsamazon', 'amazon', 'aws']) {
    if (word.startsWith(name) && TRADES.has(word.slice(name.length))) return true;
    if (word.endsWith(name) && TRADES.has(word.slice(0, -name.length))) return true;
  }
  return false;
}

/** One letter wrong, missing, too many, or two swapped. Short names ("aws") have too many neighbours to judge by. */
function isTypo(word: string): boolean {
  if (REAL_NEIGHBOURS.has(word)) return false;
  return ['amazon', 'amazonaws'].some((name) => word !== name && word[0] === name[0] && isOneEditAway(word, name));
}

/** One letter wrong, missing, too many, or two swapped; also true of two equal words. */
export function isOneEditAway(a: string, b: string): boolean {
  if (Math.abs(a.length - b.length) > 1) return false;
  let start = 0;
  while (start < a.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < Math.min(a.length, b.length) - start && a.at(-1 - end) === b.at(-1 - end)) end += 1;
  const [restA, restB] = [a.slice(start, a.length - end), b.slice(start, b.length - end)];
  if (restA.length <= 1 && restB.length <= 1) return true;
  return restA.length === 2 && restB.length === 2 && restA[0] === restB[1] && restA[1] === restB[0];
}

/** The label that somebody registered: `amazon` of `mail.amazon.co.jp`. */
export function registeredLabel(domain: string): string {
  const labels = domain.split('.');
  const at = labels.length > 2 && labels.at(-1)!.length === 2 && SECOND_LEVEL.has(labels.at(-2)!) ? -3 : -2;
  return labels.at(at) ?? domain;
}
