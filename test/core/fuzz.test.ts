import { hash } from 'node:crypto';
import { expect, test } from 'vitest';
import { createCorpus } from '../../bench/corpus.ts';
import { mutatedMail } from '../../bench/mutate.ts';
import { understand } from '../../src/core/understand.ts';
import { arrive } from '../kinds/corpus/arrive.ts';
import { corpora } from '../kinds/corpus/index.ts';
import { book } from '../kinds/mailOf.ts';

const MAILS = 1000;

/** `npm run bench -- understand --fuzz` feeds a hundred thousand. */
test('any broken mail is understood, and what is said of it can be stored', async () => {
  const arrived = (await Promise.all(Object.values(corpora).map(arrive))).flat();
  const generated = createCorpus(5, 7, (raw) => raw);
  const sources = [...arrived.map(({ raw }) => raw), generated.mail(0).raw, generated.mail(1).raw];
  for (let seed = 1; seed <= MAILS; seed += 1) {
    const raw = mutatedMail(seed, sources);
    const { auth, arrival } = arrived[seed % arrived.length]!;
    const sha256 = (data: Uint8Array | string) => hash('sha256', data, 'hex');
    const understanding = await understand({ raw, auth, arrival, book, hash: sha256 }).catch((error: unknown) => {
      throw new Error(`seed ${seed}`, { cause: error });
    });
    const stored = JSON.stringify(understanding);
    expect(stored, `seed ${seed}`).not.toMatch(/\\u0000|\\ud[89a-f]/);
    expect(understanding.threadKeys.primary, `seed ${seed}`).not.toBe('');
    expect(understanding.reasons.length, `seed ${seed}`).toBeGreaterThan(0);
    if (understanding.secrets.level === 'sealed') expect(understanding.text, `seed ${seed}`).toBe('');
  }
});
