import {
  DEMANDS,
  type DemandName,
  FILE_ACT,
  HAND_IT,
  MACHINE,
  REPLY,
  SECRET_NAMED,
  THREAT,
  TOLD_NOT,
} from './demandWords.ts';
import { withoutInvisible } from './invisible.ts';
import type { ParsedMail } from './parse.ts';
import type { Signal } from './signals.ts';

/**
 * What the own words of somebody who is not AWS try: `impostor` speaks for AWS and wants something done; `stranger` wants
 * what nobody from outside may ask for (codes, the switching off of a guard), or speaks to the owner of an account as only
 * its provider or its people would. Who may say the latter depends on who the customer's people are.
 */
export type Pretence = 'impostor' | 'stranger' | null;

/** Characters of a mail that are read for this: what somebody wants stands on top. */
const LIMIT = 8000;
const SENTENCES = 120;
const AWS =
  '(?:aws|amazon web services|amazon aws|amazon cloud|アマゾン ?ウェブ ?サービス|amazon ?ウェブ ?サービス|아마존 ?웹 ?서비스|亚马逊云(?:科技)?|亞馬遜)';
const TEAM =
  'team|support|desk|help ?desk|department|dept|center|centre|office|security|billing|service|services|compliance|operations|accounts?|customer|care|trust|safety|abuse|fraud|escalations?|recovery|payments?|finance|premium|cloud|identity|verification|risk|kundendienst|kundenservice|sicherheit';
const TEAMS_EAST =
  'サポート|セキュリティ|カスタマー|お客様|請求|アカウント管理|運営|管理|チーム|センター|担当|事務局|窓口|部門|サービス|ジャパン';
const END = '(?=\\s*(?:[.,;:!–-]|$|here|and |speaking|writing|calling|\\(|\\n))';
const any = (...sources: string[]) => new RegExp(sources.join('|'), 'u');

