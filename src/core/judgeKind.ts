import { foldPhrase } from './foldText.ts';
import type { CompiledCondition, Kind, KindBook } from './kindBook.ts';
import type { ParsedMail } from './parse.ts';
import { isNotChecked } from './sender.ts';
import type { Signal } from './signals.ts';
import type { Reason, SenderVerdict } from './values.ts';

/** Where the phrases of all kinds were found in one mail, and how the mail is built. */
export type Sight = { hits: Map<string, Uint8Array>; signals: ReadonlySet<Signal> };

/** Characters of text that phrases are looked for in: beyond it stand quoted threads and logs. */
const TEXT_LIMIT = 120_000;
const LINK_LIMIT = 200;
/** More points that a kind needs from an AWS sender that its file does not name. */
const STRANGER_POINTS = 4;
/** More points that it needs where a phrase counts that stands in the other place than its file says. */
const ELSEWHERE_POINTS = 1;
/** What each thing that a kind cannot be without counts there: together they say what a mail is about in any words. */
const MUST_POINTS = 2;

/** Looks for all phrases of the book, once over each place of the mail. */
export function seeMail(mail: ParsedMail, signals: ReadonlySet<Signal>, book: KindBook): Sight {
  const hits = new Map<string, Uint8Array>();
  const look = (place: string, text: string): void => {
    if (text === '') return;
    const found = hits.get(place) ?? new Uint8Array(book.phrases.count);
    // A few characters unfold to eighteen.
    book.phrases.mark(foldPhrase(text).slice(0, TEXT_LIMIT), found);
    hits.set(place, found);
  };
  look('subject', mail.subject);
  look('body', mail.text.slice(0, TEXT_LIMIT));
  look(
    'link',
    mail.links
      .slice(0, LINK_LIMIT)
      .map((link) => link.href.slice(0, 2000))
      .join('\n'),
  );
  look('attachment', mail.attachments.map((one) => one.name).join('\n'));
  look('name', mail.from?.name ?? '');
  look('from', mail.from?.address ?? '');
  look('type', mail.types.join('\n'));
  for (const name of book.headerNames) {
    look(
      `header:${name}`,
      mail.fields
        .filter((field) => field.name === name)
        .map((field) => field.value.slice(0, 2000))
        .join('\n'),
    );
  }
  return { hits, signals };
}

/** The phrase or signal that meets the condition; null when none does. */
export function meets(sight: Sight, condition: CompiledCondition, book: KindBook): string | null {
  for (const signal of condition.signals) if (sight.signals.has(signal)) return signal;
  for (const { place, ids } of condition.places) {
    for (const where of place === 'text' ? ['subject', 'body'] : [place]) {
      const hits = sight.hits.get(where);
      if (hits === undefined) continue;
      for (const id of ids) if (hits[id] === 1) return `${where}: ${book.phraseTexts[id]!}`;
    }
  }
  return null;
}

export type KindVerdict = { kind: Kind; reasons: Reason[]; namedExactly: boolean };

/**
 * The kind with the most points among those that its sender's class allows. An AWS sender that no list names is never
 * given a kind by its words: it becomes `aws.other`, for a person to look at.
 */
export function judgeKind(sight: Sight, verdict: SenderVerdict, from: string | null, book: KindBook): KindVerdict {
  const address = from?.toLowerCase() ?? '';
  // What could not be checked is no forgery for that: it is read as what it says it is, and held all the same.
  const senderClass = verdict.class === 'unverifiable' || isNotChecked(verdict) ? 'aws' : verdict.class;
  const named = book.listedSenders.has(address) || book.kinds.some((kind) => kind.senders.has(address));
  // Mail of a machine at amazon.com that no shop kind claims is no customer's: a person looks at it.
  const amazon = verdict.authentic && verdict.reasons.some((reason) => reason.code === 'sender.amazon_not_aws');
  const fallbackName = senderClass === 'aws' || amazon ? 'aws.other' : 'nonaws.customer_human';
  let best: Scored | null = null;
  if (senderClass !== 'aws' || named) {
    for (const kind of book.kinds) {
      if (kind.fallback || !kind.classes.includes(senderClass)) continue;
      const scored = score(kind, address, sight, book);
      const stranger = senderClass === 'aws' && !kind.senders.has(address);
      if (scored === null || scored.score < kind.needs + (stranger ? STRANGER_POINTS : 0)) continue;
      const lead = best === null ? 1 : scored.score - best.score || kind.needs - best.kind.needs;
      if (lead > 0) best = { kind, ...scored };
    }
  }
  if (best === null && senderClass === 'aws' && named) best = bestElsewhere(address, sight, book);
  if (best !== null) {
    const why = best.found.slice(0, 6).join(' · ');
    return {
      kind: best.kind,
      namedExactly: best.kind.senders.has(address),
      reasons: [{ code: 'kind.marks', text: `Understood as ${best.kind.kind} with ${best.score} points: ${why}.` }],
    };
  }
  const kind =
    book.kinds.find(
      (one) => !amazon && one.fallback && one.classes.includes(senderClass) && one.kind !== fallbackName,
    ) ?? book.kinds.find((one) => one.kind === fallbackName)!;
  const text =
    senderClass === 'aws' && !named
      ? 'The sender is AWS by proof but on no list: a person looks at it.'
      : `No kind of mail from this sort of sender (${verdict.class}) has enough marks.`;
  return {
    kind,
    namedExactly: false,
    reasons: [{ code: `kind.${senderClass === 'aws' && !named ? 'unlisted' : 'fallback'}`, text }],
  };
}

type Scored = { kind: Kind; score: number; found: string[] };

/**
 * For mail of a listed AWS sender that no kind took: its kinds again, where what they look for in the subject may stand
 * in the text and the other way round. Layouts change more often than words.
 */
function bestElsewhere(address: string, sight: Sight, book: KindBook): Scored | null {
  const subject = sight.hits.get('subject');
  const body = sight.hits.get('body');
  if (subject === undefined || body === undefined) return null;
  const both = subject.map((hit, id) => hit | body[id]!);
  const wide: Sight = { hits: new Map(sight.hits).set('subject', both).set('body', both), signals: sight.signals };
  let best: Scored | null = null;
  for (const kind of book.kinds) {
    // What drops or holds a mail must have its own words where they belong.
    if (kind.fallback || kind.disposition !== 'ticket') continue;
    if (!kind.classes.includes('aws') || !kind.senders.has(address)) continue;
    const scored = score(kind, address, sight, book, wide);
    if (scored === null) continue;
    const total = scored.score + kind.must.length * MUST_POINTS;
    if (total < kind.needs + ELSEWHERE_POINTS) continue;
    if (best === null || total > best.score) best = { kind, score: total, found: scored.found };
  }
  return best;
}

function score(
  kind: Kind,
  address: string,
  sight: Sight,
  book: KindBook,
  marksSight: Sight = sight,
): { score: number; found: string[] } | null {
  for (const condition of kind.must) if (meets(sight, condition, book) === null) return null;
  const points = kind.senders.get(address) ?? 0;
  const found = points > 0 ? ['listed sender'] : [];
  let total = points;
  for (const mark of kind.marks) {
    const met = meets(marksSight, mark, book);
    if (met === null) continue;
    total += mark.points;
    found.push(met);
  }
  if (marksSight === sight && total < kind.needs) return null;
  for (const condition of kind.never) if (meets(sight, condition, book) !== null) return null;
  return { score: total, found };
}
