import { readAddresses } from './addresses.ts';
import { awsClaims, nameClaims } from './awsClaims.ts';
import { type AwsDomain, awsDomainOf, domainOf, exceptionOf } from './awsDomain.ts';
import { fieldsNamed, firstField, type HeaderField } from './fields.ts';
import { registeredLabel } from './lookalike.ts';
import { listSignature, NO_LISTS, type OwnLists, ownListCopy } from './ownListCopy.ts';
import { couldNotBeChecked, type Proof, proveDomain } from './senderProof.ts';
import type { SenderRules } from './senderRules.ts';
import type { Address, AuthResult, Reason, SenderClass, SenderVerdict, SignatureResult } from './values.ts';

export { type SenderRules, senderRulesSchema } from './senderRules.ts';

/**
 * Who sent this mail, by proof. AWS is believed only with an aligned DKIM signature over From and Subject from a domain
 * of the rules, one From address and no repeated singleton field; what claims to be AWS without it `pretends`; customer
 * people, also those who forward or answer AWS mail, are `other`. `own`: the lists of the
 * addresses that the mail was resolved to, which may vouch for AWS mail that they sent on. Total, pure, reads nothing but header and `auth`.
 */
export function judgeSender(
  fields: readonly HeaderField[],
  auth: AuthResult,
  rules: SenderRules,
  own: OwnLists = NO_LISTS,
): SenderVerdict {
  const from = readAddresses(fieldsNamed(fields, 'from'));
  const one = from.length === 1 && from[0]!.address.includes('@') ? from[0]! : null;
  const domain = one ? domainOf(one.address) : '';
  const proof = one ? proveDomain(fields, domain, auth, rules) : noSingleFrom(from);
  const list = listSignature(fields, auth, own);
  const original = one ? ownListCopy(fields, one, proof, list, own, rules) : null;
  if (original) return viaOwnList(fields, original, from, proof.signature === null ? viaList(list!) : proof, rules);
  const judged = classOf(fields, from, one, proof, auth, rules);
  return {
    class: judged.class,
    authentic: proof.signature !== null && judged.class !== 'pretends',
    address: one?.address ?? null,
    displayName: one?.name || null,
    secretBySender: isSecretSender(fields, from, rules),
    reasons: [proof.reason, ...judged.reasons],
  };
}

/** AWS mail that the customer's own list sent on in its own name. */
function viaOwnList(
  fields: readonly HeaderField[],
  original: Address,
  from: readonly Address[],
  proof: Proof,
  rules: SenderRules,
): SenderVerdict {
  const judged = proven(fields, original, awsDomainOf(domainOf(original.address), rules)!, proof, rules);
  const text = 'The list of the root address sent it on, and its signature covers what it saw of the original.';
  return {
    class: judged.class,
    authentic: judged.class !== 'pretends',
    address: original.address,
    displayName: original.name || null,
    secretBySender: isSecretSender(fields, from, rules),
    reasons: [proof.reason, say('own_list', text), ...judged.reasons],
  };
}

/** The proof that a list's signature is for what the list sent on. */
function viaList(signature: SignatureResult): Proof {
  const text = `DKIM signature of ${signature.domain}, the list's own, over From and Subject verified.`;
  return { signature, reason: { code: 'auth.dkim_list', text } };
}

const NOT_CHECKED = 'sender.not_checked';

/** Its From is AWS's, and DNS did not say whether by right: nothing is known against it but that nothing proves it. */
export function isNotChecked(verdict: SenderVerdict): boolean {
  return verdict.class === 'pretends' && verdict.reasons.some(({ code }) => code === NOT_CHECKED);
}

type Judged = { class: SenderClass; reasons: Reason[] };

function classOf(
  fields: readonly HeaderField[],
  from: readonly Address[],
  one: Address | null,
  proof: Proof,
  auth: AuthResult,
  rules: SenderRules,
): Judged {
  const domain = one ? domainOf(one.address) : '';
  const rule = one ? awsDomainOf(domain, rules) : null;
  if (one && rule && proof.signature) return proven(fields, one, rule, proof, rules);
  const claims = awsClaims(fields, from, rules);
  if (
    one &&
    proof.signature &&
    registeredLabel(domain) === 'amazon' &&
    claims.every((claim) => claim.code !== 'claim.lookalike')
  ) {
    return other('amazon_not_aws', 'Amazon by proof, but not AWS (shop or seller mail).');
  }
  if (claims.length > 0 && claims.every(({ code }) => code === 'claim.subject') && isOwnDomain(fields, domain)) {
    // People pass mail of AWS on under its subject; what else it is, its text must say.
    return other('own_domain', 'It has a subject of AWS mail and comes from the domain that it was sent to.');
  }
  if (claims.length > 0) {
    if (auth.state === 'unverifiable') {
      return { class: 'unverifiable', reasons: [...claims, say('unverifiable', 'Too old to be checked: history.')] };
    }
    if (rule && couldNotBeChecked(auth, rules)) {
      const text = 'It looks like AWS, and could not be checked: DNS did not answer.';
      return { class: 'pretends', reasons: [...claims, { code: NOT_CHECKED, text }] };
    }
    return { class: 'pretends', reasons: [...claims, say('pretends', 'It looks like AWS, and nothing proves it.')] };
  }
  if (exceptionOf(domain, rules)) return other('aws_customer', 'Sent from a domain under which AWS customers send.');
  return other('other', one ? 'Not from AWS and not made to look so.' : 'It does not claim to be AWS.');
}

