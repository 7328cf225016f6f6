import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createVerp } from '../../src/lib/verp.ts';
import { openStage, plainMail, type Stage } from '../receive/stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage?.close());

const query = async <T extends object>(text: string, values: unknown[] = []): Promise<T[]> =>
  (await stage.database.pool.query<T>(text, values)).rows;

/** People who are on lists of several customers, in any state. */
const PEOPLE = ['a@shared.test', 'b@shared.test', 'c@shared.test'];
const STATES = ['invited', 'confirmed', 'bouncing', 'suspended', 'removed'];

let serial = 0;

type Copy = {
  id: number;
  mail: number;
  mailCustomer: number;
  listCustomer: number;
  list: string;
  person: string;
  state: string;
};

test('no two lists or customers share a delivery, whoever is on them and whatever a mail is addressed to', async () => {
  const verp = createVerp(Buffer.alloc(32, 3), 'bounce.test');
  const senders = new Set<string>();
  await fc.assert(
    fc.asyncProperty(
      // Two customers with two lists each; on every list, each person in some state or not at all.
      fc.array(fc.array(fc.constantFrom(...STATES, null), { minLength: 3, maxLength: 3 }), {
        minLength: 4,
        maxLength: 4,
      }),
      // Mails, each to some of the lists; the same bytes may come twice.
      fc.array(fc.record({ text: fc.nat(3), to: fc.uniqueArray(fc.nat(3), { minLength: 1 }) }), {
        minLength: 1,
        maxLength: 5,
      }),
      async (membership, mails) => {
        const run = ++serial;
        const address = (list: number) => `run${run}-list${list}@root.test`;
        for (const [list, states] of membership.entries()) {
          const owner = 1 + (list >> 1);
          const [row] = await query<{ id: number }>(
            'insert into lists (customer_id, address) values ($1, $2) returning id',
            [owner, address(list)],
          );
          for (const [person, state] of states.entries()) {
            if (state !== null)
              await query('insert into members (list_id, address, state) values ($1, $2, $3)', [
                row!.id,
                PEOPLE[person],
                state,
              ]);
          }
        }
        await stage.directory.refresh();
        const bytes = new Map<number, Buffer>();
        const [{ last }] = (await query<{ last: number }>('select coalesce(max(id), 0) as last from deliveries')) as [
          { last: number },
        ];
        for (const { text, to } of mails) {
          const raw = bytes.get(text) ?? plainMail({ Subject: `run ${run} mail ${text}` });
          bytes.set(text, raw);
          await stage.room.keep(raw, {
            transport: 'smtp',
            arrivedAt: new Date().toISOString(),
            envelopeFrom: 'bounce@amazonses.com',
            envelopeTo: to.map(address),
            clientIp: '127.0.0.1',
            helo: 'x.test',
            tls: false,
            trustedAuthservIds: [],
            trustedReceived: 0,
            source: null,
            uidValidity: null,
            uid: null,
          });
        }
        const copies = await query<Copy>(
          `select d.id, d.mail_id as mail, m.customer_id as "mailCustomer", l.customer_id as "listCustomer", l.address as list,
                  r.address as person, r.state
             from deliveries d join mails m on m.id = d.mail_id join members r on r.id = d.member_id join lists l on l.id = r.list_id
            where d.id > $1 order by d.id`,
          [last],
        );
        for (const { id, mailCustomer, listCustomer, state } of copies) {
          expect(listCustomer).toBe(mailCustomer);
          expect(['confirmed', 'bouncing']).toContain(state);
          const sender = verp.addressOf({ deliveryId: id, form: 'raw' });
          expect(senders.has(sender)).toBe(false);
          senders.add(sender);
        }
        // Exactly the people who get mail of a list that the mail came to, once a customer and mail.
        const wanted = new Set<string>();
        for (const { text, to } of mails) {
          for (const list of to) {
            for (const [person, state] of membership[list]!.entries()) {
              if (state === 'confirmed' || state === 'bouncing')
                wanted.add(`${text} ${1 + (list >> 1)} ${PEOPLE[person]}`);
            }
          }
        }
        expect(copies).toHaveLength(wanted.size);
        expect(new Set(copies.map(({ mail, person }) => `${mail} ${person}`)).size).toBe(copies.length);
      },
    ),
    { numRuns: 25 },
  );
}, 120_000);
