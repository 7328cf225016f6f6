import { addresseeCandidates } from './addressee.ts';
import { cleanLine } from './cleanText.ts';
import { sha256Hex } from './digest.ts';
import { readFacts } from './facts.ts';
import { factTexts } from './factTexts.ts';
import { foldSpaces, type ReadText } from './foldText.ts';
import { type Pretence, pretenceOf, topicAsks } from './impostor.ts';
import { judgeKind, meets, seeMail } from './judgeKind.ts';
import type { KindBook } from './kindBook.ts';
import { detectLanguage } from './language.ts';
import { mailTime } from './mailTime.ts';
import { listSignature, namedAuthors, ownListsOf } from './ownListCopy.ts';
import { type ParsedMail, parseMail } from './parse.ts';
import { redact } from './redact.ts';
import { isConfirmed, reviewedSender } from './reviewedSender.ts';
import { safeMessageId } from './safeMessageId.ts';
import { sameEvent } from './sameEvent.ts';
import { scanDates } from './scanDates.ts';
import { scanCertificates } from './scanIds.ts';
import { judgeScans } from './scanVerdict.ts';
import { judgeSender } from './sender.ts';
import { readSignals, type Signal } from './signals.ts';
import { readSubject } from './subjectForm.ts';
import { threadKeys } from './threadKeys.ts';
import { atLeast } from './ticket.ts';
import { ticketWording } from './ticketWording.ts';
import { unprovenWording } from './unprovenWording.ts';
import { judgeUrgency } from './urgency.ts';
import type { Arrival, AuthResult, Reason, Review, SenderVerdict, Understanding } from './values.ts';

export type UnderstandInput = {
  raw: Uint8Array;
  auth: AuthResult;
  arrival: Arrival;
  book: KindBook;
  /** What a person said about the mail while it was held. */
  review?: Review | null;
  /** SHA-256 in hex. Web Crypto's by default, which hands each text to another thread: a caller may have a quicker one. */
  hash?: (data: Uint8Array | string) => string | Promise<string>;
};

/**
 * Everything that the rulebook says about one mail by itself: parse, sender, kind, redact, facts, thread keys, wording.
 * Total: any bytes give an Understanding. What it returns is redacted.
 */
export async function understand({
  raw,
  auth,
  arrival,
  book,
  review = null,
  hash = sha256Hex,
}: UnderstandInput): Promise<Understanding> {
  const mail = await parseMail(raw);
  const time = mailTime(mail.fields, arrival);
  const own = ownListsOf(arrival);
  const sender = reviewedSender(judgeSender(mail.fields, auth, book.senders, own), review);
  const form = readSubject(mail.subject);
  const signals = readSignals(mail, form, arrival, sender, book.senders);
  const pretence = isSomebody(sender) ? pretenceOf(mail, signals) : null;
  // Whose people are whose is not known here: whoever is proven is judged where it is (core/settled.ts).
  if (pretence === 'impostor' && !sender.authentic) signals.add('impostor');
  const sight = seeMail(mail, signals, book);
  const { kind, reasons: kindReasons, namedExactly } = judgeKind(sight, sender, sender.address, book);
  const aws = sender.class === 'aws' || sender.class === 'unverifiable';
  const scans = judgeScans(arrival.verdicts, sender);

  const redacted = redact(mail, {
    secretBySender: sender.secretBySender,
    lowered: namedExactly && kind.secret === 'none' && sender.authentic,
    sealed: kind.secret === 'sealed',
  });
  const texts = factTexts(mail);
  const facts = readFacts(texts, redacted, kind, { mailTime: time.at, aws });
  const language = detectLanguage(
    mail.subject,
    mail.text,
    mail.links.map((link) => link.href),
  );
  const judged = judgeUrgency(kind, sight, facts.deadline?.value ?? null, time.at, book);
  // Whoever confirmed it said that somebody must look.
  const low = isConfirmed(sender) && !atLeast(judged.urgency, 'normal');
  const urgency = low ? { ...judged, urgency: 'normal' as const, actionRequired: true } : judged;
  const subject = cleanLine(redacted.subject);
  const certificate = firstCertificate(texts.map((one) => one.text));
  const trusted = sender.authentic || sender.class === 'aws' || sender.class === 'aws_person';
  const clean = (text: string): string => redacted.clean(text);
  // Needed only where a mail has no id of its own that may be believed and shown.
  const needed = !trusted || mail.messageId === null || redacted.level !== 'none';
  const digest = needed ? await hash(raw) : '';
  const safeId = (id: string): string => safeMessageId(id, mail, clean, `sha256.${digest.slice(0, 32)}@derived`);
  const messageId = mail.messageId === null ? null : safeId(mail.messageId);
  const keys = threadKeys({
    facts,
    kind,
    holds: (key) => {
      const when = kind.keyWhen.get(key);
      return when === undefined || meets(sight, when, book) !== null;
    },
    mailTime: time.at,
    tails: [form.tail, ...quotedTails(mail.text)].map(clean),
    address: addresseeCandidates(mail.fields, arrival)[0]?.address ?? null,
    certificate,
    dates: kind.threadKey.some((key) => key.of.includes('window')) ? datesOf(mail, time.at) : [],
    messageId,
    answers: [...mail.inReplyTo, ...[...mail.references].reverse()].slice(0, 30).map(safeId),
    digest,
    trusted,
    human: !aws,
  });
  const worded = ticketWording(kind, language, facts, { subject, from: sender.address, certificate });
  const wording = isConfirmed(sender) ? unprovenWording(worded, language, subject) : worded;
  // Of the text without its secrets: the hash of a known text with a short code would give the code away. Two sealed
  // mails may differ in nothing but the code, so only copies of one mail are the same. One text about two accounts of a
  // customer is no duplicate.
  const content = [
    clean(form.tail),
    ...facts.accountIds.map((one) => one.value),
    redacted.level === 'sealed' ? (messageId ?? digest) : '',
    redacted.text || `${clean(mail.text.slice(0, SEALED_TEXT))} ${mail.text.length}`,
  ].join('\n');
  const reasons: Reason[] = [
    ...mail.reasons,
    time.reason,
    ...sender.reasons,
    ...kindReasons,
    ...urgency.reasons,
    ...scans.reasons,
  ];

  return {
    messageId,
    mailTime: time.at,
    subject,
    from: redacted.from,
    to: redacted.to,
    cc: redacted.cc,
    sender: {
      ...sender,
      displayName: sender.displayName === null ? null : clean(sender.displayName),
      reasons: sender.reasons.map((one) => ({ code: one.code, text: clean(one.text) })),
    },
    kind: kind.kind,
    rule: scans.rule ?? (kind.disposition === 'ticket' ? null : (kind.rule ?? `${kind.disposition}.${kind.kind}`)),
    disposition: scans.rule === null ? kind.disposition : 'quarantine',
    language,
    urgency: urgency.urgency,
    actionRequired: urgency.actionRequired,
    facts,
    secrets: redacted.secrets,
    sealedSummary: redacted.level === 'sealed' ? (wording.sealed ?? SEALED[language === 'ja' ? 'ja' : 'en']) : null,
    // Made of typed facts, cleaned words and safe ids: masking them again would make different keys equal.
    threadKeys: keys,
    sameEvent:
      aws && sender.authentic && redacted.level !== 'sealed' && kind.disposition === 'ticket'
        ? sameEvent(kind, facts, redacted.text, language)
        : null,
    resolves: urgency.resolves,
    automated: signals.has('automated'),
    strangersAsk:
      aws && facts.topicArn !== null && topicAsks(mail, facts.topicArn.value, signals)
        ? 'topic'
        : strangersAsk(pretence, signals, kind),
    text: redacted.text,
    headers: redacted.headers,
    attachments: redacted.attachments,
    listCopyOf: listSignature(mail.fields, auth, own) === null ? null : namedAuthors(mail.fields),
    contentHash: await hash(foldSpaces(content)),
    dedupingId:
      cleanLine(mail.fields.find((field) => field.name === 'x-sm-deduping-id')?.value.slice(0, 200) ?? '') || null,
    ticketSubject: cleanLine(clean(wording.subject), 300),
    ticketBody: clean(wording.body),
    nextSteps: wording.next.map(clean),
    reasons: reasons.map((one) => ({ code: one.code, text: clean(one.text) })),
  };
}

