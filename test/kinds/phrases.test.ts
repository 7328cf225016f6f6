import fc from 'fast-check';
import { expect, test } from 'vitest';
import { foldPhrase } from '../../src/core/foldText.ts';
import { compilePhrases } from '../../src/core/phrases.ts';
import { read } from './mailOf.ts';

const found = (phrases: string[], text: string): number[] => {
  const hits = new Uint8Array(phrases.length);
  compilePhrases(phrases).mark(text, hits);
  return [...hits];
};

test('all phrases are found in one pass, as looking for each alone would', () => {
  const letter = fc.constantFrom('a', 'b', ' ', '-', '停', '止');
  const word = fc.array(letter, { minLength: 1, maxLength: 5 }).map((letters) => letters.join(''));
  fc.assert(
    fc.property(
      fc.uniqueArray(word, { minLength: 1, maxLength: 12 }),
      fc.array(letter, { maxLength: 60 }),
      (phrases, letters) => {
        const text = letters.join('');
        const alone = phrases.map((phrase) => {
          for (let at = text.indexOf(phrase); at !== -1; at = text.indexOf(phrase, at + 1)) {
            if (!/^[ab]/.test(phrase) || at === 0 || !/[ab]/.test(text[at - 1]!)) return 1;
          }
          return 0;
        });
        expect(found(phrases, text)).toEqual(alone);
      },
    ),
  );
});

test('many phrases that begin alike', () => {
  const phrases = Array.from({ length: 400 }, (_, at) => `phrase ${at} of many`);
  const hits = found(phrases, 'x phrase 399 of many, phrase 7 of many');
  expect(hits.flatMap((hit, at) => (hit === 1 ? [at] : []))).toEqual([7, 399]);
});

test('a phrase begins at the start of a word', () => {
  expect(found(['activated', '停止'], 'deactivated 再停止')).toEqual([0, 1]);
});

test('width, case, white space and invisible characters do not hide a phrase', () => {
  const text = foldPhrase('ＡＷＳ　Sus\u00adpicious\u200b   ACTIVITY ｱｶｳﾝﾄ');
  expect(found(['aws suspicious activity', foldPhrase('アカウント')], text)).toEqual([1, 1]);
});

test('any bytes are understood', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.string({ unit: 'binary', maxLength: 300 }),
      fc.string({ maxLength: 80 }),
      async (text, subject) => {
        const understood = await read({
          from: 'AWS <health@aws.com>',
          subject: subject.replace(/[\r\n]/g, ' '),
          text,
        });
        expect(understood.threadKeys.primary).not.toBe('');
        expect(JSON.stringify(understood)).not.toContain('\\u0000');
      },
    ),
    { numRuns: 60 },
  );
});
