import type { Shadow } from './shadowText.ts';

/** Words beside which a number is a one-time code, in the languages that AWS and its customers write. */

const SORTS =
  'verification|verify|security|confirmation|confirm|one[- ]?time|single[- ]?use|temporary|access|log[- ]?in|sign[- ]?in|sign[- ]?up|authentication|authenticator|authorization|auth|activation|validation|recovery|back-?up|reset|mfa|2fa|two[- ]factor|two[- ]step|device|magic|unlock|registration|e-?mail|sms|six[- ]digit|\\d[- ]digit|secret|pairing|approval|challenge';

/** Phrases that name a one-time code for sure: numbers around them belong to them. */
const STRONG = new RegExp(
  [
    `\\b(?:${SORTS})[\\s-]+(?:code|codes|pin|passcode)\\b`,
    '\\b(?:verification|authentication|one[- ]?time)[\\s-]+number\\b',
    '\\b(?:verification|security|confirmation|one[- ]?time|authentication|reset)[\\s-]+token\\b',
    '\\b(?:one[- ]?time|single[- ]?use)[\\s-]+pass(?:word|code)?\\b',
    '\\b(?:otp|totp|passcode|pass code|pin code|pincode)s?\\b',
    '(?:確認|検証|認証|セキュリティ|ワンタイム|アクセス|ログイン|サインイン|本人確認|リカバリ|パス|桁の)[\\s・]*(?:コード|番号|パスワード)|暗証番号',
    '验证码|驗證碼|校验码|校驗碼|动态密码|動態密碼|安全码|安全碼|安全代码|一次性密码|一次性密碼|确认码|確認碼|驗證代碼|验证代码|认证码',
    '(?:인증|확인|보안|검증|일회용|로그인)\\s*(?:코드|번호|비밀번호)',
    '(?:bestätigungs|sicherheits|verifizierungs|einmal|prüf|zugangs|freischalt|anmelde|aktivierungs)[- ]?(?:code|kennwort|passwort|pin|tan)',
    "\\bcode (?:de |d'|à |d’)(?:vérification|sécurité|confirmation|usage unique|accès|validation|connexion)",
    'c[oó]digo de (?:verificaci|verificaç|seguridad|segurança|confirmaci|confirmaç|acceso|acesso|un solo uso)|contraseña de un solo uso|senha de uso único',
    'codice (?:di (?:verifica|sicurezza|conferma|accesso)|temporaneo|monouso)',
    'код (?:подтверждения|проверки|безопасности|доступа)|проверочный код|одноразовый (?:пароль|код)',
    '(?:verificatie|beveiligings|toegangs)code|verifieringskod|verifikasjonskode|kod weryfikacyjny|doğrulama kodu',
  ].join('|'),
  'gu',
);

/** Words that may name one, or a piece of software: a number counts only next to them or alone on its line. */
const SOFT = new RegExp(
  [
    '\\b(?:your|the|this|following|enter|type|use|with|ihr|votre|su|tu|il tuo|seu|uw)(?: [\\p{L}-]+){0,2} (?:code|pin|código|codice)\\b',
    '\\b(?:code|pin|código|codice)s?\\b(?= ?(?:is|es|è|é|ist|lautet|below|[:：=]))',
    '\\b(?:use|enter|type) (?=\\d[\\d -]{2,10}\\d (?:to|as|for)\\b)',
    'コード(?=[はをが：:\\s])|код(?=[: ])|代码(?=[：:是为])|코드(?=[는:：])',
  ].join('|'),
  'gu',
);

/** "error code 10060", "ZIP code 98109", "promo code": codes that are no secret. */
const HARMLESS =
  /(?:error|errors|exit|status|zip|postal|post|country|area|region|event|type|reason|response|result|return|product|promo|promotion|promotional|discount|coupon|voucher|source|http|https|currency|swift|sort|bar|qr|dial|airport|colou?r|language|charset|cost|tax|vat|usage|industry|machine|byte|open|lambda|application|legacy|sample|example|runtime|function|エラー|郵便|国|地域|错误|邮政|오류)[\s-]*(?:code|pin|コード|代码|코드)s?$/u;

const MAX_PLACES = 400;

export type CodeWord = { from: number; to: number; strong: boolean };

/** Where code words stand: [from, to) of the shadow. */
export function codeWordsIn({ lower, signs }: Shadow): CodeWord[] {
  if (!signs.has('code')) return [];
  const found: CodeWord[] = [];
  for (const pattern of [STRONG, SOFT]) {
    for (const match of lower.matchAll(pattern)) {
      if (found.length >= MAX_PLACES) return found;
      const to = match.index + match[0].length;
      if (pattern === SOFT && HARMLESS.test(lower.slice(Math.max(0, to - 30), to))) continue;
      found.push({ from: match.index, to, strong: pattern === STRONG });
    }
  }
  return found;
}
