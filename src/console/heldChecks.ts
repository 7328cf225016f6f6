import type { MailStory } from '../store/readMails.ts';

export type HeldCheck = {
  name: 'from' | 'replyTo' | 'dkim' | 'dmarc' | 'links' | 'single';
  fits: boolean;
  /** null: the mail has none. */
  value: string | null;
};

/** Fields that a mail has once (RFC 5322 §3.6); a second one is how a replayed mail shows another face. */
const SINGLE = ['from', 'sender', 'subject', 'to', 'date', 'message-id', 'reply-to', 'content-type'];

/** What speaks for and against a held mail, from the stored verdict and the redacted headers; nothing is judged anew. */
export function heldChecks(mail: MailStory): HeldCheck[] {
  const headers = mail.headers ?? [];
  const proven = mail.senderVerdict?.authentic ?? false;
  const fromDomain = domainOf(mail.sender);
  const checks: HeldCheck[] = [{ name: 'from', fits: false, value: mail.sender }];
  const replyTo = headers.find((header) => header.name.toLowerCase() === 'reply-to')?.value ?? null;
  checks.push({ name: 'replyTo', fits: replyTo === null || domainOf(replyTo) === fromDomain, value: replyTo });
  const signatures = mail.auth.signatures.map(
    (one) => `${one.domain}: ${one.result}${one.defect ? `, ${one.defect}` : ''}`,
  );
  checks.push({ name: 'dkim', fits: proven, value: signatures.length > 0 ? signatures.join('; ') : null });
  const dmarc = mail.auth.dmarc;
  checks.push({
    name: 'dmarc',
    fits: proven && dmarc?.result === 'pass',
    value: dmarc ? `${dmarc.result}${dmarc.domain ? `, ${dmarc.domain}` : ''}` : null,
  });
  const links = mail.facts?.links ?? [];
  const dead = links.filter((link) => link.href === null);
  checks.push({
    name: 'links',
    fits: dead.length === 0,
    value:
      links.length === 0
        ? null
        : (dead.length > 0 ? dead : links)
            .slice(0, 3)
            .map((link) => link.text)
            .join(' '),
  });
  const repeated = SINGLE.filter((name) => headers.filter((header) => header.name.toLowerCase() === name).length > 1);
  if (repeated.length > 0) checks.push({ name: 'single', fits: false, value: `${repeated.join(', ')} ×2` });
  checks[0] = {
    name: 'from',
    fits: mail.senderVerdict?.class === 'aws' || mail.senderVerdict?.class === 'aws_person',
    value: mail.sender,
  };
  return checks;
}

function domainOf(text: string | null): string | null {
  return /@([a-z0-9.-]+)/i.exec(text ?? '')?.[1]?.toLowerCase() ?? null;
}
