/** Named character references that mail uses; any other name stays as written. */
const NAMED: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  ensp: '\u2002',
  emsp: '\u2003',
  thinsp: '\u2009',
  shy: '\u00ad',
  zwnj: '\u200c',
  zwj: '\u200d',
  zerowidthspace: '\u200b',
  nobreak: '\u2060',
  lrm: '\u200e',
  rlm: '\u200f',
  ndash: '–',
  mdash: '—',
  horbar: '―',
  hyphen: '‐',
  dash: '‐',
  minus: '−',
  lsquo: '‘',
  rsquo: '’',
  sbquo: '‚',
  ldquo: '“',
  rdquo: '”',
  bdquo: '„',
  laquo: '«',
  raquo: '»',
  lsaquo: '‹',
  rsaquo: '›',
  hellip: '…',
  bull: '•',
  middot: '·',
  copy: '©',
  reg: '®',
  trade: '™',
  deg: '°',
  plusmn: '±',
  times: '×',
  divide: '÷',
  frac12: '½',
  euro: '€',
  pound: '£',
  yen: '¥',
  cent: '¢',
  sect: '§',
  para: '¶',
  iexcl: '¡',
  iquest: '¿',
  larr: '←',
  rarr: '→',
  uarr: '↑',
  darr: '↓',
  check: '✓',
  num: '#',
  excl: '!',
  dollar: '$',
  percnt: '%',
  lpar: '(',
  rpar: ')',
  ast: '*',
  plus: '+',
  comma: ',',
  period: '.',
  sol: '/',
  bsol: '\\',
  colon: ':',
  semi: ';',
  equals: '=',
  quest: '?',
  commat: '@',
  lsqb: '[',
  rsqb: ']',
  lbrack: '[',
  rbrack: ']',
  lowbar: '_',
  lcub: '{',
  rcub: '}',
  verbar: '|',
  vert: '|',
  tab: '\t',
  newline: '\n',
  szlig: 'ß',
  aelig: 'æ',
  oslash: 'ø',
  aring: 'å',
  ccedil: 'ç',
  ntilde: 'ñ',
};

/** `eacute` is e + combining acute, and so for every accented Latin letter. */
const ACCENTS: Record<string, string> = {
  acute: '\u0301',
  grave: '\u0300',
  circ: '\u0302',
  uml: '\u0308',
  tilde: '\u0303',
};

/** HTML maps the C1 numbers to Windows-1252 (HTML Living Standard, "numeric character reference end state"). */
const WINDOWS_1252 = '€\x81‚ƒ„…†‡ˆ‰Š‹Œ\x8dŽ\x8f\x90‘’“”•–—˜™š›œ\x9džŸ';

const REFERENCE = /&(?:#(\d{1,8}|[xX][0-9a-fA-F]{1,7})|([a-zA-Z][a-zA-Z0-9]{1,24}));?/y;

/** Text with its character references decoded, once. */
export function decodeEntities(text: string): string {
  if (!text.includes('&')) return text;
  // Only what is decoded makes a piece: the ampersands of an address are names of nothing, by the hundred thousand.
  let out = '';
  let last = 0;
  for (let at = text.indexOf('&'); at >= 0; at = text.indexOf('&', at + 1)) {
    REFERENCE.lastIndex = at;
    const match = REFERENCE.exec(text);
    if (match === null) continue;
    const [whole, number, name] = match;
    const decoded = number === undefined ? namedOnce(name!, whole) : numeric(number);
    if (decoded !== whole) {
      out += text.slice(last, at) + decoded;
      last = at + whole.length;
    }
    at += whole.length - 1;
  }
  return out + text.slice(last);
}

const KNOWN = new Map<string, string>();
const MAX_KNOWN = 2000;

function namedOnce(name: string, whole: string): string {
  let decoded = KNOWN.get(whole);
  if (decoded === undefined) {
    decoded = named(name, whole);
    if (KNOWN.size < MAX_KNOWN) KNOWN.set(whole, decoded);
  }
  return decoded;
}

function numeric(digits: string): string {
  const code = /^x/i.test(digits) ? Number.parseInt(digits.slice(1), 16) : Number.parseInt(digits, 10);
  if (code >= 0x80 && code <= 0x9f) return WINDOWS_1252[code - 0x80]!;
  if (code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) return '\ufffd';
  return String.fromCodePoint(code);
}

function named(name: string, whole: string): string {
  const found = Object.hasOwn(NAMED, name.toLowerCase()) ? NAMED[name.toLowerCase()] : undefined;
  if (found !== undefined) return /^[A-Z]/.test(name) && /\p{Ll}/u.test(found) ? found.toUpperCase() : found;
  const accent = Object.hasOwn(ACCENTS, name.slice(1)) ? ACCENTS[name.slice(1)] : undefined;
  return accent === undefined ? whole : (name[0]! + accent).normalize('NFC');
}
