import { foldPhrase } from './foldText.ts';
import type { Kind } from './kindBook.ts';
import type { Facts, ThreadKeys } from './values.ts';

/** What a thread key can be made of, besides the facts. */
export type KeyMaterial = {
  facts: Facts;
  kind: Kind;
  /** Whether the condition of a key holds; a key without one always counts. */
  holds(key: Recipe[number]): boolean;
  /** ISO 8601. */
  mailTime: string;
  /** Subjects without prefixes and account tags, folded: the mail's own, then one that its text quotes. */
  tails: string[];
  /** The root address that it came for, lower case. */
  address: string | null;
  certificate: string | null;
  /** Dates that the mail names, for windows that move. */
  dates: string[];
  messageId: string | null;
  /** Message-IDs that it answers: In-Reply-To, then References from right to left. */
  answers: string[];
  /** SHA-256 hex of the raw mail; used for mail without proof of its sender or without a Message-ID. */
  digest: string;
  /** The sender is who it says it is; only such mail may name another's ticket. */
  trusted: boolean;
  human: boolean;
};

type Recipe = Kind['threadKey'];
type Part = Exclude<Recipe[number]['of'][number], 'window'>;
/**
 * Lengths of the spans of time that a key may name (ms). A mail bears the key of its own span and, as an alias, that of
 * the next: two mails that lie one length apart or less always meet, two that lie two lengths apart never do, unless
 * mails between them lead from one to the other. In any order of arrival.
 */
const SPANS = { halfHour: 30 * 60_000, fullDay: 86_400_000, fortnight: 14 * 86_400_000 } as const;
const isSpan = (part: string): part is keyof typeof SPANS => part in SPANS;
const MAX_KEY = 300;
const MAX_ALIASES = 40;

/**
 * Keys of the ticket that a mail belongs to, scoped by customer where they are used. Order of what is believed: case
 * number, abuse report, event ARN, invoice or period, domain, certificate, topic, budget; for people the conversation;
 * else kind, account and day. Mail without proof of its sender gets a key that no other mail has.
 */
export function threadKeys(material: KeyMaterial): ThreadKeys {
  if (!material.trusted) return { primary: `mail:${material.digest.slice(0, 32)}`, aliases: [], mentions: [] };
  const { kind, facts, mailTime } = material;
  const window = facts.deadline?.value.date ?? null;
  const primary = keysOf(kind.threadKey, material, window, 0)[0] ?? fallbackKey(material);
  const aliases = new Set<string>();
  const add = (keys: readonly string[]): void => {
    for (const key of keys) aliases.add(key);
  };
  for (let tail = 0; tail < Math.max(1, material.tails.length); tail++)
    add(keysOf(kind.aliases, material, window, tail));
  const spanned = [...kind.threadKey, ...kind.aliases].filter((key) => key.of.some(isSpan));
  for (let tail = 0; spanned.length > 0 && tail < Math.max(1, material.tails.length); tail++) {
    for (const key of spanned) {
      const here = keysOf([key], material, window, tail)[0];
      // Only with the key of its own span: a case that has a number is not also known by its subject, unless its kind says so.
      if (here !== undefined && (here === primary || aliases.has(here))) {
        add(keysOf([key], { ...material, mailTime: nextSpan(key.of, mailTime) }, window, tail));
      }
    }
  }
  // A notice that moves a window names the old one beside the new one: both lead to the ticket.
  const windowed = kind.threadKey.filter((key) => key.of.includes('window'));
  if (windowed.some((key) => primary.startsWith(`${key.as}:`))) {
    for (const date of material.dates) add(keysOf(windowed, material, date, 0).slice(0, 1));
  }
  if (material.messageId !== null) aliases.add(bounded(`message:${material.messageId}`));
  if (material.human) add(material.answers.map((id) => bounded(`message:${id}`)));
  aliases.delete(primary);
  const mentions = numbersNamed(facts).filter((key) => key !== primary && !aliases.has(key));
  return { primary, aliases: [...aliases].slice(0, MAX_ALIASES), mentions };
}

