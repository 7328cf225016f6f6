import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { readFields } from '../core/fields.ts';
import { hideTokens } from '../core/hideTokens.ts';
import { mailTime } from '../core/mailTime.ts';
import { judgeSender, type SenderRules } from '../core/sender.ts';
import { readUnread } from '../core/unread.ts';
import { type Arrival, type AuthResult, UNVERIFIED } from '../core/values.ts';
import type { Clock } from '../lib/clock.ts';
import { createGroupCommit } from '../lib/groupCommit.ts';
import type { RecentMail } from '../lib/recentMail.ts';
import type { Seal } from '../lib/seal.ts';
import type { Bell } from '../queue/bell.ts';
import { auditBytes } from '../store/audit.ts';
import type { Directory } from '../store/directory.ts';
import { findArrived, type KeptRow, keepMails, MAX_ROWS, type MailToKeep } from '../store/keepMail.ts';
import { type Destination, findDestinations } from './addressees.ts';
import { authenticate } from './authenticate.ts';
import { arrivalToStore, cleanArrival } from './cleanArrival.ts';
import { mailIdentity } from './mailIdentity.ts';
import type { Replies } from './replies.ts';
import type { Resolver } from './resolver.ts';

export type KeepDeps = {
  pool: Pool;
  directory: Pick<Directory, 'find'>;
  seal: Pick<Seal, 'seal'>;
  /** Told of mail that is due to be decided; absent where no decider of this process reads it. */
  recent?: Pick<RecentMail, 'put'>;
  bell: Pick<Bell, 'ring'>;
  resolver: Resolver;
  clock: Clock;
  /** Who AWS is: what must go out first is known before the mail is read. */
  senders: SenderRules;
  /** Longest that DNS may take for one mail (ms). */
  dnsTimeoutMs: number;
  /** Null, or not given: notices name no address for answers. */
  replies?: Replies | null;
};

export type KeptMail = KeptRow & { customerId: number | null };

export type KeepOptions = {
  /** Looks first whether this arrival is known, before anything is verified: an import that is started again. */
  skipKnown?: boolean;
};

/** See KeepRoom.keep. */
export type Keep = (raw: Buffer, arrival: Arrival, options?: KeepOptions) => Promise<KeptMail[]>;

export type KeepRoom = {
  /**
   * Keeps one mail: authenticated, addressed, sealed, and committed when the promise resolves; one row a customer.
   * Rejects when nothing was kept: whoever handed the mail over must keep it.
   */
  keep: Keep;
  /** Keeps the outcome of a mail that is too large to be taken, by the header that was read of it. */
  keepTooLarge(header: Buffer, size: number, arrival: Arrival): Promise<KeptMail[]>;
  /** Resolves when no commit is under way. */
  idle(): Promise<void>;
};

/** Copies of mail that is older than this on arrival are not sent to list members: they are history. */
const FRESH_MS = 7 * 24 * 3600 * 1000;
/** First new try of a DNS error: soon, because copies to members wait a minute for what it proves, and codes among them. */
const AUTH_RETRY_MS = 5_000;
const SECRETS_FIRST = 1;
const USUAL = 5;
/** Transactions at once. */
const LANES = 2;
/** Bytes of mail in one transaction: each is in memory several times while it is sealed and sent. */
const MAX_BYTES = 8 * 1024 * 1024;

/** Sealed when its transaction begins, so that few mails are in memory twice. */
type RowToKeep = Omit<MailToKeep, 'sealed'> & { raw: Buffer | null };