/** The From domain is AWS's by proof. What is left is which part of Amazon speaks. */
function proven(
  fields: readonly HeaderField[],
  from: Address,
  rule: AwsDomain,
  proof: Proof,
  rules: SenderRules,
): Judged {
  const trap = replyTrap(fields, proof, rules);
  if (trap) return { class: 'pretends', reasons: [say('reply_trap', trap)] };
  const address = from.address.toLowerCase();
  if (rules.notAws.includes(address))
    return other('amazon_not_aws', 'Amazon by proof, but not AWS (shop or seller mail).');
  const listed = rules.senders.some((sender) => sender.address === address);
  if (listed) return aws('listed', `${address} is a listed AWS sender.`);
  if (!rule.mixed) return aws('unlisted', `${address} is in a domain of AWS, but on no list.`);
  const local = address.slice(0, address.lastIndexOf('@'));
  if (local.split(/[-._+]/).includes('aws'))
    return aws('unlisted', `${address} bears the name of AWS, but is on no list.`);
  // Seller Support writes "RE:[CASE n]" from amazon.com, too: the form of a subject decides nothing here.
  if (registeredLabel(rule.domain) !== 'amazon')
    return other('not_listed', `${address} is on no list, and its domain serves others too.`);
  if (!isAutomated(fields, local, proof))
    return { class: 'aws_person', reasons: [say('person', 'A person at Amazon by proof.')] };
  if (nameClaims(from.name, rules) && /\baws\b|amazon web services/i.test(from.name)) {
    return aws('unlisted', `${address} signs as AWS, but is on no list.`);
  }
  return other('amazon_not_aws', 'Amazon by proof, but not AWS (shop or seller mail).');
}

/** The domain that it was delivered to; where no field of the delivery says so, that of To or Cc. Proves nothing. */
function isOwnDomain(fields: readonly HeaderField[], domain: string): boolean {
  const named = (names: string[]) => names.flatMap((name) => readAddresses(fieldsNamed(fields, name)));
  const delivered = named(['delivered-to', 'x-original-to']);
  const to = delivered.length > 0 ? delivered : named(['to', 'cc']);
  return domain !== '' && to.some((one) => domainOf(one.address) === domain);
}

/**
 * Abuse and case mail is answered by replying. A Reply-To that the signature does not cover can be added to a genuine
 * mail by anybody who passes it on: it may only lead back to AWS.
 */
function replyTrap(fields: readonly HeaderField[], proof: Proof, rules: SenderRules): string | null {
  const field = firstField(fields, 'reply-to');
  if (!field || proof.signature?.signs?.includes('reply-to')) return null;
  const foreign = readAddresses([field]).find((one) => awsDomainOf(domainOf(one.address), rules) === null);
  return foreign ? 'Somebody added a Reply-To that is not signed and leads away from AWS.' : null;
}

/** Made by a program: sent through SES, marked as automatic or bulk, or from an address that nobody reads. */
function isAutomated(fields: readonly HeaderField[], local: string, proof: Proof): boolean {
  if (/^(no-?reply|do-?not-?reply|.*[-.](no-?reply|notifications?|alerts?))/.test(local)) return true;
  for (const field of fields) {
    switch (field.name) {
      case 'auto-submitted':
        if (!/^no\b/i.test(field.value)) return true;
        break;
      case 'precedence':
        if (/^(bulk|junk)/i.test(field.value)) return true;
        break;
      case 'feedback-id':
      case 'x-ses-outgoing':
      case 'list-unsubscribe':
      case 'x-amazon-mail-relay-type':
      case 'x-amazon-metadata':
        return true;
      case 'dkim-signature':
        if (/\bd=amazonses\.com\b/i.test(field.value) && proof.signature?.domain !== 'amazonses.com') return true;
        break;
    }
  }
  return false;
}

/**
 * Whether the sender alone makes a mail secret-class, proven or not. Fails closed: the name of such a domain anywhere in
 * the fields that say who sent it is enough, also in a display name or a field that cannot be read.
 */
function isSecretSender(fields: readonly HeaderField[], from: readonly Address[], rules: SenderRules): boolean {
  for (const { address } of from) {
    if (awsDomainOf(domainOf(address), rules)?.secret) return true;
    if (rules.senders.some((sender) => sender.secret && sender.address === address.toLowerCase())) return true;
  }
  const secretNames = rules.domains.filter((rule) => rule.secret).map((rule) => rule.domain);
  return fields.some((field) => {
    if (!SENDING_FIELDS.has(field.name)) return false;
    const value = field.value.toLowerCase();
    return secretNames.some((name) => value.includes(name));
  });
}

const SENDING_FIELDS = new Set([
  'from',
  'sender',
  'reply-to',
  'return-path',
  'x-original-from',
  'x-original-sender',
  'resent-from',
]);

function noSingleFrom(from: readonly Address[]): Proof {
  const text = from.length === 0 ? 'It has no From address.' : 'It has several From addresses.';
  return { signature: null, reason: { code: from.length === 0 ? 'auth.no_from' : 'auth.several_from', text } };
}

function aws(code: string, text: string): Judged {
  return { class: 'aws', reasons: [say(code, text)] };
}

function other(code: string, text: string): Judged {
  return { class: 'other', reasons: [say(code, text)] };
}

function say(code: string, text: string): Reason {
  return { code: `sender.${code}`, text };
}
