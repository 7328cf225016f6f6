import type { HeaderField } from './fields.ts';
import { isAwsHost, linkLures } from './linkLures.ts';
import type { ParsedMail } from './parse.ts';
import type { SenderRules } from './senderRules.ts';
import type { SubjectForm } from './subjectForm.ts';
import type { Arrival, SenderVerdict } from './values.ts';

/** What the build of a mail says about it, whatever its words. Kind files name these in their marks. */
export const SIGNALS = [
  /** `[CASE n]` in front of the subject. */
  'caseTag',
  /** A reply by subject or In-Reply-To. */
  'reply',
  /** It names the mail that it answers. A subject may say "Re:" of nothing. */
  'answersMail',
  /** Forwarded: by subject, by a forwarded block, or with the mail attached. */
  'forwarded',
  /** An answer that no person wrote (RFC 3834 §5: auto-replied, and the older fields). */
  'autoReply',
  /** Made by a program: Auto-Submitted, Precedence bulk, and the like. Says nothing about its worth. */
  'automated',
  /** A bounce: delivery status part, or from a mailer daemon (RFC 3464). */
  'deliveryReport',
  /** A calendar part or attachment. */
  'calendar',
  /** A list digest: multipart/digest, or a list's mail under a digest's subject. */
  'digest',
  /** List headers of a list that is not the one which brought it here. */
  'foreignList',
  /** It can be unsubscribed from: sent to many. */
  'bulk',
  /** Output of cron. */
  'cron',
  /** Our own mail came back. */
  'ownLoop',
  /** A telephone number in prose: what call-back lures need. */
  'phoneNumber',
  /** At least one link. */
  'webLink',
  /** A link whose host is made to look like one of AWS's (`signin.aws.amazon.com.example.net`). */
  'lookalikeLink',
  /** A link that shows an address of AWS and leads elsewhere. */
  'maskedLink',
  /** By proof from the domain that it was delivered to: people of the customer. */
  'colleague',
  /** From a domain that begins with the one it was delivered to and ends in another (`acme.com.example.net`). */
  'fakeColleague',
  /** Nothing proves its sender. */
  'unproven',
  /** Somebody of the domain that it was sent to writes under a subject of AWS mail. */
  'borrowedSubject',
  /** A link that leads neither to AWS nor to the domain that it was delivered to. */
  'foreignLink',
  /** Of somebody else than AWS: an order whose object is a link ("update your card: https://…"). */
  'askedByLink',
  /** By proof from a service that people have accounts with; it leads to no one else, and to no number. */
  'knownService',
  /** Of somebody else than AWS: it speaks for AWS and wants something done (core/impostor.ts). */
  'impostor',
] as const;

export type Signal = (typeof SIGNALS)[number];

const AUTO_REPLY_FIELDS = new Set([
  'x-autoreply',
  'x-autorespond',
  'x-autoresponse',
  'x-autoresponder',
  'x-autoreply-from',
  'x-mail-autoreply',
  'x-autorespond-to',
]);
const FORWARDED_BLOCK =
  /^(?:-{3,}\s?(?:forwarded message|転送メッセージ|weitergeleitete nachricht)\s?-{3,}|begin forwarded message:|-{5,}\s?forwarded by)/imu;
/** Some mail programs put this above what they forward, and above what they answer. */
const ORIGINAL_BLOCK =
  /^(?:-{3,}\s?(?:original message|元のメッセージ|원본 메시지|原始邮件)\s?-{3,}|_{10,}\n\s*from:)/imu;
