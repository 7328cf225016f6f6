import { describe, expect, test } from 'vitest';
import { addresseeCandidates } from '../../src/core/addressee.ts';
import { bodyStart, fieldsNamed, firstField, readFields } from '../../src/core/fields.ts';
import { identityBytes } from '../../src/core/identity.ts';
import { readMailDate } from '../../src/core/mailDate.ts';
import { mailTime } from '../../src/core/mailTime.ts';
import type { Arrival } from '../../src/core/values.ts';

const bytes = (...lines: string[]): Buffer => Buffer.from(lines.join('\r\n'), 'latin1');

const ARRIVAL: Arrival = {
  transport: 'file',
  arrivedAt: '2026-09-02T12:00:00.000Z',
  envelopeFrom: null,
  envelopeTo: [],
  clientIp: null,
  helo: null,
  tls: false,
  trustedAuthservIds: [],
  trustedReceived: 0,
  source: null,
  uidValidity: null,
  uid: null,
};

describe('fields', () => {
  test('in order, unfolded, with their places', () => {
    const raw = bytes('Subject: a', ' b', '\tc', 'X-Y:z', '', 'Body: no');
    const fields = readFields(raw);
    expect(fields.map(({ name, rawName, value }) => [name, rawName, value])).toEqual([
      ['subject', 'Subject', 'a b\tc'],
      ['x-y', 'X-Y', 'z'],
    ]);
    expect(raw.subarray(fields[1]!.start, fields[1]!.end).toString()).toBe('X-Y:z\r\n');
    expect(raw.subarray(bodyStart(raw)).toString()).toBe('Body: no');
  });

  test('white space before the colon is a field too, and hides no second Subject', () => {
    expect(fieldsNamed(readFields(bytes('Subject : a', 'SUBJECT: b', '')), 'subject')).toHaveLength(2);
  });

  test('an mbox line and broken lines are no fields; LF alone ends lines', () => {
    const fields = readFields(Buffer.from('From x@y Wed Sep  2\nSubject: a\nnonsense\n: empty\nTo: b\n\nx'));
    expect(fields.map((field) => field.name)).toEqual(['subject', 'to']);
  });

  test('raw UTF-8 and raw bytes of any other charset', () => {
    expect(firstField(readFields(Buffer.from('Subject: 確認\r\n')), 'subject')?.value).toBe('確認');
    expect(firstField(readFields(bytes('Subject: M\xfcller')), 'subject')?.value).toBe('Müller');
  });

  test('bounded', () => {
    expect(readFields(Buffer.alloc(3_000_000, 'a: b\r\n')).length).toBeLessThanOrEqual(2000);
    expect(
      readFields(Buffer.concat([Buffer.from('a: '), Buffer.alloc(2_000_000, 'x')]))[0]!.value.length,
    ).toBeLessThanOrEqual(128 * 1024);
  });
});

describe('identity', () => {
  const rest = [
    'DKIM-Signature: v=1',
    'Received: from aws by a; Wed, 2 Sep 2026 10:00:00 +0000',
    'Subject: x',
    '',
    'body',
  ];
  const over = (...top: string[]): string => Buffer.concat(identityBytes(bytes(...top, ...rest), 1)).toString();

  test('the same mail over two hops of ours is the same', () => {
    const direct = over('Received: from x by ours; Wed, 2 Sep 2026 10:00:01 +0000');
    const other = over(
      'Return-Path: <a@b>',
      'X-Original-To: r@root.example',
      'Delivered-To: r@root.example',
      'X-Spam-Status: No',
      'Received: from y',
      '\tby ours; Wed, 2 Sep 2026 11:00:01 +0000',
      'Authentication-Results: ours; dkim=pass',
    );
    expect(direct).toBe(rest.join('\r\n'));
    expect(other).toBe(direct);
  });

  test('what no hop of ours wrote belongs to the mail', () => {
    const raw = bytes('Received: forged', ...rest);
    expect(Buffer.concat(identityBytes(raw, 0))).toEqual(raw);
    expect(Buffer.concat(identityBytes(bytes('Subject: x', '', 'y'), 2)).toString()).toBe('Subject: x\r\n\r\ny');
  });
});