/** Somebody else than AWS, and no other part of Amazon by proof. */
function isSomebody({ class: sort, reasons }: SenderVerdict): boolean {
  return sort === 'other' && reasons.every(({ code }) => code !== 'sender.amazon_not_aws');
}

/**
 * What in a mail of somebody else no stranger may ask: who is one, only the customer's people can tell. Of what needs no
 * ticket anyway only the worst is held.
 */
function strangersAsk(
  pretence: Pretence,
  signals: ReadonlySet<Signal>,
  kind: KindBook['kinds'][number],
): Understanding['strangersAsk'] {
  if (pretence === 'impostor') return 'voice';
  if (pretence === 'keys') return 'keys';
  if (kind.disposition === 'drop' && !signals.has('calendar')) return null;
  if (signals.has('knownService')) return null;
  if (pretence === 'stranger') return 'account';
  if (kind.disposition === 'drop') return null;
  const byLink = signals.has('askedByLink') && signals.has('foreignLink');
  if (byLink && !signals.has('answersMail') && !signals.has('forwarded')) return 'link';
  return pretence;
}

/** Characters of a sealed mail's text that tell it from another one with its Message-ID, which must be masked for that. */
const SEALED_TEXT = 100_000;

/** For a mail that is sealed by its sender or by a code in it, while its kind does not expect secrets. */
const SEALED = {
  en: 'This mail holds a secret and is sealed.',
  ja: 'このメールは機密情報を含むため封印されています。',
};

function firstCertificate(texts: readonly ReadText[]): string | null {
  for (const { plain, signs } of texts) {
    const found = scanCertificates(plain, signs)[0];
    if (found !== undefined) return found.value.slice(-36);
  }
  return null;
}

const QUOTED_SUBJECT = /^\s*(?:subject|件名|제목)\s?[:：]\s*(.{5,300})$/gim;

/** Subjects that the text quotes: a new support case names the subject under which its matter is known elsewhere. */
function quotedTails(text: string): string[] {
  return [...text.slice(0, 20_000).matchAll(QUOTED_SUBJECT)].slice(0, 3).map((match) => readSubject(match[1]!).tail);
}

function datesOf(mail: ParsedMail, near: string): string[] {
  const dates = scanDates(`${mail.subject}\n\n${mail.text.slice(0, 20_000)}`, near).map((one) => one.date);
  return [...new Set(dates)].slice(0, 12);
}
