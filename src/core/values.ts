import type { SameEvent } from './sameEvent.ts';
/**
 * The values that the rulebook takes and gives. Plain JSON throughout, so that they cross a worker thread, a
 * database column and a page unchanged. Nothing here holds a secret: text and headers are redacted before they get here.
 */

/** Why something was decided: a stable dotted code (`auth.dkim_aligned`) and a sentence for people. Never a secret. */
export type Reason = { code: string; text: string };

export type Transport = 'smtp' | 'lmtp' | 'imap' | 'file' | 'ses';

/** How a mail came in: facts of the hop that handed it over, never of the mail itself. */
export type Arrival = {
  transport: Transport;
  /** ISO 8601, UTC. */
  arrivedAt: string;
  /** MAIL FROM; '' is the null reverse-path, null is not known (imap, file). */
  envelopeFrom: string | null;
  /** RCPT TO addresses of this arrival, lower case; empty when the transport has none. */
  envelopeTo: string[];
  /** Root addresses that it was resolved to, lower case. */
  roots?: string[];
  /** Domains whose signature is that of our own lists (settings); none: the domains of the roots. */
  listDomains?: string[];
  clientIp: string | null;
  helo: string | null;
  tls: boolean;
  /**
   * authserv-ids (RFC 8601 §2.2) whose topmost Authentication-Results counts on this arrival. Empty: no such field
   * counts, we verify ourselves. Set from the settings of the hop only.
   */
  trustedAuthservIds: string[];
  /** Number of topmost Received fields that hops of ours wrote (0 when unknown). */
  trustedReceived: number;
  /**
   * Where it was read: `imap:<mailbox>`, `file:<name>`, `ses:<queue>/<object key>`; `hop:<address>` of the mail server of ours that handed it over and named
   * its client, whose address and HELO then stand here; null: the client itself handed it over.
   */
  source: string | null;
  /**
   * The local part of a root address at this domain stands behind the + of the address that it was delivered to: `rootmail+acme-7f3k@`.
   * Absent: it does not.
   */
  plusDomain?: string;
  /** IMAP only. Decimal text: UIDVALIDITY and UID do not fit every number type. */
  uidValidity: string | null;
  uid: string | null;
  /**
   * It lay in a mailbox before that was watched, so nobody is told of it. `closed`: so old that its matter arrives solved.
   * Absent: it is news.
   */
  history?: 'open' | 'closed';
  /** SES only: what it found when it took the mail. Absent: no hop says so, and nothing in the mail can. */
  verdicts?: HopVerdicts;
};

/**
 * What SES says of a mail that it took: of its scans for spam and viruses, and of its check of the sender. `none`: it says
 * nothing (GRAY, not scanned).
 */
export type HopVerdicts = Record<'spam' | 'virus' | 'spf' | 'dkim' | 'dmarc', HopVerdict>;
export type HopVerdict = 'pass' | 'fail' | 'none' | 'temperror';

/** Beginning of `source` when `clientIp` is that of the client of a hop of ours. */
export const THROUGH_HOP = 'hop:';

export type SignatureResult = {
  /** d=, lower case. */
  domain: string;
  selector: string;
  result: 'pass' | 'fail' | 'neutral' | 'none' | 'policy' | 'temperror' | 'permerror';
  /** h=, lower case; null when the signature that the hop named is not in the mail. */
  signs: string[] | null;
  /** i=, lower case, or null. */
  identity: string | null;
  /** Why it does not count although it may verify (`i= outside d=`, `t=s`, `q=`), or null. */
  defect: string | null;
};

/** The authentication of one mail, judged once when it was kept and the truth from then on. */
export type AuthResult = {
  /** temperror: not yet checked, tried again from the row. unverifiable: too old to be checked, no trusted hop's result. */
  state: 'final' | 'temperror' | 'unverifiable';
  /** Who says so: we verified it, a trusted hop's Authentication-Results, or nobody (no From, nothing to check). */
  by: 'us' | 'hop' | 'nobody';
  authservId: string | null;
  signatures: SignatureResult[];
  spf: { result: string; domain: string | null } | null;
  dmarc: { result: string; domain: string | null; policy: string | null } | null;
  /** Fields that were not believed, and why: for the story page. */
  ignored: { name: string; why: string }[];
};

/** Nothing is known of who sent it. */
export const UNVERIFIED: AuthResult = {
  state: 'final',
  by: 'nobody',
  authservId: null,
  signatures: [],
  spf: null,
  dmarc: null,
  ignored: [],
};

export type Address = { address: string; name: string };

export type SenderClass =
  /** AWS system mail by proof: aligned DKIM, listed sender or AWS-owned domain. */
  | 'aws'
  /** A person at AWS by proof. */
  | 'aws_person'
  /** Looks like AWS, no proof: quarantine. */
  | 'pretends'
  /** Somebody else, proven or not (see `authentic`). */
  | 'other'
  /** Looks like AWS, can no longer be checked: closed history. */
  | 'unverifiable';

export type SenderVerdict = {
  class: SenderClass;
  /** An aligned DKIM signature over From and Subject verified. */
  authentic: boolean;
  /** addr-spec of the one From address, lower case domain; null when there is none or several. */
  address: string | null;
  displayName: string | null;
  /** From the sender alone: secret-class until a kind that names this sender exactly says otherwise. Fails closed. */
  secretBySender: boolean;
  reasons: Reason[];
};