/** As Mailman and Google Groups write it; RFC 1153 §2 has the first form. */
const DIGEST_SUBJECT = /\bdigest,? (?:vol(?:ume)?\.? \d+|#\d+)|^\s*(?:abridged summary|digest) (?:of|for) \S+@\S+/i;
const PHONE =
  /(?<![\d.])(?:\+?1[\s._-]?)?\(?[2-9]\d{2}\)?[\s._-]\d{3}[\s._-]\d{4}(?!\d)|\+\d{1,3}[\s.-]?(?:\(?\d{2,4}\)?[\s.-]?){2,4}\d{2,4}(?!\d)/;

export function readSignals(
  mail: ParsedMail,
  form: SubjectForm,
  arrival: Arrival,
  sender: SenderVerdict,
  rules: SenderRules,
): Set<Signal> {
  const found = new Set<Signal>(linkLures(mail.links, rules));
  const field = (name: string): string => first(mail.fields, name);
  const autoSubmitted = field('auto-submitted').split(/[;\s]/)[0]!.toLowerCase();
  const precedence = (field('precedence') || field('x-precedence')).toLowerCase();
  const from = mail.from?.address.toLowerCase() ?? '';

  if (form.caseTag) found.add('caseTag');
  const head = mail.text.slice(0, 20_000);
  const answers = form.reply || mail.inReplyTo.length > 0;
  if (answers) found.add('reply');
  if (mail.inReplyTo.length > 0) found.add('answersMail');
  if (
    form.forwarded ||
    FORWARDED_BLOCK.test(head) ||
    (!answers && ORIGINAL_BLOCK.test(head)) ||
    mail.types.includes('message/rfc822')
  ) {
    found.add('forwarded');
  }
  if (
    autoSubmitted === 'auto-replied' ||
    precedence === 'auto_reply' ||
    mail.fields.some((one) => AUTO_REPLY_FIELDS.has(one.name) && !/^(?:no|false)?$/i.test(one.value.trim()))
  ) {
    found.add('autoReply');
  }
  if (
    (autoSubmitted !== '' && autoSubmitted !== 'no') ||
    ['bulk', 'junk', 'list', 'auto_reply'].includes(precedence) ||
    arrival.envelopeFrom === '' ||
    /^(?:no-?reply|do-?not-?reply|mailer-daemon|postmaster)/.test(from) ||
    field('x-auto-response-suppress') !== '' ||
    field('x-autogenerated') !== '' ||
    field('x-amazon-mail-relay-type') !== '' ||
    field('feedback-id') !== '' ||
    field('x-sm-communication') !== '' ||
    field('list-unsubscribe') !== ''
  ) {
    found.add('automated');
  }
  const daemon = /^(?:mailer-daemon|postmaster|mail-daemon)@/.test(from);
  const report = (mail.typeParams['report-type'] ?? '').toLowerCase();
  if (
    mail.types.includes('message/delivery-status') ||
    report === 'delivery-status' ||
    field('x-failed-recipients') !== '' ||
    (daemon && (arrival.envelopeFrom === '' || field('return-path').replace(/\s/g, '') === '<>'))
  ) {
    found.add('deliveryReport');
  }
  if (mail.types.some((type) => type === 'text/calendar' || type === 'application/ics')) found.add('calendar');
  if (mail.attachments.some((one) => one.name.toLowerCase().endsWith('.ics'))) found.add('calendar');
  const isList = precedence === 'list' || precedence === 'bulk' || field('list-id') !== '';
  if (mail.types.includes('multipart/digest') || (isList && DIGEST_SUBJECT.test(mail.subject))) found.add('digest');
  if (field('x-cron-env') !== '' || /^cron\s<[^>]+>/i.test(mail.subject)) found.add('cron');
  if (field('x-rootdesk-loop') !== '') found.add('ownLoop');
  if (field('list-unsubscribe') !== '' || ['bulk', 'junk'].includes(precedence)) found.add('bulk');
  if (isForeignList(mail, arrival)) found.add('foreignList');
  if (PHONE.test(mail.subject) || PHONE.test(head)) found.add('phoneNumber');
  if (mail.links.some((link) => /^https?:/i.test(link.href)) || /https?:\/\//i.test(mail.text)) found.add('webLink');
  if (!sender.authentic) found.add('unproven');
  if (sender.reasons.some(({ code }) => code === 'sender.own_domain')) found.add('borrowedSubject');
  if (sender.authentic && isOwnDomain(from, deliveredDomains(mail, arrival))) found.add('colleague');
  const own = addressedDomains(mail, arrival);
  const domain = from.slice(from.lastIndexOf('@') + 1);
  if (own.some((one) => domain.startsWith(`${one}.`) || domain.includes(`.${one}.`))) found.add('fakeColleague');
  if (leadsElsewhere(mail, own, rules)) found.add('foreignLink');
  if (sender.class === 'other' && asksByLink(mail, head)) found.add('askedByLink');
  if (!found.has('phoneNumber') && fromService(mail, sender, rules)) found.add('knownService');
  return found;
}

const ORDERS =
  'update|log ?in|sign ?in|(?<!(?:are|is|be|now|remains?|still|currently) )open|scan|revoke|upload|renew|verify|verification|confirm|pay|sign|unlock|restore|re-?activate|re-?validate|validate|secure|enroll|claim|accept|cancel|keep|submit|click|tap|settle|fix|edit|anhören|begleichen|bezahlen|aktualisieren|bestätigen|anmelden|entsperren|confirmez|vérifiez|connectez-vous|mettez|confirme|verifique|actualice|inicie';
const ORDERS_JA = '確認|更新|変更|ログイン|サインイン|手続き?|解除|支払い?|認証|署名';
/** An order, and the link in the same sentence. In Japanese the link stands before what to do there, or right behind it. */
const ORDER_WITH_LINK = new RegExp(
  `(?<![\\p{L}\\p{N}])(?:${ORDERS})(?![\\p{L}\\p{N}])[^.!?\\n]{0,60}\\n?\\s?https?://|https?://\\S{1,200}\\s?(?:から|より|で|にて|へ)[^。\\n]{0,30}(?:${ORDERS_JA})|(?:${ORDERS_JA})[^。\\n]{0,12}(?:ください|お願い(?:し|いたし)ます)[。:：\\s]{0,3}https?://`,
  'iu',
);
const ORDER = new RegExp(`(?<![\\p{L}\\p{N}])(?:${ORDERS})(?![\\p{L}\\p{N}])|${ORDERS_JA}`, 'iu');

/** Links that are looked at, and characters around each. */
const MOST_ORDERS = 20;
const BEFORE_LINK = 90;
const BEHIND_LINK = 260;

/** Whether somebody is told to do something at a link, in prose or by the words of the link. The first links are looked at. */
function asksByLink(mail: ParsedMail, head: string): boolean {
  let at = head.indexOf('://');
  for (let n = 0; at >= 0 && n < MOST_ORDERS; n += 1) {
    if (ORDER_WITH_LINK.test(head.slice(Math.max(0, at - BEFORE_LINK), at + BEHIND_LINK))) return true;
    at = head.indexOf('://', at + 3);
  }
  return mail.links
    .slice(0, MOST_ORDERS)
    .some(({ label }) => label !== '' && !label.includes('://') && ORDER.test(label.slice(0, 80)));
}

/** The address is of one of these domains, or of a name above or below it. */
function isOwnDomain(address: string, domains: readonly string[]): boolean {
  const domain = address.slice(address.lastIndexOf('@') + 1);
  if (!domain.includes('.')) return false;
  return domains.some((own) => own === domain || own.endsWith(`.${domain}`) || domain.endsWith(`.${own}`));
}

/** Any web link to a host that is neither AWS's nor of these domains; the first hundred are looked at. */
function leadsElsewhere(mail: ParsedMail, own: readonly string[], rules: SenderRules): boolean {
  return mail.links.slice(0, 100).some(({ href }) => {
    const host = /^https?:/i.test(href) ? URL.parse(href.slice(0, 4000))?.hostname.toLowerCase() : undefined;
    if (host === undefined || host === '') return false;
    return !isAwsHost(host, rules) && !own.some((domain) => host === domain || host.endsWith(`.${domain}`));
  });
}

/**
 * Whether a mail is by proof from a service that people have accounts with, and all its links lead to such services or to
 * AWS: what it wants is a matter of the account there.
 */
function fromService(mail: ParsedMail, sender: SenderVerdict, rules: SenderRules): boolean {
  const isService = (host: string) => rules.services.some((own) => host === own || host.endsWith(`.${own}`));
  const address = sender.address ?? '';
  if (!sender.authentic || !isService(address.slice(address.lastIndexOf('@') + 1))) return false;
  return mail.links.every(({ href }) => {
    const host = /^https?:/i.test(href) ? URL.parse(href.slice(0, 4000))?.hostname.toLowerCase() : undefined;
    return host === undefined || isService(host) || isAwsHost(host, rules);
  });
}

/** A List-Id whose domain is none of the domains that this mail was delivered to. */
function isForeignList(mail: ParsedMail, arrival: Arrival): boolean {
  const id = /<?([^<>\s]+)>?\s*$/.exec(first(mail.fields, 'list-id'))?.[1]?.toLowerCase();
  if (id === undefined) return false;
  const own = deliveredDomains(mail, arrival);
  return !own.some((domain) => id === domain || id.endsWith(`.${domain}`));
}

/** Domains of the addresses that the mail was delivered to. */
function deliveredDomains(mail: ParsedMail, arrival: Arrival): string[] {
  return [...arrival.envelopeTo, first(mail.fields, 'delivered-to'), first(mail.fields, 'x-original-to')]
    .map((address) =>
      address
        .slice(address.lastIndexOf('@') + 1)
        .replace(/[<>\s]/g, '')
        .toLowerCase(),
    )
    .filter((domain) => domain.includes('.'));
}

/** Domains that it was delivered to; where the hop does not say, those of its To field. Never a reason to trust it. */
function addressedDomains(mail: ParsedMail, arrival: Arrival): string[] {
  const delivered = deliveredDomains(mail, arrival);
  if (delivered.length > 0) return delivered;
  return mail.to.map(({ address }) => address.slice(address.lastIndexOf('@') + 1).toLowerCase()).filter(Boolean);
}

function first(fields: readonly HeaderField[], name: string): string {
  return fields.find((one) => one.name === name)?.value ?? '';
}
