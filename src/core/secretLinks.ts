import type { SecretRange } from './secretCodes.ts';
import type { Shadow } from './shadowText.ts';

/**
 * Links whose mere possession acts (reset, confirm, subscribe, unsubscribe, sign in), and links with an opaque token.
 * Only host and scheme of them stay readable.
 */

export type LinkVerdict =
  /** Acts by itself: counts as a secret. */
  | 'acts'
  /** Carries something opaque (tracking): hidden, but no secret. */
  | 'opaque'
  | 'plain';

const ACTING_PARAM =
  /^(?:token|t|tok|code|otp|pin|key|apikey|api_key|sig|sign|signature|secret|password|passwd|pwd|auth|authcode|ticket|confirm|confirmation|confirmationtoken|invite|invitation|invitationtoken|reset|resettoken|challenge|nonce|state|session|sessionid|sid|jwt|id_token|access_token|accesstoken|refresh_token|verification|verificationcode|verify|validation|validationtoken|activation|activationcode|magic|hash|hmac|x-amz-.*|awsaccesskeyid|expires|context|relaystate|samlresponse|user_code|usercode|.*token|.*code|.*secret|.*signature|oob.*)$/i;
/** Parameters that are plain words however they end. */
const PLAIN_PARAM =
  /^(?:countrycode|languagecode|statuscode|errorcode|regioncode|eventtypecode|typecode|currencycode|servicecode|productcode|quotacode|issuetypecode)$/i;
