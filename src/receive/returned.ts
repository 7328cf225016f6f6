import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import { addresseeCandidates } from '../core/addressee.ts';
import { readFields } from '../core/fields.ts';
import { readReturned } from '../core/returnedMail.ts';
import type { Arrival } from '../core/values.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { SentCopy, Verp } from '../lib/verp.ts';
import { logDeliveryEvent } from '../store/deliveryEvents.ts';
import type { Directory } from '../store/directory.ts';
import type { BounceRecorder } from '../store/memberBounces.ts';
import { recoverByReport } from '../store/memberRecovery.ts';
import type { Tables } from '../store/schema.ts';
import { MAX_LOOKUPS } from './addressees.ts';

/** The door for what comes back to the envelope senders of copies, by whichever way mail comes in. */
export type ReturnedRoom = {
  /** null: no copies are sent. */
  readonly verp: Verp | null;
  /**
   * Takes what came back for copies; committed when it resolves. Its text is kept nowhere. Returns what of the arrival is
   * left to be kept as mail, or null: nothing is.
   */
  take(raw: Buffer, arrival: Arrival): Promise<Arrival | null>;
};

export type ReturnedDeps = {
  pool: Pool;
  db: Kysely<Tables>;
  verp: Verp;
  directory: Pick<Directory, 'find'>;
  recordBounce: BounceRecorder;
  /** Wakes whoever tells members. */
  ring: () => void;
  clock: Clock;
  log: Log;
};

export function createReturnedRoom(deps: ReturnedDeps): ReturnedRoom {
  const { pool, verp, clock, log } = deps;
  const note = async (deliveryId: number, event: 'auto_reply' | 'other', code: string, text: string) => {
    await logDeliveryEvent(pool, { deliveryId, at: clock.now(), event, code, text });
  };

  const takeFor = async (raw: Buffer, { deliveryId, form }: SentCopy): Promise<void> => {
    const returned = readReturned(raw);
    if (returned.type === 'auto_reply') {
      await note(deliveryId, 'auto_reply', 'returned.auto_reply', 'An automatic reply of the member.');
    } else if (returned.type === 'other') {
      await note(deliveryId, 'other', 'returned.other', 'A mail that is no report came back.');
    } else if (returned.type === 'delivered') {
      await note(deliveryId, 'other', returned.status, returned.text);
      if (await recoverByReport(deps.db, deliveryId, clock.now())) deps.ring();
    } else {
      const { type: action, status, text } = returned;
      const verdict = await deps.recordBounce({ deliveryId, action, status, text, form, lease: null });
      log.warn({ delivery: deliveryId, action, status, copy: verdict?.copy ?? null }, 'a report on a copy came back');
    }
  };

  /**
   * The copy that a mail without an envelope is about: where it stands in the header is worth as much as for root addresses
   * (core/addressee.ts), and an address of a list in a better place makes it mail of that list.
   */
  const copyInHeader = async (raw: Buffer, arrival: Arrival): Promise<SentCopy | null> => {
    const candidates = addresseeCandidates(readFields(raw), arrival).slice(0, MAX_LOOKUPS);
    if (!candidates.some(({ address }) => verp.copyOf(address) !== null)) return null;
    for (const { address } of candidates) {
      const copy = verp.copyOf(address);
      if (copy !== null) return copy;
      if (await deps.directory.find(address)) return null;
    }
    return null;
  };

  return {
    verp,
    async take(raw, arrival) {
      if (arrival.envelopeTo.length === 0) {
        const copy = await copyInHeader(raw, arrival);
        if (copy === null) return arrival;
        await takeFor(raw, copy);
        return null;
      }
      const rest: string[] = [];
      for (const address of arrival.envelopeTo) {
        const copy = verp.copyOf(address);
        if (copy === null) rest.push(address);
        else await takeFor(raw, copy);
      }
      return rest.length === 0 ? null : { ...arrival, envelopeTo: rest };
    },
  };
}