/** Makes the one door through which every transport keeps mail. */
export function createKeepRoom(deps: KeepDeps): KeepRoom {
  // Sealed a row: two customers never share a key.
  const seal = ({ raw, ...row }: RowToKeep): MailToKeep => ({ ...row, sealed: raw && deps.seal.seal(raw) });
  const write = async (rows: readonly RowToKeep[]): Promise<KeptRow[]> => {
    const sealed = rows.map(seal);
    const kept = await keepMails(deps.pool, sealed);
    for (const [index, { mailId, isNew }] of kept.entries()) {
      const { raw, decideDue } = rows[index]!;
      const own = sealed[index]!.sealed;
      if (isNew && raw && own && decideDue) deps.recent?.put(mailId, { raw, ...own });
    }
    return kept;
  };
  const group = createGroupCommit<RowToKeep, KeptRow>(write, {
    maxItems: MAX_ROWS,
    weight: { of: ({ raw }) => raw?.length ?? 0, most: MAX_BYTES },
    lanes: LANES,
  });

  const commit = async (rows: RowToKeep[]): Promise<KeptMail[]> => {
    const kept: KeptMail[] = [];
    // More customers than one statement takes: several transactions, each whole by itself; a new try finds the first.
    for (let at = 0; at < rows.length; at += MAX_ROWS) {
      const part = rows.slice(at, at + MAX_ROWS);
      const results = await group.commit(part);
      kept.push(...results.map((row, index) => ({ ...row, customerId: part[index]?.customerId ?? null })));
    }
    if (rows.some(({ decideDue }) => decideDue) && kept.some(({ isNew }) => isNew)) void deps.bell.ring('decide');
    if (kept.some(({ copies }) => copies > 0)) void deps.bell.ring('deliver');
    return kept;
  };

  return {
    async keep(raw, given, options = {}) {
      const arrival = cleanArrival(given);
      const fields = readFields(raw);
      const keptAt = deps.clock.now();
      const identity = mailIdentity(raw, arrival.trustedReceived);
      const finding = findDestinations(fields, arrival, deps.directory, deps.replies);
      if (options.skipKnown) {
        const known = await findKnown(deps.pool, identity, arrival, await finding);
        if (known) return known;
      }
      const [auth, destinations] = await Promise.all([
        authenticate(raw, arrival, { resolver: deps.resolver, now: keptAt, timeoutMs: deps.dnsTimeoutMs }),
        finding,
      ]);
      const shared = {
        identity,
        sha256: createHash('sha256').update(raw).digest(),
        size: raw.length,
        // An id may hold a code, which is known only when the mail is understood: written when it is decided.
        messageId: null,
        keptAt,
        mailTime: mailTime(fields, arrival).at,
        auth,
        ...dueOf(auth, keptAt),
        outcome: null,
        error: null,
        arrival: arrivalToStore(arrival),
        deliverWith: isFresh(arrival, keptAt)
          ? judgeSender(fields, auth, deps.senders).secretBySender
            ? SECRETS_FIRST
            : USUAL
          : null,
      };
      const rows = destinations.map((destination) => ({
        ...shared,
        customerId: destination.customerId,
        addressees: destination.addressees,
        raw,
        audit: auditOf(shared, destination),
      }));
      return commit(rows);
    },

    async keepTooLarge(header, size, given) {
      const arrival = cleanArrival(given);
      const fields = readFields(header);
      const keptAt = deps.clock.now();
      const destinations = await findDestinations(fields, arrival, deps.directory, deps.replies);
      const hash = createHash('sha256').update(`too large ${size}\0`).update(header).digest();
      const shared = {
        identity: hash,
        sha256: hash,
        size,
        messageId: shownId(header, arrival, deps.senders),
        keptAt,
        mailTime: mailTime(fields, arrival).at,
        auth: UNVERIFIED,
        authDue: null,
        decideDue: null,
        outcome: 'too_large' as const,
        error: `The mail has ${size} bytes, more than the limit; it was not taken and stays where it is.`,
        arrival: arrivalToStore(arrival),
        deliverWith: null,
        raw: null,
      };
      const rows = destinations.map((destination) => ({
        ...shared,
        customerId: destination.customerId,
        addressees: destination.addressees,
        audit: auditOf(shared, destination),
      }));
      return commit(rows);
    },

    idle: () => group.idle(),
  };
}

/** The rows of an arrival that is known for all its destinations, else null. */
async function findKnown(
  pool: Pool,
  identity: Buffer,
  arrival: Arrival,
  destinations: readonly Destination[],
): Promise<KeptMail[] | null> {
  const known: KeptMail[] = [];
  for (const { customerId, addressees } of destinations) {
    const mailId = await findArrived(pool, {
      customerId,
      identity,
      source: arrival.source ?? '',
      listIds: addressees.map(({ listId }) => listId),
    });
    if (mailId === null) return null;
    known.push({ mailId, customerId, isNew: false, isArrived: false, copies: 0 });
  }
  return known;
}

function dueOf(auth: AuthResult, now: Date): Pick<MailToKeep, 'authDue' | 'decideDue'> {
  return auth.state === 'temperror'
    ? { authDue: new Date(now.getTime() + AUTH_RETRY_MS), decideDue: null }
    : { authDue: null, decideDue: now };
}

/** An import is history that members already have; so is what lay in a mailbox before it was watched. */
function isFresh(arrival: Arrival, now: Date): boolean {
  if (arrival.transport === 'file' || arrival.history !== undefined) return false;
  return now.getTime() - Date.parse(arrival.arrivedAt) < FRESH_MS;
}

/** The Message-ID of a mail whose text nobody will read: whatever in it may be a code is hidden. */
function shownId(header: Buffer, arrival: Arrival, senders: SenderRules): string | null {
  const { messageId } = readUnread(header, UNVERIFIED, arrival, senders, { why: 'failed', error: '' });
  return messageId === null ? null : hideTokens(messageId).slice(0, 998);
}

function auditOf(
  mail: Pick<MailToKeep, 'keptAt' | 'sha256' | 'size' | 'arrival' | 'outcome'>,
  destination: Destination,
): Buffer {
  return auditBytes({
    customerId: destination.customerId,
    at: mail.keptAt,
    actor: 'rootdesk',
    action: mail.outcome === null ? 'mail.kept' : `mail.${mail.outcome}`,
    detail: {
      sha256: mail.sha256.toString('hex'),
      size: mail.size,
      transport: mail.arrival.transport,
      source: mail.arrival.source,
      lists: destination.entries.map(({ listId }) => listId),
    },
  });
}
