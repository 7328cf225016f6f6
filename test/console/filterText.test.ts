import { describe, expect, test } from 'vitest';
import { filterTextOf, filterToken, parseFilter } from '../../src/console/filterText.ts';
import { snoozeUntil } from '../../src/console/snoozeChoice.ts';
import { searchPattern, searchText } from '../../src/core/searchText.ts';

describe('a typed filter', () => {
  test('reads fields, exclusions and words', () => {
    const { filter, problems, tokens } = parseFilter(
      'state:open customer:kumo -kind:budget due:<7d "free words" -spam',
    );
    expect(problems).toEqual([]);
    expect(filter).toEqual({
      words: ['free words'],
      notWords: ['spam'],
      queues: ['open'],
      customers: ['kumo'],
      notCustomers: [],
      kinds: [],
      notKinds: ['budget'],
      urgencies: [],
      notUrgencies: [],
      due: [{ sort: 'before', hours: 168 }],
      notDue: [],
    });
    expect(tokens.map((token) => token.text)).toEqual([
      'state:open',
      'customer:kumo',
      '-kind:budget',
      'due:<7d',
      '"free words"',
      '-spam',
    ]);
  });

  test('means open tickets when it names no state; exclusion of states leaves the others', () => {
    expect(parseFilter('').filter.queues).toEqual(['open']);
    expect(parseFilter('state:any').filter.queues).toEqual(['open', 'waiting', 'snoozed', 'solved']);
    expect(parseFilter('-state:solved').filter.queues).toEqual(['open', 'waiting', 'snoozed']);
    expect(parseFilter('state:waiting state:snoozed').filter.queues).toEqual(['waiting', 'snoozed']);
  });

  test('searches for what has no field: colons stand in ARNs too', () => {
    const { filter } = parseFilter('arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc 請求書 https://x.example/');
    expect(filter.words).toEqual([
      'arn:aws:ec2:eu-west-1:111122223333:instance/i-0abc',
      '請求書',
      'https://x.example/',
    ]);
  });

  test.each([
    ['due:late', { sort: 'late' }],
    ['due:none', { sort: 'none' }],
    ['due:>12h', { sort: 'after', hours: 12 }],
    ['due:<2026-12-01', { sort: 'between', from: null, to: '2026-12-01T00:00:00.000Z' }],
    ['due:>2026-12-01', { sort: 'between', from: '2026-12-02T00:00:00.000Z', to: null }],
    ['due:2026-12-01', { sort: 'between', from: '2026-12-01T00:00:00.000Z', to: '2026-12-02T00:00:00.000Z' }],
  ])('%s', (text, due) => expect(parseFilter(text).filter.due).toEqual([due]));

  test.each([
    ['state:closed', 'value'],
    ['due:soon', 'value'],
    ['due:2026-02-30', 'value'],
    ['due:<9999w', 'value'],
    ['customer:"not a slug"', 'value'],
    ['urgency:P1', 'value'],
    ['x', 'short'],
    ['請', 'short'],
    ['--', 'short'],
  ])('%s is a problem and filters nothing', (text, problem) => {
    const read = parseFilter(text);
    expect(read.problems).toEqual([{ token: expect.any(String), problem }]);
    expect(read.filter).toEqual(parseFilter('').filter);
    expect(read.tokens).toEqual([]);
  });

  test('is bounded, and any text is read', () => {
    expect(parseFilter('word '.repeat(200)).problems.every((one) => one.problem === 'many')).toBe(true);
    for (const text of ['"', '-"', 'state:', ':', '-:', '-', 'customer:"', '"'.repeat(1000), '%_\\', '\u0000']) {
      expect(() => parseFilter(text)).not.toThrow();
    }
  });

  test('writes what it reads', () => {
    const { tokens } = parseFilter('-customer:kumo "two words" kind:billing');
    expect(filterTextOf(tokens)).toBe('-customer:kumo "two words" kind:billing');
    expect(filterTextOf(tokens, tokens[1])).toBe('-customer:kumo kind:billing');
    expect(filterToken('kind', 'billing.budget_alert', true).text).toBe('-kind:billing.budget_alert');
    expect(parseFilter(filterToken(null, 'a "quoted" word').text).filter.words).toEqual(['a quoted word']);
  });
});

describe('searched text', () => {
  const finds = (text: string, word: string) => {
    const pattern = searchPattern(word);
    if (pattern === null) return null;
    return searchText(text).includes(pattern.slice(1, -1));
  };

  test('is found whatever its case, width and punctuation', () => {
    expect(finds('Your instance i-0ABC12 is degraded', 'I-0abc12')).toBe(true);
    expect(finds('ｉ－０ＡＢＣ１２', 'i-0abc12')).toBe(true);
    expect(finds('console.aws.amazon.com', 'aws.amazon')).toBe(true);
    expect(finds('100% sure', '100%')).toBe(true);
    expect(finds('100 sure', '1_0')).toBe(false);
  });

  test('of Japanese is found from two characters on, where they stand', () => {
    expect(finds('お客様の請求書番号', '請求')).toBe(true);
    expect(finds('お客様の請求書番号', '求書番')).toBe(true);
    expect(finds('お客様の請求書番号', '請書')).toBe(false);
    expect(finds('ｻｰﾊﾞｰの停止', 'サーバー')).toBe(true);
    expect(finds('請求', '請')).toBe(null);
  });

  test('of two letters is found where a word begins', () => {
    expect(finds('in eu-west-1', 'eu')).toBe(true);
    expect(finds('Europe', 'eu')).toBe(true);
    expect(finds('neutral', 'eu')).toBe(false);
    expect(finds('an S3 bucket', 's3')).toBe(true);
  });
});

describe('a snooze', () => {
  // Friday.
  const now = new Date('2026-11-27T16:30:00Z');
  const until = (choice: Parameters<typeof snoozeUntil>[0], zone = 'UTC', deadline: Date | null = null) =>
    snoozeUntil(choice, { now, zone, deadline })?.toISOString() ?? null;

  test('lasts an hour, until tomorrow, until Monday, until a day', () => {
    expect(until('1h')).toBe('2026-11-27T17:30:00.000Z');
    expect(until('tomorrow')).toBe('2026-11-28T09:00:00.000Z');
    expect(until('monday')).toBe('2026-11-30T09:00:00.000Z');
    expect(until('2026-12-24')).toBe('2026-12-24T09:00:00.000Z');
  });

  test('counts days where its reader is, also over a change of the clock', () => {
    // In Tokyo it is Saturday already.
    expect(until('tomorrow', 'Asia/Tokyo')).toBe('2026-11-29T00:00:00.000Z');
    expect(until('monday', 'Asia/Tokyo')).toBe('2026-11-30T00:00:00.000Z');
    expect(until('2027-03-28', 'Europe/Berlin')).toBe('2027-03-28T07:00:00.000Z');
    expect(until('2027-03-27', 'Europe/Berlin')).toBe('2027-03-27T08:00:00.000Z');
  });

  test('ends three days before a deadline, where that is to come', () => {
    expect(until('deadline', 'UTC', new Date('2026-12-10T12:00:00Z'))).toBe('2026-12-07T12:00:00.000Z');
    expect(until('deadline', 'UTC', new Date('2026-11-29T12:00:00Z'))).toBeNull();
    expect(until('deadline')).toBeNull();
  });

  test('until a day that is over, is none, or is too far away is none', () => {
    for (const day of ['2026-11-27', '2026-02-30', '2029-01-01'] as const) expect(until(day)).toBeNull();
  });
});
