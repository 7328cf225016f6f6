import type { Pool } from 'pg';
import type { Seal } from '../lib/seal.ts';
import type { ClaimedDelivery } from '../store/deliveries.ts';
import { loadSealed, sliceSealed } from '../store/loadSealed.ts';
import { type CopyDress, type PreparedMail, prepareMail } from './prepareMail.ts';

/**
 * Mails that are open for their copies. One that is asked for again while it is open is the same one: copies of a mail may be
 * claimed in several parts, and its bytes are still in memory once.
 */
export type MailShelf = {
  /** Opens the mail of a copy, or gives the one that is open; each `take` that resolves needs its `give`. */
  take(copy: Pick<ClaimedDelivery, 'mailId' | 'size' | 'receivedAt' | 'auth'>): Promise<PreparedMail>;
  give(mailId: number): void;
};

/** Up to this size sealed and opened bytes together are less than one large mail (bytes). */
const SMALL = 1024 * 1024;

export function createMailShelf(deps: {
  pool: Pool;
  seal: Pick<Seal, 'open' | 'openSlices'>;
  dress: CopyDress;
}): MailShelf {
  const shelf = new Map<number, { mail: Promise<PreparedMail>; users: number }>();

  const open = async (mailId: number, size: number): Promise<Buffer> => {
    if (size > SMALL) {
      const found = await sliceSealed(deps.pool, mailId);
      if (found !== null) return deps.seal.openSlices(found.slices, found.wrappedKey, found.keyId);
    }
    const sealed = await loadSealed(deps.pool, mailId);
    if (sealed === null) throw new Error('its bytes are not there any more');
    return deps.seal.open(sealed.bytes, sealed.wrappedKey, sealed.keyId);
  };

  const give = (mailId: number) => {
    const held = shelf.get(mailId);
    if (held && --held.users === 0) shelf.delete(mailId);
  };

  return {
    async take({ mailId, size, receivedAt, auth }) {
      const held = shelf.get(mailId) ?? {
        mail: open(mailId, size).then((raw) => prepareMail(raw, { id: mailId, receivedAt, auth }, deps.dress)),
        users: 0,
      };
      shelf.set(mailId, held);
      held.users += 1;
      try {
        return await held.mail;
      } catch (error) {
        give(mailId);
        throw error;
      }
    },
    give,
  };
}
