import { describe, expect, test } from 'vitest';
import { Times } from '../../src/console/times.ts';
import { CATALOGUES, textsFor } from '../../src/console/words/texts.ts';

/** Every word of a catalogue by its path; functions are called with arguments of the kinds that they take. */
function words(value: unknown, path = ''): [string, string][] {
  if (typeof value === 'string') return [[path, value]];
  if (typeof value === 'function') return [[path, `function of ${value.length}`]];
  return Object.entries(value as object).flatMap(([key, member]) => words(member, `${path}.${key}`));
}

describe('catalogues', () => {
  test('have the same words, and none is empty', () => {
    const paths = (language: 'en' | 'ja') => words(CATALOGUES[language]).map(([path]) => path);
    expect(paths('ja')).toEqual(paths('en'));
    const empty = [...words(CATALOGUES.en), ...words(CATALOGUES.ja)].filter(([, word]) => word === '');
    // Japanese puts nothing between a number and its unit.
    expect(empty.map(([path]) => path)).toEqual(['.times.gap']);
  });

  test('Japanese sentences are Japanese', () => {
    const foreign = words(CATALOGUES.ja).filter(
      ([, word]) =>
        /[a-z]{3,} [a-z]{2,}/.test(word) && !/[\u3040-\u30ff\u4e00-\u9fff]/.test(word) && !/^function/.test(word),
    );
    expect(foreign).toEqual([]);
  });
});

describe('the language of a page', () => {
  test.each([
    [undefined, undefined, 'en'],
    [undefined, 'ja,en;q=0.8', 'ja'],
    [undefined, 'de,ja;q=0.5,en;q=0.7', 'en'],
    [undefined, 'ja;q=0', 'en'],
    [undefined, 'de', 'en'],
    ['rootdesk_language=ja', 'en', 'ja'],
    ['a=b; rootdesk_language=en', 'ja', 'en'],
    ['rootdesk_language=xx', 'ja', 'ja'],
    ['not_rootdesk_language=en', 'ja', 'ja'],
  ])('cookie %j, Accept-Language %j: %s', (cookie, accepted, language) => {
    expect(textsFor({ headers: { cookie, 'accept-language': accepted } }).lang).toBe(language);
  });
});

describe('times in Japanese', () => {
  const times = new Times(new Date('2026-11-23T01:42:00Z'), 'Asia/Tokyo', CATALOGUES.ja.times);
  test('stand as Japanese people write them', () => {
    expect(times.full(new Date('2026-11-24T14:59:00Z'))).toBe('2026年11月24日(火) 23:59 JST');
    expect(times.row(new Date('2026-11-24T14:59:00Z'))).toBe('24日(火) 23:59');
    expect(times.row(new Date('2026-12-20T00:00:00Z'), { time: false })).toBe('12月20日');
    expect(times.row(new Date('2026-11-23T04:00:00Z'))).toBe('今日 13:00');
    expect(CATALOGUES.ja.left(times.left(new Date('2026-11-24T05:42:00Z')).text)).toBe('残り 1日 4時間');
    expect(times.age(new Date('2026-11-22T23:42:00Z'))).toBe('2時間');
  });
});