/** Keys of the numbers that AWS gives to matters, as their own kinds make them. */
function numbersNamed(facts: Facts): string[] {
  const keys: string[] = [];
  if (facts.caseId !== null) keys.push(`case:${facts.caseId.value}`);
  if (facts.abuseReportId !== null) keys.push(`abuse:${facts.abuseReportId.value}`);
  if (facts.eventArn !== null) keys.push(`event:${facts.eventArn.value}`);
  return keys.map(bounded);
}

/** The keys of a recipe whose parts are all known, in its order. */
function keysOf(recipe: Recipe, material: KeyMaterial, window: string | null, tail: number): string[] {
  return recipe.flatMap((key) => {
    if (!material.holds(key)) return [];
    const { as, of } = key;
    const parts = of.map((part) => (part === 'window' ? window : partOf(part, material, tail)));
    return parts.includes(null) ? [] : [bounded([as, ...parts].join(':'))];
  });
}

/** Kind, account and day of the mail: what is left when a mail names nothing. */
function fallbackKey({ kind, facts, mailTime }: KeyMaterial): string {
  return `${kind.kind}:${accountOfFacts(facts) ?? '-'}:${mailTime.slice(0, 10)}`;
}

function nextSpan(parts: readonly string[], mailTime: string): string {
  const span = parts.find(isSpan)!;
  return new Date(Date.parse(mailTime) + SPANS[span]).toISOString();
}

function spanOf(span: keyof typeof SPANS, mailTime: string): string {
  const length = SPANS[span];
  const start = new Date(Math.floor(Date.parse(mailTime) / length) * length).toISOString();
  return start.slice(0, span === 'halfHour' ? 16 : 10);
}

function partOf(part: Part, material: KeyMaterial, tail: number): string | null {
  const { facts, mailTime } = material;
  switch (part) {
    case 'case':
      return facts.caseId?.value ?? null;
    case 'abuse':
      return facts.abuseReportId?.value ?? null;
    case 'event':
      return facts.eventArn?.value ?? null;
    case 'invoice':
      return facts.invoiceId?.value ?? null;
    case 'period':
      return facts.billingPeriod?.value ?? monthsBefore(mailTime, 1);
    case 'periodBefore':
      return facts.billingPeriod === null ? monthsBefore(mailTime, 2) : null;
    case 'account':
      return accountOfFacts(facts) ?? '-';
    case 'address':
      return material.address ?? '-';
    case 'domain':
      return facts.domain?.value ?? null;
    case 'certificate':
      return material.certificate;
    case 'topic':
      return facts.topicArn?.value ?? null;
    case 'budget':
      return facts.budget === null ? null : foldPhrase(facts.budget.value);
    case 'month':
      return mailTime.slice(0, 7);
    case 'day':
      return mailTime.slice(0, 10);
    case 'halfHour':
    case 'fullDay':
    case 'fortnight':
      return spanOf(part, mailTime);
    case 'region':
      return listOf(facts.regions.map((one) => one.value)) ?? '-';
    case 'organization':
      return facts.organizationId?.value ?? null;
    case 'instances':
      return listOf(facts.resources.map((one) => one.value).filter((value) => value.startsWith('i-')));
    case 'resources':
      return listOf(facts.resources.map((one) => one.value));
    case 'tail':
      return material.tails[tail] ? material.tails[tail].slice(0, 160) : null;
    case 'kind':
      return material.kind.kind;
    case 'conversation':
      return material.answers.at(-1) ?? material.messageId ?? material.digest.slice(0, 32);
  }
}

/** The account that a mail is about: the first that it names. */
export function accountOfFacts(facts: Facts): string | null {
  return facts.accountIds[0]?.value ?? null;
}

function listOf(values: readonly string[]): string | null {
  return values.length === 0 ? null : [...values].sort().slice(0, 8).join(',');
}

/** AWS bills a month after its end: dunning that names no period is about the month before. */
function monthsBefore(mailTime: string, months: number): string {
  const date = new Date(Date.parse(mailTime));
  return new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - months, 1)).toISOString().slice(0, 7);
}

function bounded(key: string): string {
  return key.length <= MAX_KEY ? key : key.slice(0, MAX_KEY);
}
