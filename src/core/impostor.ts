import {
  CALL,
  FAVOUR,
  HUSH,
  LOOK,
  NEW_BANK,
  OFFICE,
  PAPER,
  PAYMENT,
  UNDO_PAYMENT,
  WANTS_MONEY,
  WANTS_SIGN_IN,
} from './controlWords.ts';
import { MACHINE } from './demandWords.ts';
import { fold, hear, LIMIT, parted } from './heard.ts';
import { domainOf } from './mailAddress.ts';
import type { ParsedMail } from './parse.ts';
import { SHARED } from './sharedDomains.ts';
import type { Signal } from './signals.ts';
import { ABOUT, BY_NAME, DOUBTS, FIRST_PERSON, NAME } from './voiceWords.ts';

/**
 * What the own words of somebody who is not AWS try: `impostor` speaks for AWS and wants something done; `keys` wants what
 * opens or guards an account (codes, the switching off of MFA); `stranger` wants something else that nobody from outside
 * may ask for, or speaks to the owner of an account as only its provider or its people would; `wish` wants anything at all,
 * which counts only against whoever borrows a name. Who may say so depends on who the customer's people are.
 */
export type Pretence = 'impostor' | 'keys' | 'stranger' | 'wish' | null;

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
  const about = named || addressed || ABOUT.test(lower);
  const said = hear(own, mail.attachments.length);
  const doubts = DOUBTS.test(lower);
  // A root mailbox has no codes but those of its account: whoever is to be sent one need not name AWS.
  if (!doubts && (said.keys || (about && said.control))) {
    return said.speaks || named || (said.yours && said.threat) ? 'impostor' : 'keys';
  }
  if (!doubts && trickOf(mail, own, said, signals, about)) return 'stranger';
  const wish = said.wants.size > 0 || signals.has('askedByLink') || signals.has('foreignLink') ? 'wish' : null;
  if (!about) return asks ? wish : (passedOn(quoted, signals) ?? wish);
  if (said.wants.has('machine') || side.some(({ text }) => MACHINE.test(text.toLowerCase()))) return 'impostor';
  if (doubts) return null;
  const leads = signals.has('foreignLink') && !signals.has('bulk') && !asks;
  if (said.speaks && (said.acts || said.threat || leads)) return 'impostor';
  if (said.ours) return wish;
  if (said.yours && named && (said.wants.size > 0 || said.threat)) return 'impostor';
  if (said.state && said.threat && (said.wants.size > 0 || signals.has('askedByLink'))) return 'impostor';
  if (said.yours && said.grave && said.threat) return 'impostor';
  const personal = asks || signals.has('answersMail') || BY_NAME.test(own);
  if (said.yours && (said.acts || said.threat || !personal)) return 'stranger';
  if ((named || addressed) && (said.acts || said.threat) && !asks) return 'stranger';
  if ((said.acts || said.threat) && !personal && !FIRST_PERSON.test(lower)) return 'stranger';
  return asks ? wish : (passedOn(quoted, signals) ?? wish);
}

/** Ways to deceive that work without AWS: other bank details, secrecy, a call about a payment, a paper behind a link, a desk at a free address. */
function trickOf(
  mail: ParsedMail,
  own: string,
  said: ReturnType<typeof hear>,
  signals: ReadonlySet<Signal>,
  about: boolean,
): boolean {
  if (NEW_BANK.test(said.all)) return true;
  const free = SHARED.has(domainOf((mail.from?.address ?? '').toLowerCase()));
  if ((about || free) && HUSH.test(said.all) && FAVOUR.test(said.all)) return true;
  if (signals.has('phoneNumber') && PAYMENT.test(said.all) && UNDO_PAYMENT.test(said.all) && CALL.test(said.all)) {
    if (!FIRST_PERSON.test(said.all.replace(/(?<![\p{L}])(?:we|our|us)(?![\p{L}])/gu, ''))) return true;
  }
  if (signals.has('foreignLink') && WANTS_SIGN_IN.test(said.all)) return true;
  if (!about) return false;
  if (said.threat && !said.ours && WANTS_MONEY.test(said.all)) return true;
  if (free && (said.acts || said.threat || FAVOUR.test(said.all)) && OFFICE.test(placeOf(mail, own))) return true;
  if (!signals.has('foreignLink') || FIRST_PERSON.test(said.all) || !PAPER.test(said.all)) return false;
  return mail.links.slice(0, 20).some(({ label }) => LOOK.test(label.slice(0, 80))) || LEADS_TO.test(said.all);
}

/** "Review the document: https://…" */
const LEADS_TO =
  /(?<![\p{L}])(?:review|view|see|read|download|open|complete|access|listen|retrieve|preview|release)(?![\p{L}])[\s\S]{0,80}?https?:\/\//u;

/** Where somebody says who he is: his name, and the last lines of his text. */
function placeOf(mail: ParsedMail, own: string): string {
  const lines = own.trimEnd().toLowerCase().split('\n');
  const under = lines
    .slice(1)
    .slice(-5)
    .filter((line) => line.length < 60);
  return [fold(mail.from?.name ?? '').toLowerCase(), ...under].join('\n');
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
