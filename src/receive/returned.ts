import type { Pool } from 'pg';
import { readReturned } from '../core/returnedMail.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Verp } from '../lib/verp.ts';
import { logDeliveryEvent } from '../store/deliveryEvents.ts';
import type { BounceRecorder } from '../store/memberBounces.ts';

/** The door for what comes back to the envelope senders of copies. */
export type ReturnedRoom = {
  readonly verp: Verp;
  /** Takes one mail that came back for a delivery; committed when it resolves. Its text is kept nowhere. */
  take(raw: Buffer, deliveryId: number): Promise<void>;
};

export type ReturnedDeps = { pool: Pool; verp: Verp; recordBounce: BounceRecorder; clock: Clock; log: Log };

export function createReturnedRoom(deps: ReturnedDeps): ReturnedRoom {
  const { pool, clock, log } = deps;
  const note = async (deliveryId: number, event: 'auto_reply' | 'other', code: string, text: string) => {
    await logDeliveryEvent(pool, { deliveryId, at: clock.now(), event, code, text });
  };
  return {
    verp: deps.verp,
    async take(raw, deliveryId) {
      const returned = readReturned(raw);
      if (returned.type === 'auto_reply') {
        await note(deliveryId, 'auto_reply', 'returned.auto_reply', 'An automatic reply of the member.');
      } else if (returned.type === 'other') {
        await note(deliveryId, 'other', 'returned.other', 'A mail that is no report came back.');
      } else if (returned.type === 'delivered') {
        await note(deliveryId, 'other', returned.status, returned.text);
      } else {
        const { type: action, status, text } = returned;
        const verdict = await deps.recordBounce({ deliveryId, action, status, text, form: null, owner: null });
        log.warn({ delivery: deliveryId, action, status, copy: verdict?.copy ?? null }, 'a report on a copy came back');
      }
    },
  };
}
