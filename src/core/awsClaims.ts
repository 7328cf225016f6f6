import { readAddresses } from './addresses.ts';
import { awsDomainOf, domainOf } from './awsDomain.ts';
import { decodeHeaderText } from './encodedWord.ts';
import { fieldsNamed, firstField, type HeaderField } from './fields.ts';
import { withoutInvisible } from './invisible.ts';
import { lookalike } from './lookalike.ts';
import type { SenderRules } from './senderRules.ts';
import { skeleton } from './skeleton.ts';
import type { Address, Reason } from './values.ts';

/**
 * What in the header of a mail says "I come from AWS", whether true or not. People write about AWS all day: a word in
 * the subject, a forwarded mail, an answer to one, an address like aws-root@customer.example claim nothing.
 */
export function awsClaims(fields: readonly HeaderField[], from: readonly Address[], rules: SenderRules): Reason[] {
  const claims: Reason[] = [];
  const say = (code: string, text: string) => claims.push({ code: `claim.${code}`, text });
  for (const { address, name } of from) {
    const domain = domainOf(address);
    if (awsDomainOf(domain, rules)) say('address', 'Its From address is in a domain of AWS.');
    const why = lookalike(domain, rules);
    if (why) say('lookalike', `Its From domain ${why}.`);
    if (nameClaims(name, rules)) say('name', 'Its display name is one that AWS uses.');
  }
  for (const name of ['reply-to', 'sender', 'x-original-from', 'x-original-sender', 'resent-from']) {
    if (readAddresses(fieldsNamed(fields, name)).some((one) => isAwsAddress(one.address, rules))) {
      say('other_field', `Its ${name} field names an address of AWS.`);
      break;
    }
  }
  if (rules.claims.headers.some((name) => firstField(fields, name) !== null)) {
    say('header', 'It carries header fields that AWS writes.');
  }
  if (subjectClaims(fields, rules))
    say('subject', 'Its subject has the form of AWS mail and is neither an answer nor forwarded.');
  return claims;
}

function isAwsAddress(address: string, rules: SenderRules): boolean {
  return awsDomainOf(domainOf(address), rules) !== null;
}

/** Words of names that AWS (or somebody in its place) signs with. */
const NAME_WORDS = new Set(
  'abuse account accounts alert alerts amazon and app apps aws billing budgets care center centre cloud com compliance console cost customer department desk do email emea europe finance free health help helpdesk identity inc info inventory invoice invoices invoicing japan kk legal limited llc login ltd mail marketplace message messages no not notice notices notification notifications noreply of online operations partner payment payments platform portal receivables recovery registrar reply risk safety sarl secure security service services sign signin sso status support team the tier training certification certifications education academy marketing newsletter summit trust update updates us verification verify web アカウント ウェブ ウェブサービス お知らせ お客様 お客様センター お客様サポート カスタマーサービス カスタマーサポート コンソール サービス サポート サポートセンター サポートチーム ジャパン セキュリティ セキュリティセンター セキュリティチーム センター チーム ビリング 事務局 請求 請求担当 通知 運営 客服 安全 支持 账单 고객지원 고객센터 보안 지원 청구 팀'.split(
    ' ',
  ),
);
/** Names that customers give their own people ("AWS Team", "AWS Root"); with an address of AWS they are judged by that. */
const OWN_NAMES = new Set(
  'account accounts admin admins aws cloud contact group list master operations ops org owner payer root team the アカウント クラウド チーム 管理 管理者 担当 担当者 運用'.split(
    ' ',
  ),
);
const FULL_NAMES = [
  'amazon web services',
  'amazon aws',
  'aws amazon',
  'アマゾン ウェブ サービス',
  'アマゾンウェブサービス',
  'amazonウェブサービス',
  'amazon ウェブ サービス',
  'amazon ウェブサービス',
  '亚马逊云科技',
  '亚马逊网络服务',
  '아마존 웹 서비스',
  '아마존웹서비스',
];

const EAST_ASIAN_OR_NOT =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]+|[^\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}ー]+/gu;

/** Whether a display name says that AWS (or Amazon) itself is writing. */
export function nameClaims(name: string, rules: SenderRules): boolean {
  const plain = withoutInvisible(name).normalize('NFKC').toLowerCase();
  for (const word of plain.split(/[\s<>"'()[\],;:]+/)) {
    const domain = word.includes('@') ? domainOf(word) : word;
    if (domain.includes('.') && (awsDomainOf(domain, rules) || lookalike(domain, rules))) return true;
  }
  // Japanese and Chinese put no blank between a Latin name and their own words.
  const words = (plain.match(/[\p{L}\p{N}]+/gu) ?? []).flatMap((word) => word.match(EAST_ASIAN_OR_NOT) ?? []);
  const shapes = words.map(nameWord);
  const shape = shapes.join(' ');
  if (FULL_NAMES.some((full) => shape.startsWith(full) || plain.replace(/^[^\p{L}]+/u, '').startsWith(full)))
    return true;
  if (!shapes.includes('aws') && !shapes.includes('amazon') && !shapes.includes('amazonaws')) return false;
  // "AWS Team 2" is a name that customers give; the number of an account beside it speaks for AWS.
  const plainShapes = shapes.filter((word) => !/^\d{1,11}$/.test(word));
  if (plainShapes.every((word) => OWN_NAMES.has(word)) && plainShapes.length > 1) return false;
  return shapes.every((word) => NAME_WORDS.has(word) || word === 'amazonaws' || /^\d+$/.test(word));
}

/** A word of a name with swapped letters undone: `1` stands for l and for i. Words that are none of ours stay apart. */
function nameWord(word: string): string {
  if (NAME_WORDS.has(word) || OWN_NAMES.has(word) || /^\d+$/.test(word)) return word;
  const asI = skeleton(word.replaceAll('1', 'i'));
  return NAME_WORDS.has(asI) ? asI : skeleton(word);
}

const ANSWERED_OR_FORWARDED =
  /^\s*(re|aw|antw|sv|vs|ref|fwd?|wg|tr|rv|i|enc|転送|返信|回复|转发|答复)\s*(\[\d+\])?\s*[:：]/i;

function subjectClaims(fields: readonly HeaderField[], rules: SenderRules): boolean {
  const field = firstField(fields, 'subject');
  if (!field || firstField(fields, 'in-reply-to') || firstField(fields, 'references')) return false;
  const subject = withoutInvisible(decodeHeaderText(field.bytes))
    .normalize('NFKC')
    .toLowerCase()
    .replace(/\s+/g, ' ')
    .trim();
  // AWS's own case mail starts with "RE:[CASE", without the blank that mail programs put there.
  if (ANSWERED_OR_FORWARDED.test(subject) && !subject.startsWith('re:[case ')) return false;
  return rules.claims.subjects.some((form) => subject.startsWith(form));
}