describe('time', () => {
  const at = (lines: string[], arrival: Partial<Arrival> = {}) =>
    mailTime(readFields(bytes(...lines, '', '')), { ...ARRIVAL, ...arrival });
  const received = (time: string) => `Received: from a (b; c) by d with ESMTPS id x for <r@root.example>; ${time}`;

  test('the lowest trusted Received, not a forged one below it, before Date', () => {
    const lines = [
      received('Wed, 2 Sep 2026 11:02:00 +0000'),
      received('Wed, 2 Sep 2026 20:01:00 +0900 (JST)'),
      received('Mon, 1 Jan 2001 00:00:00 +0000'),
      'Date: Wed, 2 Sep 2026 09:00:00 +0000',
    ];
    expect(at(lines, { trustedReceived: 2 })).toMatchObject({
      at: '2026-09-02T11:01:00.000Z',
      reason: { code: 'time.received' },
    });
    expect(at(lines)).toMatchObject({ at: '2026-09-02T09:00:00.000Z', reason: { code: 'time.date' } });
  });

  test('the future is clamped, the unreadable is the arrival and never now', () => {
    expect(at(['Date: Wed, 2 Sep 2030 09:00:00 +0000'])).toMatchObject({
      at: ARRIVAL.arrivedAt,
      reason: { code: 'time.clamped' },
    });
    expect(at(['Date: yesterday'])).toMatchObject({ at: ARRIVAL.arrivedAt, reason: { code: 'time.arrival' } });
    expect(at(['Subject: x'])).toMatchObject({ at: ARRIVAL.arrivedAt, reason: { code: 'time.arrival' } });
  });

  test.each([
    ['Thu, 6 May 2021 21:52:56 +0000', '2021-05-06T21:52:56.000Z'],
    ['6 May 21 21:52 EST', '2021-05-07T02:52:00.000Z'],
    ['Thu, 06-May-2021 21:52:56 GMT', '2021-05-06T21:52:56.000Z'],
    ['Thu, 6 May 2021 21:52:56 -0700 (PDT)', '2021-05-07T04:52:56.000Z'],
    ['2021-05-06T21:52:56Z', '2021-05-06T21:52:56.000Z'],
    ['Thu, 6 May 2021 21:52:56', '2021-05-06T21:52:56.000Z'],
  ])('%s', (text, iso) => {
    expect(new Date(readMailDate(text)!).toISOString()).toBe(iso);
  });

  test.each(['', '31 Feb 2021 10:00:00 +0000', '6 Foo 2021 10:00 +0000', '6 May 2021', '99 May 2021 10:00'])(
    'no time: %s',
    (text) => {
      expect(readMailDate(text)).toBeNull();
    },
  );
});

test('addressees, the most trustworthy place first, each once', () => {
  const fields = readFields(
    bytes(
      'Delivered-To: rootmail+acme@mb.example',
      'X-Original-To: Acme-7F3K@root.example',
      'Received: from mx (for <fake@root.example>) by ours for <received@root.example>; Wed, 2 Sep 2026 10:00:00 +0000',
      'To: "acme-7f3k@root.example" <other@root.example>, Group: a@b.example;',
      'Cc: cc@b.example',
      '',
    ),
  );
  const candidates = addresseeCandidates(fields, { ...ARRIVAL, envelopeTo: ['rcpt@root.example'] });
  expect(candidates.map(({ address, reason }) => [address, reason.code])).toEqual([
    ['rcpt@root.example', 'addressee.envelope'],
    ['acme-7f3k@root.example', 'addressee.original_to'],
    ['rootmail+acme@mb.example', 'addressee.delivered_to'],
    ['received@root.example', 'addressee.received_for'],
    ['other@root.example', 'addressee.to'],
    ['a@b.example', 'addressee.to'],
    ['cc@b.example', 'addressee.cc'],
  ]);
});
