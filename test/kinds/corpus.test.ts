import { describe, expect, test } from 'vitest';
import { type Examined, examine, type Miss, right, tableOf } from './corpus/examine.ts';
import { corpora } from './corpus/index.ts';
import { book } from './mailOf.ts';

/** Share of mails without a miss. The bar for mails that nobody has seen is lower: 95 % outcome and threads, 90 % kind. */
const BAR: Partial<Record<Miss['what'], number>> = {
  outcome: 0.98,
  kind: 0.97,
  thread: 0.98,
  deadline: 0.97,
  urgency: 0.97,
  language: 0.97,
  fact: 0.97,
  resolves: 0.98,
};

describe.each(Object.entries(corpora))('corpus %s', (_name, mails) => {
  let examined: Examined[] = [];

  test('is understood', async () => {
    examined = await examine(mails, book);
    const table = tableOf(examined);
    if (table !== '') process.stdout.write(`${table}\n`);
    for (const [what, share] of Object.entries(BAR)) {
      expect(right(examined, what as Miss['what']), `${what}\n${table}`).toBeGreaterThanOrEqual(share);
    }
  });

  test('gives no secret away', () => {
    expect(examined).toHaveLength(mails.length);
    expect(examined.flatMap(({ misses }) => misses.filter((one) => one.what === 'secret'))).toEqual([]);
  });

  test('brings nothing that pretends into a ticket and drops nothing genuine', () => {
    for (const { mail, record } of examined) {
      const outcome = mail.expect.is.split(' ')[0]!;
      if (outcome === 'quarantine') expect([mail.id, record.outcome]).toEqual([mail.id, 'quarantine']);
      else if (outcome !== 'drop') expect([mail.id, record.outcome]).not.toEqual([mail.id, 'drop']);
      if (record.outcome === 'drop') expect([mail.id, record.rule]).not.toEqual([mail.id, null]);
    }
  });
});
