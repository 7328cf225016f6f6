import type { Pool } from 'pg';
import type { CopyRelay } from '../connectors/copyRelay.ts';
import { copyHeader, loopReason } from '../core/copyHeader.ts';
import { judgeAttempt } from '../core/deliveryAttempt.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { GroupCommit } from '../lib/groupCommit.ts';
import { insist } from '../lib/insist.ts';
import type { Log } from '../lib/log.ts';
import type { Verp } from '../lib/verp.ts';
import { isServerAway } from '../store/database.ts';
import type { ClaimedDelivery, DeliverySettlement } from '../store/deliveries.ts';
import type { BounceRecorder } from '../store/memberBounces.ts';
import type { MailShelf } from './mailShelf.ts';
import type { CopyBody, CopyDress, PreparedMail } from './prepareMail.ts';

export type SendDeps = {
  pool: Pool;
  /** Mails that are open now, shared by all copies that are under way. */
  shelf: MailShelf;
  relay: CopyRelay;
  verp: Verp;
  dress: CopyDress;
  settling: GroupCommit<DeliverySettlement, boolean>;
  recordBounce: BounceRecorder;
  clock: Clock;
  log: Log;
  chance: () => number;
};

/** Trouble on our side may pass; a key that is gone must be brought back by a person. */
const OUR_TROUBLE_MS = 30_000;
const KEY_GONE_MS = 60 * 60_000;
/** From when the database is there again to note it: only so long that trouble which stays makes no busy loop. */
const DATABASE_MS = 1_000;
/** What the smarthost said is noted for so long while the database is away (ms): a copy that is not noted goes out twice. */
const NOTE_MS = 20_000;
/** A usual mail goes out as one part; of a large one no more than this is copied for each connection (bytes). */
const JOINED = 64 * 1024;
/** What a person reads of a copy whose list or member went before it left. */
const LEFT = { code: 'deliver.left', text: 'The member no longer gets mail of this list.' };

/** Sends the copies of one mail: its bytes are opened once for all of them. Rejects only when the database stays away. */
export async function sendCopies(deps: SendDeps, copies: readonly ClaimedDelivery[], owner: string): Promise<void> {
  const first = copies[0];
  if (!first) return;
  let mail: PreparedMail;
  try {
    mail = await deps.shelf.take(first);
  } catch (error) {
    await giveBack(deps, copies, owner, error);
    return;
  }
  const done = await Promise.allSettled(copies.map((copy) => sendCopy(deps, mail, copy, owner)));
  deps.shelf.give(first.mailId);
  const failed = done.find((one) => one.status === 'rejected');
  if (failed) throw failed.reason;
}

async function sendCopy(deps: SendDeps, mail: PreparedMail, copy: ClaimedDelivery, owner: string): Promise<void> {
  const settle = (settlement: Partial<DeliverySettlement> & Pick<DeliverySettlement, 'state' | 'code' | 'text'>) =>
    settleOne(deps, {
      id: copy.id,
      owner,
      form: null,
      wrappedFor: null,
      dueAt: null,
      acceptedAt: null,
      isLogged: false,
      ...settlement,
    });
  if (copy.listState === 'released' || (copy.memberState !== 'confirmed' && copy.memberState !== 'bouncing')) {
    await settle({ state: 'skipped', ...LEFT });
    return;
  }
  const loop = loopReason(mail.fields, copy.envelopeFrom, copy.list);
  if (loop) {
    await settle({ state: 'skipped', ...loop });
    return;
  }
  const body = await mail.bodyFor(copy);
  const attempt = await deps.relay.send({
    sender: deps.verp.addressOf({ deliveryId: copy.id, form: body.form }),
    recipient: copy.member,
    isEightBit: body.isEightBit,
    bytes: () => joined(withHeader(deps.dress, mail, copy, body)),
  });
  const now = deps.clock.now();
  const verdict = judgeAttempt(attempt, {
    form: body.form,
    attempts: copy.attempts,
    ageMs: now.getTime() - copy.receivedAt.getTime(),
    isUrgent: copy.priority === 1,
    chance: deps.chance(),
  });
  if (attempt.ok) {
    const { form, wrappedFor } = body;
    await settle({ state: 'accepted', form, wrappedFor, acceptedAt: now, code: 'smtp.250', text: attempt.reply });
    return;
  }
  const { form, wrappedFor } = body;
  const { code, text } = attempt.failure;
  const facts = { delivery: copy.id, mail: copy.mailId, code };
  if (verdict.result === 'retry') {
    const dueAt = new Date(now.getTime() + verdict.afterMs);
    deps.log.warn({ ...facts, due: dueAt.toISOString() }, 'a copy was not taken, tried again later');
    await settle({ state: 'due', form, wrappedFor, dueAt, code, text, isLogged: true });
    return;
  }
  deps.log.warn(facts, verdict.result === 'wrap' ? 'a copy was refused as it is' : 'a copy was refused');
  const status = verdict.result === 'bounce' ? verdict.status : '5.7.0';
  await deps.recordBounce({ deliveryId: copy.id, action: 'failed', status, text, form, lease: { owner, wrappedFor } });
}

