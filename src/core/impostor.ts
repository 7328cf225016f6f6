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
  WARNS,
} from './demandWords.ts';
import { withoutInvisible } from './invisible.ts';
import type { ParsedMail } from './parse.ts';
import type { Signal } from './signals.ts';
import {
  ABOUT,
  ANNOUNCES,
  BY_NAME,
  DOUBTS,
  FIRST_PERSON,
  INTRODUCED,
  NAME,
  NAMED,
  OURS,
  PROVIDES,
  SIGNED,
  SPEAKS,
  STATE,
  YOURS,
  YOURS_DE,
} from './voiceWords.ts';

/**
 * What the own words of somebody who is not AWS try: `impostor` speaks for AWS and wants something done; `stranger` wants
 * what nobody from outside may ask for (codes, the switching off of a guard), or speaks to the owner of an account as only
 * its provider or its people would. Who may say the latter depends on who the customer's people are.
 */
export type Pretence = 'impostor' | 'stranger' | null;

/** Characters of a mail that are read for this: what somebody wants stands on top. */
const LIMIT = 8000;
const SENTENCES = 120;
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
  // Who warns of lures speaks of what is the reader's, too.
  const meant = lower.filter((sentence) => !WARNS.test(sentence)).join('\n');
  return {
    all,
    wants,
    acts: wants.size > (wants.has('reply') ? 1 : 0),
    grave: wants.has('secret') || wants.has('weaken'),
    threat: THREAT.test(all),
    speaks:
      SPEAKS.test(all) ||
      (PROVIDES.test(all) && YOURS.test(all)) ||
      NAMED.test(shown) ||
      sentences.some((one) => INTRODUCED.test(one)) ||
      isSigned(text),
    state: STATE.test(all),
    yours: YOURS.test(meant) || YOURS_DE.test(shown) || ANNOUNCES.test(all),
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
  const personal = asks || signals.has('answersMail') || BY_NAME.test(own);
  if (said.yours && (said.acts || said.threat || !personal)) return 'stranger';
  if ((named || addressed) && (said.acts || said.threat) && !asks) return 'stranger';
  if ((said.acts || said.threat) && !personal && !FIRST_PERSON.test(lower)) return 'stranger';
  return asks ? null : passedOn(quoted, signals);
}

/** Words of a topic's name that speak to whoever reads it. */
const TOPIC_TELLS =
  /(?<![a-z])(?:verify|confirm|call|contact|your?|pay|refund|log ?in|sign ?in|claim|visit|dot|www|com|http)(?![a-z])/i;
const SECOND_PERSON =
  /(?<![\p{L}])(?:you|your|yours|sie|ihre?|vous|votre|usted|su|tu)(?![\p{L}])|お客様|貴社|고객님|您/u;
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
  if (!alarm && SECOND_PERSON.test(text.toLowerCase())) return true;
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
