import type { SecretRange } from './secretCodes.ts';
import type { Shadow } from './shadowText.ts';

/** Secrets that show by their own form or by the label in front of them: keys, passwords, cards. */

const ACCESS_KEY = /(?<![A-Za-z0-9])(?:AKIA|ASIA|ABIA|ACCA)[A-Z0-9]{16}(?![A-Za-z0-9])/g;
const SECRET_KEY = /(?<![A-Za-z0-9/+=])[A-Za-z0-9/+]{40}(?![A-Za-z0-9/+])/g;
const LABELLED_KEY =
  /(?:aws_?secret_?access_?key|secret[ _-]?access[ _-]?key|aws_?session_?token|session[ _-]?token|secret[ _-]?key|api[ _-]?key|client[ _-]?secret)["']?\s*(?:[:=]|is)\s*["']?([A-Za-z0-9/+=_.-]{16,4000})/gi;
const KNOWN_TOKENS =
  /(?<![A-Za-z0-9])(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|xox[abprs]-[\w-]{10,}|sk-[\w-]{20,}|glpat-[\w-]{16,}|eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]*)/g;
const KEY_ID = /a(?:kia|sia|bia|cca)[a-z0-9]{16}/;
/** The shared secret of an MFA device (RFC 4648 base32, also in groups), which makes all its future codes. */
const SEED =
  /(?:seed|(?:setup|secret|configuration|mfa|totp|otp) (?:key|secret)|シークレット(?:設定)?キー|シード|[?&]secret=)[^\n]{0,30}?(?<![A-Za-z0-9])([A-Z2-7]{16,128}|[A-Za-z2-7]{4}(?: [A-Za-z2-7]{4}){3,31})(?![A-Za-z0-9])/giu;
const PRIVATE_KEY = 'PRIVATE KEY-----';
/** Enough digits for a card or its ending. */
const FOUR_DIGITS = /\d(?:[ -]?\d){3}/;

/** Access key ids, secret keys, tokens of known makers, private keys. */
export function findKeys({ text, lower, signs }: Shadow): SecretRange[] {
  const found: SecretRange[] = [];
  const add = (pattern: RegExp, kind: SecretRange['kind']) => {
    for (const match of text.matchAll(pattern)) {
      const value = match[1] ?? match[0];
      const from = match.index + match[0].length - value.length;
      found.push({ from, to: from + value.length, kind, value });
    }
  };
  const hasKeyId = signs.has('accessKey') && KEY_ID.test(lower);
  if (hasKeyId) add(ACCESS_KEY, 'access_key');
  found.push(...privateKeys(text));
  if (signs.has('keyLabel')) add(LABELLED_KEY, 'secret_key');
  if (signs.has('seed')) {
    for (const match of text.matchAll(SEED)) {
      const value = match[1]!;
      // Sixteen letters without a digit, or groups of four that are words, are prose.
      if (!/[2-7]/.test(value) || (value.includes(' ') && !/[2-7].*[2-7]/.test(value))) continue;
      const to = match.index + match[0].length;
      found.push({ from: to - value.length, to, kind: 'secret_key', value });
    }
  }
  if (signs.has('tokenStart')) add(KNOWN_TOKENS, 'secret_key');
  if (hasKeyId || signs.has('secret')) {
    for (const match of text.matchAll(SECRET_KEY)) {
      const value = match[0];
      // 40 hexadecimal digits are a commit, 40 letters a word: a secret key has all three sorts.
      if (/[a-z]/.test(value) && /[A-Z]/.test(value) && /\d/.test(value)) {
        found.push({ from: match.index, to: match.index + value.length, kind: 'secret_key', value });
      }
    }
  }
  return found;
}

/** PEM blocks (RFC 7468), up to their end line or the end of the text. */
function privateKeys(text: string): SecretRange[] {
  const found: SecretRange[] = [];
  for (let at = text.indexOf(PRIVATE_KEY); at >= 0; at = text.indexOf(PRIVATE_KEY, at)) {
    const from = text.lastIndexOf('-----BEGIN', at);
    const end = text.indexOf('-----END', at);
    const to = end < 0 ? text.length : Math.min(text.length, end + 8);
    if (from >= 0 && at - from < 50) found.push({ from, to, kind: 'secret_key', value: text.slice(at + 16, at + 80) });
    at = to;
  }
  return found;
}

const PASSWORD =
  /(?:pass(?:word|phrase)|passwd|pwd|passwort|kennwort|mot de passe|contraseña|senha|wachtwoord|пароль|パスワード|密码|密碼|비밀번호)["'”]?(?:\s(?:for|of|to|on|für|von|zum|zur|zu|de|del|pour|para)\s[^\n.:：=?!]{1,50}?|\s?[(（][^)）\n]{1,30}[)）])?\s*(?:[:：=]|\bis\b[:\s]|は|为|是|lautet|est\b)\s*["'“「]?([^\s"'”」<>,;]{4,128})/giu;

/** A row of a table, or two lines: a label of few words that ends in the word, and one token, nothing else. */
const PASSWORD_ROW =
  /(?<=^|\n)[ \t]*(?:[^\s:]{1,20}[ \t]){0,3}(?:pass(?:word|phrase)|passwd|pwd|passwort|kennwort|contraseña|senha|wachtwoord|пароль|パスワード|密码|密碼|비밀번호)(?:[ \t]+|[ \t]*\n[ \t]*)(\S{8,128})[ \t]*(?=\n|$)/giu;