/** Somebody says that he is AWS. In lower case. */
const SPEAKS = any(
  `(?<![\\p{L}])(?:this is|here is|hier ist|ici|soy|somos|we are|we're) (?:the |your |das |der |l'équipe |el equipo de )?${AWS}(?:[ -](?:${TEAM})){1,4}${END}`,
  `(?<![\\p{L}])we,? (?:here )?(?:at|from|of) (?:the )?${AWS}(?![\\p{L}])`,
  `(?<![\\p{L}])(?:calling|writing|contacting you|reaching out|acting) (?:to you )?(?:from|on behalf of|for|in the name of) (?:the )?${AWS}(?![\\p{L}])`,
  `(?<![\\p{L}])on behalf of (?:the )?${AWS}(?![\\p{L}])`,
  `(?<![\\p{L}])(?:i am|i'm) (?:with|from|at) (?:the )?${AWS}(?:[ -](?:&|and|${TEAM})){1,5}${END}`,
  `(?<![\\p{L}])i work (?:at|for) ${AWS}(?:[ -](?:${TEAM})){0,4}${END}`,
  `(?<![\\p{L}])from ${AWS}(?:[ -](?:${TEAM})){0,4} here(?![\\p{L}])`,
  `(?<![\\p{L}])(?:dear|hello|hi|attention|valued|geehrte[rns]?|liebe[rs]?|chère?|estimad[oa]|prezad[oa]|gentile) (?:valued |esteemed )?(?:${AWS}|amazon)[- ]?(?:[^\\s-]{1,20}[- ]){0,2}?(?:customers?|users?|clients?|account (?:holder|owner)|root user|kund|nutzer|client|utilisateur|usuari)(?! (?:support|service|care|success))`,
  `thank(?:s| you) for (?:using|choosing|being)(?: \\S{1,20}){0,2} ${AWS}`,
  `greetings from ${AWS}`,
  `(?:your|ihr|votre|l'équipe|el equipo de|la squadra|a equipe da) ${AWS}[ -](?:team|support)`,
  `(?:vielen dank|danke), dass sie ${AWS}|merci d'utiliser ${AWS}|gracias por (?:usar|utilizar|elegir) ${AWS}`,
  `${AWS}[ の・]{0,2}(?:(?:${TEAMS_EAST})[の・]?){1,4}(?:[^。、\\n]{0,8})?(?:です|と申します|でございます)(?!か)`,
  `${AWS}[ の・]{0,2}(?:(?:${TEAMS_EAST})[の・]?){0,4}(?:より(?:重要な)?(?:お知らせ|ご連絡|ご案内)|からの(?:重要な)?お知らせ(?:です|$))`,
  `${AWS} ?(?:を|の)?ご?利用(?:いただき|頂き|の(?:お客様|皆様)|中の(?:お客様|皆様)|いただいている(?:お客様|皆様))`,
  `${AWS} ?(?:고객 ?(?:센터|지원)|보안 ?팀|지원 ?팀|청구 ?팀)(?:입니다|에서)|${AWS}(?:를|을) 이용해 ?주셔서`,
  `(?:我们是|这里是|我是)${AWS}|感谢您?使用${AWS}|尊敬的${AWS}`,
);
/** "My name is Ann Lee from AWS Support": names have capitals. */
const NAMED =
  /(?:This is|I am|I'm|My name is|It's|Here is|Hier ist|Je suis|Soy) (?:[A-Z][\p{L}.'-]+,? ){1,3}(?:from|at|with|of|von|de|del) (?:the )?(?:AWS|Amazon Web Services)(?![\p{L}])|(?<![\p{L}])[A-Z][\p{L}]+ (?:from|von|de) AWS here/u;
/** A line of its own under a letter. */
const SIGNED = new RegExp(
  `^[\\s>*–-]{0,4}(?:the |your |ihr |l'équipe |el equipo de )?(?:amazon web services(?:[, ]+inc\\.?|[ -](?:${TEAM}|japan|emea|europe)){0,4}|aws(?:[ -](?:${TEAM})){1,4}|アマゾン ?ウェブ ?サービス\\S{0,12}|aws ?(?:${TEAMS_EAST})\\S{0,8}|aws (?:고객|보안|지원)\\S{0,6})[\\s.]{0,3}$`,
  'u',
);
/** The account is the reader's. */
const YOURS = any(
  `(?<![\\p{L}])your (?:\\S{1,20} ){0,4}?(?:${AWS}|amazon|root|accounts?(?! (?:team|manager|exec|rep))|access|services?|instances?|resources|subscription|payment|invoice|credentials|console|infrastructure|cloud)(?![\\p{L}])`,
  `(?<![\\p{L}])(?:${AWS}|root|console|account|services?) (?:\\S{1,20} ){0,2}?of your`,
  'お客様の|貴社の|御社の|ご利用の|ご利用中の|のご利用を|고객님|귀하|귀사|您的|貴戶|您嘅',
  '(?<![\\p{L}])(?:votre|vos) (?:\\S{1,20} ){0,2}?(?:compte|accès|services|facture|console)|(?<![\\p{L}])(?:su|tu|sus|sua|suo|tuo|vostro) (?:\\S{1,20} ){0,2}?(?:cuenta|acceso|conta|account|factura|fatura)',
);
/** German tells "your" from "their" by a capital. */
const YOURS_DE =
  /(?<![\p{L}])Ihr(?:e[nmrs]?)? (?:\S{1,20} ){0,2}?(?:AWS|Konto|Kontos|Root|Zugang|Dienste|Rechnung|Account)/u;
/** The account is the writer's: nobody says so who speaks for its provider. */
const OURS = any(
  `(?<![\\p{L}])(?:our|my) (?:\\S{1,20} ){0,3}?(?:${AWS}|amazon|root|accounts?|console|instances?|card|site|website|bill|invoice|predecessor|company|boss|colleague)(?![\\p{L}])`,
  '弊社の|当社の|うちの|私の|自社|저희|우리 ?(?:회사|계정)|我们的|我的',
  `(?<![\\p{L}])(?:unser(?:e[nmrs]?)?|mein(?:e[nmrs]?)?|notre|mon|nuestr[ao]|mi|nossa|nostr[oa]) (?:\\S{1,20} ){0,2}?(?:${AWS}|konto|root|compte|cuenta|conta|account|rechnung|facture|factura)`,
);
const ABOUT = any(
  `(?<![\\p{L}])(?:${AWS}|amazon|root(?: user| account| password| e-?mail)?|iam|cloud account|クラウド|ルート)(?![\\p{L}])`,
  'アマゾン|aws|ルートユーザー|아마존|亚马逊',
);
/** Somebody asks whether a mail that he got is what it says. */
const DOUBTS = any(
  '(?<![\\p{L}])(?:real|genuine|legit(?:imate)?|scam|phish(?:ing)?|fake|spam|suspicious|hoax|strange|trust(?:worthy)?|echt|betrug|fälschung|arnaque|hameçonnage|estafa|falso)(?![\\p{L}])[^.!\\n]{0,80}\\?',
  '本物|詐欺|フィッシング|怪しい|なりすまし|진짜|사기|피싱|真的吗|诈骗',
);

/** Somebody did something to the reader's account, or will: only its provider does. */
const PROVIDES = any(
  `(?<![\\p{L}])we (?:\\S{1,20} ){0,3}?(?:suspend|limit|restrict|block|clos|terminat|deactivat|lock|fr[eo]ze|disabl|put|plac)\\S{0,6} (?:\\S{1,20} ){0,3}?your`,
  '(?:停止|制限|凍結|閉鎖|解約|削除)(?:を)?(?:いたしました|いたします|させていただ|致します)',
);
/** What is said of the state of the reader's account. */
const STATE = new RegExp(
  `(?<![\\p{L}])your (?:\\S{1,20} ){0,2}?(?:${AWS}|root|account(?! (?:team|manager|exec|rep))|access|services?)(?: \\S{1,20}){0,2}? (?:needs?|requires?|has been|have been|was|were|is|are|will|could not|cannot|must)(?![\\p{L}])`,
  'u',
);
/** AWS is told of as one who wants something of everybody. */
const ANNOUNCES = new RegExp(
  `${AWS} (?:now |will |has |have |must |may |hereby |security |support )*(?:requires?|needs?|asks?|requests?|introduces?|demands?|expects?|obliges?)[^]{0,40}?(?:all|every|each|its) (?:\\S{1,20} )?(?:customers?|users?|accounts?|account holders|owners?|clients?)`,
  'u',
);
const NAME = new RegExp(`(?<![\\p{L}])${AWS}(?![\\p{L}])`, 'u');
const QUOTE_BEGINS =
  /^(?:-{3,}\s?(?:original message|forwarded message|元のメッセージ|転送メッセージ|weitergeleitete nachricht|원본 메시지|原始邮件)|begin forwarded message:|_{10,}\n\s*from:|(?:from|von|差出人|de): .{3,200}\n(?:sent|date|gesendet|送信日時|日時|envoyé|to|an|subject|件名): )/imu;

/** What a sender wrote himself, and what he passes on or answers; both as in the mail. */
function parted(text: string): { own: string; quoted: string } {
  const at = text.search(QUOTE_BEGINS);
  const own = at < 0 ? text : text.slice(0, at);
  return { own: own.replace(/^>.*$/gm, ''), quoted: at < 0 ? '' : text.slice(at) };
}

/** Sentences without what stands between quotation marks: that is somebody else's. */
function sentencesOf(text: string): string[] {
  return text
    .replace(/["“«「『][^"”»」』\n]{0,300}["”»」』]/g, ' ')
    .split(/[.!?]+(?=\s|$)|(?<=[。！？])|\n\s*\n+/u)
    .map((one) => one.replace(/\s+/g, ' ').trim())
    .filter((one) => one !== '')
    .slice(0, SENTENCES);
}

/** How a text speaks and what it wants. */
function hear(text: string, attachments: number) {
  const sentences = sentencesOf(text);
  const lower = sentences.map((one) => one.toLowerCase());
  const all = lower.join('\n');
  const wants = new Set<DemandName>();
  for (const sentence of lower) {
    if (attachments > 0 && FILE_ACT.test(sentence)) wants.add('file');
    if (MACHINE.test(sentence)) wants.add('machine');
    if (TOLD_NOT.test(sentence)) continue;
    for (const [name, pattern] of Object.entries(DEMANDS)) if (pattern.test(sentence)) wants.add(name as DemandName);
    if (REPLY.test(sentence)) wants.add('reply');
    if (HAND_IT.test(sentence) && SECRET_NAMED.test(all)) wants.add('secret');
  }
  const shown = sentences.join('\n');
  return {
    all,
    wants,
    acts: wants.size > (wants.has('reply') ? 1 : 0),
    grave: wants.has('secret') || wants.has('weaken'),
    threat: THREAT.test(all),
    speaks: SPEAKS.test(all) || (PROVIDES.test(all) && YOURS.test(all)) || NAMED.test(shown) || isSigned(text),
    state: STATE.test(all),
    yours: YOURS.test(all) || YOURS_DE.test(shown) || ANNOUNCES.test(all),
    ours: OURS.test(all),
  };
}

/**
 * Judges the words of a mail whose sender is nobody's by proof but his own. `signals`: how the mail is built. Nothing of
 * it needs a link or a number. Total; reads the first 8,000 characters.
 */
export function pretenceOf(mail: ParsedMail, signals: ReadonlySet<Signal>): Pretence {
  if (['deliveryReport', 'cron', 'digest', 'ownLoop'].some((one) => signals.has(one as Signal))) return null;
  const side = mail.side.map(({ where, text }) => ({ where, text: fold(text.slice(0, LIMIT)) }));
  const calendar = side.filter(({ where }) => where === 'calendar').map(({ text }) => text.slice(0, LIMIT / 4));
  const { own, quoted } = parted(fold(`${mail.subject}\n\n${mail.text.slice(0, LIMIT)}\n\n${calendar.join('\n')}`));
  const named = NAME.test(fold(mail.from?.name ?? '').toLowerCase());
  const asks = own.includes('?') || own.includes('か。');
  const lower = own.toLowerCase();
  const addressed = NAME.test((mail.from?.address ?? '').toLowerCase());
  if (!named && !addressed && !ABOUT.test(lower)) return asks ? null : passedOn(quoted, signals);
  const said = hear(own, mail.attachments.length);
  if (said.wants.has('machine') || side.some(({ text }) => MACHINE.test(text.toLowerCase()))) return 'impostor';
  if (DOUBTS.test(lower)) return null;
  if (said.wants.has('contact') && said.wants.has('secret')) return 'stranger';
  if (said.ours) return null;
  if (said.speaks && (said.acts || said.threat)) return 'impostor';
  if (said.yours && named && (said.wants.size > 0 || said.threat)) return 'impostor';
  if (said.state && said.threat && (said.wants.size > 0 || signals.has('askedByLink'))) return 'impostor';
  if (said.yours && said.grave && said.threat) return 'impostor';
  if (said.yours && (said.grave || said.wants.has('grant') || said.wants.has('run'))) return 'stranger';
  if (said.yours && said.wants.size > 0 && (said.threat || (addressed && said.acts))) return 'stranger';
  return asks ? null : passedOn(quoted, signals);
}

/** Words of a topic's name that speak to whoever reads it. */
const TOPIC_TELLS =
  /(?<![a-z])(?:verify|confirm|call|contact|your?|pay|refund|log ?in|sign ?in|claim|visit|dot|www|com|http)(?![a-z])/i;
/** The lines under every message of a topic. */
const TOPIC_FOOTER = /^--\n[\s\S]{0,40}if you wish to stop receiving notifications/imu;

/**
 * Whether what an SNS topic sent wants something of its reader: AWS signs it, and its text and the name of the topic are
 * the topic owner's. It leads away by a link or a number, and asks, threatens or wants an answer. Whose topic it is decides
 * whether it may.
 */
export function topicAsks(mail: ParsedMail, topicArn: string, signals: ReadonlySet<Signal>): boolean {
  const topic = topicArn.slice(topicArn.lastIndexOf(':') + 1).replace(/[-_]+/g, ' ');
  if (hear(topic, 0).threat && TOPIC_TELLS.test(topic)) return true;
  const alarm = /^\s*(?:alarm|ok|insufficient_data): "/i.test(mail.subject);
  if (signals.has('phoneNumber') && !alarm) return true;
  if (!signals.has('phoneNumber') && !signals.has('foreignLink')) return false;
  const text = fold(mail.text.slice(0, LIMIT)).split(TOPIC_FOOTER)[0]!;
  const said = hear(`${fold(mail.subject)}\n\n${text}`, 0);
  return said.acts || said.threat || said.wants.has('reply');
}

/** A lure that somebody claims to pass on: it wants a secret, or leads away from AWS while it speaks of the reader's account. */
function passedOn(quoted: string, signals: ReadonlySet<Signal>): Pretence {
  if (quoted === '' || !signals.has('forwarded')) return null;
  const told = hear(quoted, 0);
  if (!ABOUT.test(told.all) || !told.yours) return null;
  const leads = signals.has('askedByLink') && signals.has('foreignLink');
  return leads || (told.grave && told.threat) ? 'stranger' : null;
}

/** Whether one of the last lines is the name of AWS or of a desk of it, and nothing else. */
function isSigned(text: string): boolean {
  const lines = text
    .toLowerCase()
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines
    .slice(1)
    .slice(-4)
    .some((line) => line.length < 80 && SIGNED.test(line));
}

function fold(text: string): string {
  return withoutInvisible(text)
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201b\u2032]/g, "'")
    .replace(/\r\n?/g, '\n');
}
