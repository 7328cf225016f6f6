import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import type { NotifyRules } from '../core/effect.ts';
import type { Log } from '../lib/log.ts';
import { alertMissingMail } from '../store/mailboxAlerts.ts';
import { readLastAudit, recordAudit, unknownUids } from '../store/mailboxAudit.ts';
import type { MailboxLease, UidSpan } from '../store/mailboxCursor.ts';
import { advanceMailbox } from '../store/mailboxCursor.ts';
import type { Tables } from '../store/schema.ts';
import type { OpenMailbox } from './imapSession.ts';

export type AuditDeps = {
  pool: Pool;
  db: Kysely<Tables>;
  lease: MailboxLease;
  clock: { now(): Date };
  log: Log;
  notify: NotifyRules;
  ring(): void;
  onProgress(): void;
};

/** UIDs compared at once, at least; a mailbox of any size is compared in PIECES at most. */
const PIECE = 20_000;
const PIECES = 200;
/** A mailbox of which the server says that nothing changed (CONDSTORE) is compared all the same after this (ms): servers err. */
const TRUSTED_MS = 6 * 3_600_000;

/**
 * Compares all UIDs of the server below the cursor with what arrived here, and fetches what is missing: whatever went wrong
 * before, nothing that lies on the server stays unseen. HIGHESTMODSEQ only spares work (RFC 7162): where it says that nothing
 * changed since an audit that found nothing missing, the audit of that time holds, for six hours. Call it right after
 * the mailbox was selected. Returns how many mails were fetched.
 */
export async function auditMailbox(open: OpenMailbox, deps: AuditDeps, signal: AbortSignal): Promise<number> {
  const { db, lease, clock } = deps;
  const { uidValidity, server, epoch } = open;
  const at = { mailbox: lease.mailbox, uidValidity };
  const last = await readLastAudit(db, at);
  if (isUnchanged(last, server, clock.now())) return 0;
  const fetched: number[] = [];
  let messages = 0;
  let missing = 0;
  let firstMissing = 0;
  const end = epoch.uidNext;
  const piece = Math.max(PIECE, Math.ceil((end - epoch.firstUid) / PIECES));
  for (let from = epoch.firstUid; from < end; from += piece) {
    if (signal.aborted) return fetched.length;
    const uids = await open.reader.search(from, Math.min(from + piece, end) - 1);
    messages += uids.length;
    const unknown = await unknownUids(db, at, uids);
    deps.onProgress();
    if (unknown.length === 0) continue;
    fetched.push(...(await fetchMissing(open, deps, unknown)));
    // What was deleted meanwhile is not missing.
    const there = new Set(await open.reader.search(unknown[0]!, unknown.at(-1)!));
    const left = (await unknownUids(db, at, unknown)).filter((uid) => there.has(uid));
    if (missing === 0 && left.length > 0) firstMissing = left[0]!;
    missing += left.length;
  }
  const now = clock.now();
  await recordAudit(
    db,
    lease,
    uidValidity,
    { messages, fetched, missing, modseq: server.modseq, serverUidNext: server.uidNext },
    now,
  );
  if (fetched.length > 0) {
    deps.log.warn(
      { mails: fetched.length, first: fetched[0] },
      'the audit found mail that had been missed, and fetched it',
    );
  }
  if (missing > 0) {
    deps.log.error({ missing, first: firstMissing }, 'ALERT mail on the server cannot be read');
    if (last.missing === 0) {
      await alertMissingMail(deps.pool, lease.mailbox, { missing, uidValidity, first: firstMissing }, deps.notify, now);
      deps.ring();
    }
  }
  return fetched.length;
}

function isUnchanged(
  last: Awaited<ReturnType<typeof readLastAudit>>,
  server: OpenMailbox['server'],
  now: Date,
): boolean {
  if (last.at === null || last.missing > 0 || server.modseq === null) return false;
  const isSame = last.modseq === server.modseq && last.uidNext === server.uidNext;
  return isSame && now.getTime() - last.at.getTime() < TRUSTED_MS;
}

/** Keeps those of the messages that can be read; their UIDs. */
async function fetchMissing(open: OpenMailbox, deps: AuditDeps, uids: readonly number[]): Promise<number[]> {
  const done: number[] = [];
  const messages = await open.reader.list(uids);
  await open.reader.keepAll(messages, open.uidValidity, open.history, async (read) => {
    const gone = new Set(read.spans.filter(({ why }) => why === 'vanished').map(({ first }) => first));
    done.push(...read.uids.filter((uid) => !gone.has(uid)));
    const reports: UidSpan[] = read.spans.filter(({ why }) => why === 'report');
    if (reports.length > 0) {
      const cursor = { uidValidity: open.uidValidity, uidNext: open.epoch.uidNext, spans: reports };
      await advanceMailbox(deps.db, deps.lease, cursor, deps.clock.now());
    }
    deps.onProgress();
  });
  return done;
}