function* withHeader(
  dress: CopyDress,
  mail: PreparedMail,
  copy: ClaimedDelivery,
  body: CopyBody,
): Iterable<Uint8Array> {
  const { hostname, unsubscribeUrl, owner } = dress;
  yield Buffer.from(
    copyHeader({
      fields: body.fields,
      hostname,
      list: copy.list,
      deliveryId: copy.id,
      at: copy.receivedAt,
      messageId: mail.messageId,
      unsubscribeUrl: unsubscribeUrl?.(copy.listId) ?? null,
      owner,
    }),
  );
  yield* body.bytes();
}

/** Small parts that follow each other as one: each part costs a turn through the streams and a write to the socket. */
function* joined(parts: Iterable<Uint8Array>): Iterable<Uint8Array> {
  let waiting: Uint8Array[] = [];
  let size = 0;
  for (const part of parts) {
    if (size + part.length > JOINED) {
      if (size > 0) yield oneOf(waiting);
      waiting = [];
      size = 0;
    }
    waiting.push(part);
    size += part.length;
  }
  if (size > 0) yield oneOf(waiting);
}

/** A slice of a large mail that stands alone is not copied. */
function oneOf(parts: readonly Uint8Array[]): Uint8Array {
  return parts.length === 1 ? parts[0]! : Buffer.concat(parts);
}

/** A mail that cannot be opened now: tried again; people are told, unless it is the database that is away. */
async function giveBack(
  deps: SendDeps,
  copies: readonly ClaimedDelivery[],
  owner: string,
  error: unknown,
): Promise<void> {
  const { mailId } = copies[0]!;
  const { code, waitMs, text } = troubleOf(error);
  const facts = { mail: mailId, code, error: messageOf(error) };
  if (code === 'deliver.database') deps.log.warn(facts, 'copies wait for the database');
  else deps.log.error(facts, 'ALERT a kept mail cannot be read to be sent to its members');
  const dueAt = new Date(deps.clock.now().getTime() + waitMs);
  const shared = {
    owner,
    state: 'due' as const,
    form: null,
    wrappedFor: null,
    dueAt,
    acceptedAt: null,
    code,
    text,
    isLogged: true,
  };
  await Promise.all(copies.map(({ id }) => settleOne(deps, { id, ...shared })));
}

function troubleOf(error: unknown): { code: string; waitMs: number; text: string } {
  const isKeyGone = (error as { code?: string }).code === 'seal.key_gone';
  if (isKeyGone) return { code: 'seal.key_gone', waitMs: KEY_GONE_MS, text: 'Its key was destroyed.' };
  if (isServerAway(error)) return { code: 'deliver.database', waitMs: DATABASE_MS, text: 'The database was away.' };
  return { code: 'deliver.unreadable', waitMs: OUR_TROUBLE_MS, text: 'The kept mail could not be read.' };
}

async function settleOne(deps: SendDeps, settlement: DeliverySettlement): Promise<void> {
  const [isSettled] = await insist(() => deps.settling.commit([settlement]), NOTE_MS);
  if (!isSettled)
    deps.log.warn({ delivery: settlement.id }, 'the lease of a copy ended before it was sent; it may go out twice');
}
