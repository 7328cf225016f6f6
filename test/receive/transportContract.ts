import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Keep, KeepRoom } from '../../src/receive/keep.ts';
import { openStage, plainMail, type Stage, signedMail } from './stage.ts';
import { until } from './until.ts';

/** taken: whoever had it may forget it; again: it comes again; refused: never. */
export type Answer = 'taken' | 'again' | 'refused';

/** A way in as this suite drives it. */
export type Way = {
  /** Hands one mail over for this address, as the other side of the transport does; resolves with what it hears. */
  hand(mail: Buffer, to: string): Promise<Answer>;
  close(): Promise<void>;
};

export type WayOptions = {
  name: 'smtp' | 'lmtp' | 'imap' | 'file' | 'ses';
  /** Opens it over the stage; `room` stands before the stage's own and may fail. Mail above `mailBytes` is too large. */
  open(stage: Stage, room: Pick<KeepRoom, 'keep' | 'keepTooLarge'>, mailBytes: number): Promise<Way>;
  /** Facts of the hop that an arrival of this way bears. */
  facts: Record<string, unknown>;
  /** What becomes of a mail that nobody is named in: refused at the door, or kept in the queue of the unrouted. */
  nobody: 'refused' | 'kept';
  /** A mail that is too large: refused at the door, or noted with its header. */
  tooLarge: 'refused' | 'kept';
};

export const MAIL_BYTES = 200_000;

/**
 * What every transport holds, run by each of them: kept before acknowledged, at least once, never twice, nothing lost while the
 * database is away, every mail visible or refused, the facts of the hop as they are.
 */
export function describeTransport(options: WayOptions): void {
  describe(`the transport ${options.name}`, () => {
    let stage: Stage;
    let way: Way;
    let fault: 'none' | 'before' | 'after' = 'none';
    const faulty =
      <Args extends unknown[], Kept>(keep: (...args: Args) => Promise<Kept>) =>
      async (...args: Args): Promise<Kept> => {
        if (fault === 'before') throw new Error('the database is away');
        const kept = await keep(...args);
        // Committed, and then the process or the connection is gone: nobody hears of it.
        if (fault === 'after') throw new Error('the answer was lost');
        return kept;
      };

    beforeAll(async () => {
      stage = await openStage({ mailBytes: MAIL_BYTES });
      const room = { keep: faulty(stage.room.keep) as Keep, keepTooLarge: faulty(stage.room.keepTooLarge) };
      way = await options.open(stage, room, MAIL_BYTES);
    });
    afterAll(async () => {
      await way?.close();
      await stage?.close();
    });

    beforeEach(() => {
      fault = 'none';
    });

    const rows = async (mail: Buffer) => {
      const id = /^Message-ID: (<[^>]+>)/m.exec(mail.toString())?.[1] ?? '';
      const { rows: mails } = await stage.database.pool.query(
        `select m.id, m.customer_id as customer, m.outcome, r.bytes, r.wrapped_key, r.key_id, m.size,
                (select count(*)::int from arrivals a where a.mail_id = m.id) as arrivals,
                (select a.transport from arrivals a where a.mail_id = m.id order by a.id limit 1) as transport
           from mails m left join raws r on r.mail_id = m.id order by m.id`,
      );
      return mails.filter((row) => {
        if (row.bytes === null) return false;
        const raw = stage.seal.open(row.bytes, row.wrapped_key, row.key_id);
        return raw.includes(id);
      });
    };
    const bytesOf = (row: { bytes: Buffer; wrapped_key: Buffer; key_id: string }) =>
      stage.seal.open(row.bytes, row.wrapped_key, row.key_id);

    it('acknowledges after the commit, with every byte and the facts of its hop', async () => {
      const mail = signedMail({}, 'Hello\r\n.\r\n..dots\r\n');
      expect(await way.hand(mail, 'acme-7f3k@root.test')).toBe('taken');
      const [kept, ...more] = await rows(mail);
      expect(more).toEqual([]);
      expect(kept).toMatchObject({ customer: 1, arrivals: 1, transport: options.name });
      expect(bytesOf(kept!).subarray(-mail.length).equals(mail)).toBe(true);
      const { rows: arrivals } = await stage.database.pool.query('select * from arrivals where mail_id = $1', [
        kept!.id,
      ]);
      expect(arrivals[0]).toMatchObject(options.facts);
      expect(Math.abs(Date.now() - arrivals[0].arrived_at.getTime())).toBeLessThan(120_000);
    });

    it('leaves what cannot be kept where it is, and takes it once when it can', async () => {
      const mail = signedMail();
      fault = 'before';
      expect(await way.hand(mail, 'acme-7f3k@root.test')).toBe('again');
      expect(await rows(mail)).toEqual([]);
      fault = 'none';
      await until(async () => (await way.hand(mail, 'acme-7f3k@root.test')) === 'taken');
      expect(await rows(mail)).toHaveLength(1);
    });

    it('is at least once: what was committed but not heard of comes again, and is one mail', async () => {
      const mail = signedMail();
      fault = 'after';
      expect(await way.hand(mail, 'acme-7f3k@root.test')).toBe('again');
      expect(await rows(mail)).toHaveLength(1);
      fault = 'none';
      await until(async () => (await way.hand(mail, 'acme-7f3k@root.test')) === 'taken');
      const kept = await rows(mail);
      expect(kept).toHaveLength(1);
      const { rows: copies } = await stage.database.pool.query(
        `select count(*)::int as n, count(distinct member_id)::int as members from deliveries where mail_id = $1`,
        [kept[0]!.id],
      );
      expect(copies[0]!.n).toBe(copies[0]!.members);
    });

    it('keeps a mail for nobody visible, or refuses it while its sender is there', async () => {
      const mail = plainMail({ To: 'nobody@root.test' });
      expect(await way.hand(mail, 'nobody@root.test')).toBe(options.nobody === 'refused' ? 'refused' : 'taken');
      const kept = await rows(mail);
      if (options.nobody === 'refused') expect(kept).toEqual([]);
      else expect(kept).toMatchObject([{ customer: null }]);
    });

    it('says of a mail that is too large that it is, and goes on', async () => {
      const large = plainMail(
        {},
        'x'
          .repeat(98)
          .concat('\r\n')
          .repeat(MAIL_BYTES / 90),
      );
      expect(await way.hand(large, 'acme-7f3k@root.test')).toBe(options.tooLarge === 'refused' ? 'refused' : 'taken');
      const { rows: outcomes } = await stage.database.pool.query(
        `select outcome from mails where outcome = 'too_large'`,
      );
      expect(outcomes).toHaveLength(options.tooLarge === 'refused' ? 0 : 1);
      const next = signedMail({ To: 'globex-4t8w@root.test' });
      expect(await way.hand(next, 'globex-4t8w@root.test')).toBe('taken');
      expect(await rows(next)).toMatchObject([{ customer: 2 }]);
    });

    it('gives its memory back', () => {
      expect(stage.budget.used).toBe(0);
    });
  });
}
