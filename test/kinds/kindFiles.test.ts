import { expect, test } from 'vitest';
import { compileKinds, KindFileError } from '../../src/core/kindBook.ts';
import { book, read, shipped } from './mailOf.ts';

/** The classes of sender that examples are read as, by who signed them. */
const examples = book.kinds.flatMap((kind) => kind.examples.map((example) => ({ kind, example })));

test.each(examples.map(({ kind, example }, at) => [kind.kind, at, kind, example] as const))(
  'the example of %s is understood as it (%i)',
  async (name, _, kind, example) => {
    const pretends = kind.classes.includes('pretends') && !kind.classes.includes('other');
    const unproven = pretends || example.unproven === true;
    const understood = await read({ ...example, ...(unproven ? { signedBy: null } : {}) });
    expect(understood.kind).toBe(name);
    expect(understood.disposition).toBe(kind.disposition);
    expect(understood.rule === null).toBe(kind.disposition === 'ticket');
    expect(understood.ticketSubject).not.toMatch(/[{}]|\[\[|undefined|null/);
    expect(understood.ticketBody).not.toMatch(/[{}]|\[\[|undefined|null/);
    if (kind.disposition !== 'drop') expect(understood.nextSteps.length).toBeGreaterThan(0);
  },
);

test('every wording belongs to a kind', () => {
  const kinds = new Set(book.kinds.map((one) => one.kind));
  const wordings = shipped.files.filter((file) => file.name.startsWith('ticket/'));
  expect(wordings.length).toBe(kinds.size);
  for (const { name } of wordings) expect(kinds).toContain(name.slice('ticket/'.length, -'.yaml'.length));
});

test('Japanese mail gets Japanese wording', async () => {
  const understood = await read({
    from: 'Amazon Web Services <no-reply-aws@amazon.com>',
    subject: 'RE:[CASE 176508697500328] ネットワークの件',
    text: 'お世話になっております。ログを確認いたしましたので、ご返信をお願いいたします。\n\nThis message was sent from an address that cannot accept incoming e-mails.',
  });
  expect(understood.language).toBe('ja');
  expect(understood.ticketSubject).toBe('ケース 176508697500328: AWS から返信がありました');
  expect(understood.actionRequired).toBe(true);
});

const KIND = {
  kind: 'test.new',
  about: 'A kind that a test adds.',
  senders: ['health@aws.com'],
  marks: [{ subject: ['brand new thing'], points: 9 }],
  urgency: 'low',
  actionRequired: false,
  threadKey: [{ as: 'new', of: ['account', 'day'] }],
  examples: [{ from: 'health@aws.com', subject: 'x', text: 'y' }],
};
const WORDS = { subject: 'New[[: {account}]]', body: 'Something new.', next: ['Read it.'] };
const withKind = (data: unknown, wording: unknown = { en: WORDS, ja: WORDS }) =>
  compileKinds(
    [...shipped.files, { name: 'kinds/test.new.yaml', data }, { name: 'ticket/test.new.yaml', data: wording }],
    shipped.senders,
  );

test('a new kind needs one kind file, one wording and no code', async () => {
  const understood = await read(
    { from: 'AWS <health@aws.com>', subject: 'A BRAND　NEW thing [AWS Account: 012345678901]', text: 'x' },
    withKind(KIND),
  );
  expect(understood.kind).toBe('test.new');
  expect(understood.threadKeys.primary).toBe('new:012345678901:2026-08-20');
  expect(understood.ticketSubject).toBe('New: 012345678901');
});

test.each([
  [{ ...KIND, urgency: 'huge' }, undefined, /kinds\/test\.new\.yaml: urgency/],
  [{ ...KIND, surprise: 1 }, undefined, /kinds\/test\.new\.yaml: .*surprise/],
  [{ ...KIND, marks: [{ points: 3 }] }, undefined, /kinds\/test\.new\.yaml: marks\.0: names no place/],
  [{ ...KIND, kind: 'aws.other' }, undefined, /aws\.other exists twice/],
  [{ ...KIND, secret: 'sealed' }, undefined, /ticket\/test\.new\.yaml: sealed/],
  [KIND, { en: WORDS }, /ticket\/test\.new\.yaml: ja/],
  [KIND, { en: { ...WORDS, body: '{acount}' }, ja: WORDS }, /ticket\/test\.new\.yaml: en\.body: \{acount\}/],
  [KIND, { en: { ...WORDS, body: '[[x' }, ja: WORDS }, /ticket\/test\.new\.yaml: en\.body: \[\[/],
])('a wrong file is named with its key: %#', (data, wording, message) => {
  const compiled = () => withKind(data, wording);
  expect(compiled).toThrow(KindFileError);
  expect(compiled).toThrow(message);
});