const ACTING_PATH =
  /(?:^|[/_.-])(?:reset-?password|password-?reset|passwordreset|forgot-?password|recover|recovery|verify|verify-?email|email-?verification|confirm|confirmation|confirm-?subscription|activate|activation|unsubscribe|optout|opt-out|accept-?invitation|invitation|invite|magic-?link|approve|validate|certificates?-?approval|approvals?)(?=$|[/?#_.-])/i;
const ACTING_HOST =
  /(?:^|\.)(?:signin\.aws|signup\.aws|signin\.aws\.amazon\.com|login\.awsapps\.com|reset\.aws\.amazon\.com|certificates\.amazon\.com)$/i;

/** AWS's own pages: ids in their addresses open nothing without signing in. */
const READABLE_HOST = /^(?:[a-z0-9-]+\.)?(?:console\.aws\.amazon\.com|aws\.amazon\.com|repost\.aws)$/i;

const MAX_URL = 4000;
/** Ends an address. */
const STOP = /[\s<>"'`\\^{|}\u3000-\u303f\uff08\uff09\uff0c]/;
const URL_LIKE =
  /(?:\b[a-z][a-z0-9+.-]{1,12}:\/\/|(?<![\w@./-])(?=[\w-]{1,63}\.[\w-]))[^\s<>"'`\\^{|}\u3000-\u303f\uff08\uff09\uff0c]{4,}/gi;

/** AWS's own pages beside a leaked key lead to help, not to the key. */
const HELP_HOST =
  /(?:^|\.)(?:amazon\.com|amazonaws\.com|awsstatic\.com|awstrack\.me|amazonwebservices\.com|repost\.aws|w3\.org)$/i;
/** Where anybody may have put a leaked key, although the name is AWS's. */
const PUBLIC_BUCKET = /(?:^|[.-])s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$/i;

/**
 * Links in a text that must not be read, each reaching over the line breaks that a mail program put into it. With
 * `leaks` (the mail names an access key) also pages of others: one of them may be where the key lies.
 */
export function findSecretLinks(shadow: Shadow, leaks = false): SecretRange[] {
  const { text } = shadow;
  const found: SecretRange[] = [];
  const judged = new Map<string, LinkVerdict>();
  for (const { index, url } of urlsIn(text)) {
    const end = continuedEnd(text, index, index + url.length);
    const whole = text.slice(index, end).replace(/\s+/g, '');
    let verdict = judged.get(whole);
    if (verdict === undefined) {
      verdict = leaks && pointsAtLeak(whole) ? 'acts' : judgeLink(whole);
      judged.set(whole, verdict);
    }
    if (verdict === 'plain') continue;
    const from = index + hostEnd(url);
    if (from >= end) continue;
    found.push({ from, to: end, kind: 'link', value: verdict === 'acts' ? whole.slice(0, MAX_URL) : '' });
  }
  return found;
}

/** What may be an address, looked for only around slashes: no address of interest is without one or reaches over a stop. */
function* urlsIn(text: string): Generator<{ index: number; url: string }> {
  for (let slash = text.indexOf('/'); slash >= 0; ) {
    let from = slash;
    while (from > 0 && !STOP.test(text[from - 1]!)) from -= 1;
    const length = text.slice(slash).search(STOP);
    const to = length < 0 ? text.length : slash + length;
    for (const { index, 0: url } of text.slice(from, to).matchAll(URL_LIKE)) {
      if (url.includes('/') && /\.[a-z]{2,}|localhost|:\/\//i.test(url)) yield { index: from + index, url };
    }
    slash = text.indexOf('/', to);
  }
}

/** What possession of a link does. Total on any text. */
export function judgeLink(url: string): LinkVerdict {
  const parts = /^(?:[a-z][a-z0-9+.-]*:\/\/)?([^/?#]*)([^?#]*)(\?[^#]*)?(#.*)?$/is.exec(url.slice(0, MAX_URL));
  if (!parts) return 'plain';
  const host = parts[1]!.replace(/^.*@/, '').replace(/:\d+$/, '');
  const path = unescapePercent(parts[2]!);
  const query = `${parts[3] ?? ''}&${(parts[4] ?? '').replace(/^#/, '&').replace(/[?#]/g, '&')}`;
  const params = paramsOf(query);
  if (ACTING_HOST.test(host) && (params.length > 0 || path.length > 1)) return 'acts';
  if (ACTING_PATH.test(path) && (params.length > 0 || path.split('/').some(isOpaque) || /\d{4}/.test(path)))
    return 'acts';
  for (const [name, value] of params) {
    if (name === '' || PLAIN_PARAM.test(name) || isPlainValue(value)) continue;
    if (ACTING_PARAM.test(name) && value.length >= 4) return 'acts';
    if (/^action$/i.test(name) && /^(?:unsubscribe|confirmsubscription)$/i.test(value)) return 'acts';
  }
  if (/[?&]action=(?:unsubscribe|confirmsubscription)/i.test(query)) return 'acts';
  if (READABLE_HOST.test(host)) return 'plain';
  const opaque = [...params.map(([, value]) => value), path].some(
    (text) => !text.includes('arn:') && text.split('/').some(isOpaque),
  );
  return opaque ? 'opaque' : 'plain';
}

function pointsAtLeak(url: string): boolean {
  const parts = /^(?:[a-z]+:\/\/)?([^/?#]+)\/[^/]+\/./i.exec(url);
  return parts !== null && (PUBLIC_BUCKET.test(parts[1]!) || !HELP_HOST.test(parts[1]!));
}

/** Values of an acting link that would act by themselves: masked wherever else they stand. */
export function tokensOf(url: string): string[] {
  const query = /[?#](.*)$/s.exec(url)?.[1] ?? '';
  const values = paramsOf(`&${query.replace(/[?#]/g, '&')}`).map(([, value]) => value);
  const segments = url
    .replace(/^[a-z]+:\/\/[^/]*/i, '')
    .replace(/[?#].*$/s, '')
    .split('/');
  return [...values, ...segments].filter((value) => value.length >= 8 && isOpaque(value)).slice(0, 20);
}

function paramsOf(query: string): [string, string][] {
  const found: [string, string][] = [];
  for (const piece of query.replace(/^[?&]+/, '').split(/[&;]/, 60)) {
    const equals = piece.indexOf('=');
    if (equals > 0)
      found.push([
        piece.slice(piece.lastIndexOf('/', equals) + 1, equals).trim(),
        unescapePercent(piece.slice(equals + 1)),
      ]);
    else if (piece !== '') found.push(['', piece]);
  }
  return found;
}

/** Words, numbers and names of AWS things: a case number, an ARN, a region, a date. */
function isPlainValue(value: string): boolean {
  if (value.length < 4) return true;
  if (/^arn(?::|%3a)/i.test(value)) return true;
  return /^(?:[a-z]+(?:[-_ ][a-z]+)*|[a-z]{2}(?:-[a-z]+)+-\d|i-[0-9a-f]+|\d{4}-\d{2}(?:-\d{2})?)$/i.test(value);
}

/** Long, and not made of words: what a machine made up so that nobody guesses it. */
function isOpaque(value: string): boolean {
  if (value.length < 16 || /^arn:/i.test(value) || /^\d{1,15}$/.test(value)) return false;
  if (/^[a-z]{2,5}-[0-9a-f]{8,17}$/i.test(value)) return false;
  const digits = value.replace(/\D/g, '').length;
  const joined =
    /[A-Za-z0-9+=_%]{16,}/.test(value) ||
    /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/i.test(value) ||
    /^eyJ/.test(value);
  if (!joined) return false;
  if (/^[A-Z]+(?:_[A-Z0-9]+)+$/.test(value) || /^[a-z]+(?:[-_][a-z0-9]+)+\.html?$/i.test(value)) return false;
  return digits >= 3 || /[a-z][A-Z].*[a-z][A-Z].*[a-z][A-Z]/.test(value);
}

function unescapePercent(text: string): string {
  if (!text.includes('%')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function hostEnd(url: string): number {
  return /^(?:[a-z][a-z0-9+.-]*:\/\/)?[^/?#]*/i.exec(url)![0].length;
}

/** RFC 3986 appendix C: addresses are broken at line ends. Goes on as long as the next line is nothing but address. */
function continuedEnd(text: string, start: number, end: number): number {
  const bracketed = text[start - 1] === '<';
  let at = end;
  for (let lines = 0; lines < 40 && text[at] === '\n'; lines++) {
    const lineEnd = text.indexOf('\n', at + 1) < 0 ? text.length : text.indexOf('\n', at + 1);
    const line = text.slice(at + 1, Math.min(lineEnd, at + 2000));
    const word = /^ ?([^\s<>"']+)(>?)/.exec(line);
    const lineLength = at - text.lastIndexOf('\n', at - 1) - 1;
    if (!word) break;
    const goesOn =
      bracketed || (lineLength >= 50 && word[0].length === line.trimEnd().length && looksLikeAddress(word[1]!));
    if (!goesOn) break;
    at += 1 + word[0].length - word[2]!.length;
    if (word[2] === '>' || at < lineEnd) break;
  }
  return at;
}

function looksLikeAddress(word: string): boolean {
  return (
    /[%=&_/]/.test(word) ||
    (word.length >= 6 && /\d/.test(word) && /^[\w.~-]+$/.test(word)) ||
    (word.length >= 12 && /^[\w~-]+$/.test(word))
  );
}