/** Passwords that are written out behind their label. */
export function findPasswords({ text, signs }: Shadow): SecretRange[] {
  if (!signs.has('password')) return [];
  const found: SecretRange[] = [];
  for (const match of text.matchAll(PASSWORD_ROW)) {
    const value = match[1]!;
    if (!isPassword(value) || !/\d/.test(value) || !/\p{L}/u.test(value) || value.includes('@')) continue;
    const from = match.index + match[0].lastIndexOf(value);
    found.push({ from, to: from + value.length, kind: 'password', value });
  }
  for (const match of text.matchAll(PASSWORD)) {
    const value = match[1]!.replace(/[.!?。)\]]+$/, '');
    if (!isPassword(value)) continue;
    const from = match.index + match[0].length - match[1]!.length;
    found.push({ from, to: from + value.length, kind: 'password', value });
  }
  return found;
}

/** Not a word of the sentence ("password is required", "password: see below"). */
function isPassword(value: string): boolean {
  if (/^\d{4}-\d{2}-\d{2}(?:T|$)/.test(value)) return false;
  if (value.length < 4 || /^https?:/i.test(value) || /^[*•·xX.…-]+$/.test(value) || /^[[({]/.test(value)) return false;
  return /\d/.test(value) || /[^\p{L}\p{N}'’-]/u.test(value) || /\p{Ll}\p{Lu}/u.test(value);
}

const CARD_WORDS =
  /card|visa|master|amex|american express|discover|jcb|diners|credit|debit|payment method|カード|karte|carte|tarjeta|cartão|信用卡|카드/;
const CARD_ENDING =
  /(?:ending(?: (?:in|with))?|ends? (?:in|with)|last (?:4|four)(?: digits)?(?: (?:are|is|of))?|final|末尾(?:が|は|4桁)?|下4桁(?:が|は)?|endet auf|endend auf|mit der endziffer|se terminant par|finissant par|terminada en|termina en|terminado en|que termina em|final|끝자리|尾号(?:为)?|末四位(?:为)?)[\s:："'(#*xX•·.-]{0,12}(\d{4})(?!\d)/g;
const CARD_MASKED = /(?<![\w*])(?:[*xX•·]{2,}[\s-]?){1,4}(\d{4})(?!\d)/g;
const CARD_NUMBER = /(?<![\w-])(?:\d[ -]?){12,18}\d(?![\w-])/g;

/** Card numbers and the last digits of cards; the last digits of an AWS account are left. */
export function findCards({ text, lower, signs }: Shadow): SecretRange[] {
  const found: SecretRange[] = [];
  if (!FOUR_DIGITS.test(lower)) return found;
  if (signs.has('card')) {
    for (const pattern of [CARD_ENDING, CARD_MASKED]) {
      for (const match of lower.matchAll(pattern)) {
        const from = match.index + match[0].length - 4;
        if (isCardHere(lower, match.index, from + 4))
          found.push({ from, to: from + 4, kind: 'card', value: match[1]! });
      }
    }
  }
  for (const match of text.matchAll(CARD_NUMBER)) {
    const digits = match[0].replace(/\D/g, '');
    const grouped =
      /^\d{4}[ -]\d{4}[ -]\d{4}[ -]\d{1,7}$/.test(match[0]) || /^3\d{3}[ -]\d{6}[ -]\d{5}$/.test(match[0]);
    // Ungrouped numbers of that length are case numbers unless somebody speaks of cards.
    if (!grouped && !isCardHere(lower, match.index, match.index + match[0].length)) continue;
    if (/^[2-6]/.test(digits) && isLuhn(digits)) {
      found.push({ from: match.index, to: match.index + match[0].length, kind: 'card', value: digits });
    }
  }
  return found;
}

/** A card is spoken of nearer than an account is. */
function isCardHere(lower: string, from: number, to: number): boolean {
  // "末尾 1234 のカード", "the card" right behind.
  if (
    /^[\s\d]{0,2}(?:の|of your |on your )?(?:[\p{L}]{0,12} )?(?:card|カード|クレジット|카드|信用卡)/u.test(
      lower.slice(to, to + 30),
    )
  )
    return true;
  const before = lower.slice(Math.max(0, from - 80), from);
  const card = lastMatch(
    before,
    /card|visa|mastercard|amex|american express|discover|jcb|credit|debit|payment method|カード|karte|carte|tarjeta|信用卡|카드/g,
  );
  const account = lastMatch(before, /account|アカウント|konto|compte|cuenta|账户|계정/g);
  if (card >= 0) return card >= account || before.slice(account).includes('card');
  return account < 0 && CARD_WORDS.test(lower.slice(to, to + 40));
}

function lastMatch(text: string, pattern: RegExp): number {
  let last = -1;
  for (const match of text.matchAll(pattern)) last = match.index;
  return last;
}

function isLuhn(digits: string): boolean {
  let sum = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    const doubled = i % 2 === 1 ? digit * 2 : digit;
    sum += doubled > 9 ? doubled - 9 : doubled;
  }
  return sum % 10 === 0;
}
