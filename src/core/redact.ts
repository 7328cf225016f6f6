import { cleanLine, cleanText } from './cleanText.ts';
import { decodeHeaderText } from './encodedWord.ts';
import type { HeaderField } from './fields.ts';
import { withoutInvisible } from './invisible.ts';
import type { MailLink, ParsedMail } from './parse.ts';
import { KnownSecrets } from './secrets.ts';
import type { Address, SecretLevel } from './values.ts';

export type SecretKind = 'code' | 'link' | 'password' | 'access_key' | 'secret_key' | 'card';

export type RedactOptions = {
  /** SenderVerdict.secretBySender. */
  secretBySender: boolean;
  /**
   * Set only when a kind that names this sender exactly says that its mails are not secret-class: single tokens are
   * still masked, and a code beside code words still seals.
   */
  lowered?: boolean;
  /** The kind says that its mails are secret-class, whatever the sender. */
  sealed?: boolean;
};

/** A mail without its secrets. All that is left of it may be stored, shown, sent and logged. */
export type Redacted = {
  level: SecretLevel;
  secrets: { count: number; kinds: SecretKind[]; level: SecretLevel };
  /** One line. */
  subject: string;
  /** Same lines as ParsedMail.text; '' when sealed. */
  text: string;
  headers: { name: string; value: string }[];
  attachments: { name: string; type: string; size: number }[];
  from: Address | null;
  to: Address[];
  cc: Address[];
  /** Empty when sealed. */
  links: MailLink[];
  /** Masks every secret of this mail (and whatever else looks like one) in any other text: reasons, facts, keys. */
  clean(text: string): string;
};

const MAX_HEADERS = 200;
const MAX_HEADER_VALUE = 4096;
/** Characters of one side text that are searched; sides are never shown, they only tell what must be masked. */
const MAX_SIDE = 200_000;

/**
 * Takes the secrets out of a mail. All its texts are searched first (also those that people do not see: HTML beside the
 * plain text, hidden text, attributes, nested messages, calendar parts), then every text that leaves is masked with all
 * that was found, in whatever dress it stands there. A code beside code words, a secret-class sender or a secret-class
 * kind seals the mail: its text and links are gone, and numbers that could be codes are masked in what is left.
 */
export function redact(mail: ParsedMail, options: RedactOptions): Redacted {
  const headers = mail.fields.slice(0, MAX_HEADERS).map(readHeader);
  const known = learnAll(mail, headers);
  const isSealed = options.sealed === true || (options.secretBySender && options.lowered !== true) || known.hasCode();
  const level: SecretLevel = isSealed ? 'sealed' : known.seen.size > 0 ? 'masked' : 'none';
  const clean = (text: string): string => known.mask(text, isSealed);
  const cleanAddress = ({ address, name }: Address): Address => ({
    address: known.mask(address, false),
    name: clean(name),
  });
  return {
    level,
    secrets: { count: known.seen.size, kinds: [...new Set(known.seen.values())].sort(), level },
    subject: cleanLine(clean(mail.subject)),
    text: isSealed ? '' : clean(mail.text),
    headers: headers.map((header) => ({ name: header.name, value: cleanHeader(header, isSealed, known) })),
    attachments: mail.attachments.map(({ name, type, size }) => ({ name: clean(name), type, size })),
    from: mail.from && cleanAddress(mail.from),
    to: mail.to.map(cleanAddress),
    cc: mail.cc.map(cleanAddress),
    links: isSealed ? [] : mail.links.map((link) => ({ ...link, href: clean(link.href), label: clean(link.label) })),
    clean,
  };
}

type Header = { name: string; value: string };

function readHeader(field: HeaderField): Header {
  const value = cleanText(withoutInvisible(decodeHeaderText(field.bytes.subarray(0, MAX_HEADER_VALUE))));
  return { name: cleanLine(field.rawName, 100), value };
}

/** Fields written by mail servers, whose long opaque values are no secrets. */
const MACHINE_FIELDS =
  /^(?:received|x-received|dkim-signature|x-google-dkim-signature|arc-.*|authentication-results|received-spf|message-id|references|in-reply-to|date|return-path|mime-version|content-type|content-transfer-encoding|feedback-id|x-ses-outgoing|delivered-to|x-original-to|list-id)$/i;
/** Fields that also a sealed mail shows, masked. */
const SHOWN_WHEN_SEALED =
  /^(?:from|to|cc|sender|reply-to|subject|precedence|auto-submitted|x-spam-.*|x-sm-.*|x-amazon-.*|envelope-to)$/i;

const ACCESS_KEY_ID = /(?:AKIA|ASIA)[A-Z0-9]{16}/;

function learnAll(mail: ParsedMail, headers: readonly Header[]): KnownSecrets {
  const known = new KnownSecrets({
    leaks: ACCESS_KEY_ID.test(mail.text) || mail.side.some((side) => ACCESS_KEY_ID.test(side.text)),
  });
  // The subject may say "your code" and the first line be the code.
  known.learn(mail.text, mail.subject);
  for (const side of mail.side) known.learn(side.text.slice(0, MAX_SIDE), mail.subject);
  for (const link of mail.links) known.learnLink(link.href);
  for (const attachment of mail.attachments) known.learn(attachment.name.replace(/[_.-]+/g, ' '));
  for (const { name, value } of headers) {
    // `X-Verification-Code: 482913`: the name of a field says what its value is.
    if (!MACHINE_FIELDS.test(name) && !/^list-/i.test(name)) known.learn(`${name.replace(/[-_]+/g, ' ')}: ${value}`);
  }
  return known;
}

function cleanHeader({ name, value }: Header, isSealed: boolean, known: KnownSecrets): string {
  if (/^list-(?:unsubscribe|subscribe|owner|help)/i.test(name)) return '[link]';
  if (MACHINE_FIELDS.test(name)) return known.mask(value, false);
  if (isSealed && !SHOWN_WHEN_SEALED.test(name)) return '[withheld]';
  const label = `${name.replace(/[-_]+/g, ' ')}: `;
  const masked = known.mask(label + value, isSealed);
  return masked.startsWith(label) ? masked.slice(label.length) : known.mask(value, isSealed);
}