/** A fact and the place it was found: `subject`, `body 14` (line), `header X-SM-…`, `link`. */
export type Found<T> = { value: T; where: string };

export type Deadline = {
  /** YYYY-MM-DD in the zone that the mail names, else UTC. */
  date: string;
  /** ISO 8601 instant when the mail names a time, else null. */
  at: string | null;
  /** Somebody must act until then, or AWS acts then. */
  sort: 'respond' | 'awsActs';
};

export type Facts = {
  accountIds: Found<string>[];
  accountName: Found<string> | null;
  organizationId: Found<string> | null;
  regions: Found<string>[];
  service: Found<string> | null;
  eventType: Found<string> | null;
  eventArn: Found<string> | null;
  caseId: Found<string> | null;
  abuseReportId: Found<string> | null;
  invoiceId: Found<string> | null;
  /** Decimal text as written without thousands separators, and ISO 4217 code. */
  amount: Found<{ amount: string; currency: string }> | null;
  billingPeriod: Found<string> | null;
  domain: Found<string> | null;
  budget: Found<string> | null;
  topicArn: Found<string> | null;
  resources: Found<string>[];
  deadline: Found<Deadline> | null;
  /** Links: only AWS's own console hosts are clickable; `text` is defanged and stripped of tokens otherwise. */
  links: { text: string; href: string | null; where: string }[];
};

export type Urgency = 'none' | 'low' | 'normal' | 'high' | 'critical';

export type Language = string;

/** `masked`: single tokens hidden. `sealed`: secret-class, the whole mail stays closed. */
export type SecretLevel = 'none' | 'masked' | 'sealed';

export type ThreadKeys = {
  /** One string for all mails of one ticket of this customer, e.g. `case:176508697500328`. */
  primary: string;
  /** Further keys that lead to the same ticket (Message-IDs, the next span of time …). */
  aliases: string[];
  /** Keys of other matters that the mail names: their tickets are linked, never joined. */
  mentions: string[];
};

/** What the kind wants to happen; decide makes an outcome of it. */
export type Disposition = 'ticket' | 'drop' | 'quarantine';

/** Everything that the rulebook says about one mail by itself, before the customer's situation is known. */
export type Understanding = {
  messageId: string | null;
  /** ISO 8601: Received date of the first trusted hop, else Date clamped to it. */
  mailTime: string;
  /** Redacted, one line, at most 998 characters. */
  subject: string;
  from: Address | null;
  to: Address[];
  cc: Address[];
  sender: SenderVerdict;
  kind: string;
  /** Which rule drops or quarantines it; null for tickets. */
  rule: string | null;
  disposition: Disposition;
  language: Language;
  urgency: Urgency;
  actionRequired: boolean;
  facts: Facts;
  secrets: { count: number; kinds: string[]; level: SecretLevel };
  /** A sentence that says what came without its secret ("a sign-in code, valid 10 minutes"); null when not sealed. */
  sealedSummary: string | null;
  threadKeys: ThreadKeys;
  /** The event of AWS that mails of other customers may be about too; null: none. */
  sameEvent: SameEvent | null;
  /** Ends the matter (a "resolved" mail). */
  resolves: boolean;
  automated: boolean;
  /**
   * What no stranger may ask. `link`: somebody else than AWS tells its reader, in no answer and nothing passed on, to do
   * something at a link of theirs. `account`: to act on an AWS account that is not the writer's. `keys`: to hand over or
   * take away what opens or guards it. `voice`: to do what he says in the name of AWS. `wish`: anything, which only who
   * borrows a name may not. `topic`: an SNS topic tells whoever reads it to do something at a link or a number
   * (core/impostor.ts).
   */
  strangersAsk: 'link' | 'account' | 'keys' | 'voice' | 'wish' | 'topic' | null;
  /** Redacted text, LF line ends, bounded. */
  text: string;
  /** Redacted headers in order, bounded; names as written. */
  headers: { name: string; value: string }[];
  attachments: { name: string; type: string; size: number }[];
  /** SHA-256 hex of the normalised text, for duplicates and reminders. */
  /**
   * Addresses that it names as its author, when the signature of the customer's own list proves that it is what the list
   * sent on; null: it came directly.
   */
  listCopyOf: string[] | null;
  contentHash: string;
  /** X-SM-DEDUPING-ID when present. */
  dedupingId: string | null;
  /** The ticket wording of the kind's template. */
  ticketSubject: string;
  ticketBody: string;
  nextSteps: string[];
  reasons: Reason[];
};

export type Outcome = 'open' | 'append' | 'duplicate' | 'drop' | 'quarantine' | 'unrouted' | 'too_large' | 'parked';

/**
 * What a person said about a held mail: it stays held for good; it is not AWS and is decided as somebody else's; or they
 * confirm by their name that it matters, and it becomes a ticket of its own for the team, by no proof.
 */
export type Review = 'rejected' | 'not_aws' | 'internal';

export const URGENCIES: readonly Urgency[] = ['none', 'low', 'normal', 'high', 'critical'];
