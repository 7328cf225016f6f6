import type { CorpusMail } from './mail.ts';

/** AWS mail beside what the customer's own list made of it: another subject, a footer, the same Message-ID. */
const AWS = 'Amazon Web Services <no-reply-aws@amazon.com>';
const FOOTER =
  '\n\n_______________________________________________\naws-root mailing list\nTo leave, write to aws-root-leave@acme.example';
const SIGNED = ['From', 'To', 'Subject', 'Date', 'Message-ID', 'List-Id'];
const LIST = { 'List-Id': '<aws-root.acme.example>', Precedence: 'list' };

type Told = { id: string; about: string; account: string; day: string };
const text = ({ about, account }: Told) =>
  `Hello,\n\nThe Amazon EC2 instance ${about} of AWS account ${account} is scheduled for retirement. After 2026-12-20 11:00 UTC it will be stopped.\n\nSincerely,\nAmazon Web Services`;
const SUBJECT = '[Retirement Notification] Amazon EC2 Instance scheduled for retirement';

function direct(told: Told, is: string, minute = 0): CorpusMail {
  return {
    id: `${told.id}-direct`,
    from: AWS,
    subject: SUBJECT,
    text: text(told),
    messageId: `${told.id}@email.amazonses.com`,
    at: `${told.day}T10:0${minute}:00Z`,
    expect: { is: `${is} health.scheduled_change`, thread: told.id },
  };
}

function copy(told: Told, is: string, minute: number, more: Partial<CorpusMail> = {}): CorpusMail {
  return {
    id: `${told.id}-copy${minute}`,
    from: AWS,
    subject: `[aws-root] ${SUBJECT}`,
    text: text(told) + FOOTER,
    messageId: `${told.id}@email.amazonses.com`,
    at: `${told.day}T10:0${minute}:00Z`,
    headers: LIST,
    signed: ['acme.example'],
    signs: SIGNED,
    expect: { is, thread: told.id },
    ...more,
  };
}

const REWRITTEN: Partial<CorpusMail> = {
  from: "'Amazon Web Services' via aws-root <aws-root@acme.example>",
  headers: {
    ...LIST,
    'Reply-To': 'no-reply-aws@amazon.com',
    'X-Original-From': AWS,
    'X-Original-Authentication-Results':
      'mx.acme.example; dkim=pass header.i=@amazon.com; dmarc=pass header.from=amazon.com',
  },
  signs: [...SIGNED, 'Reply-To', 'X-Original-From', 'X-Original-Authentication-Results'],
};

const first: Told = { id: 'l-first', about: 'i-0aaaaaaaaaaaaaa01', account: '111122223333', day: '2026-09-01' };
const second: Told = { id: 'l-second', about: 'i-0aaaaaaaaaaaaaa02', account: '111122223333', day: '2026-09-03' };
const third: Told = { id: 'l-third', about: 'i-0aaaaaaaaaaaaaa03', account: '111122223333', day: '2026-09-05' };
const fourth: Told = { id: 'l-fourth', about: 'i-0aaaaaaaaaaaaaa04', account: '111122223333', day: '2026-09-07' };
const fifth: Told = { id: 'l-fifth', about: 'i-0aaaaaaaaaaaaaa05', account: '111122223333', day: '2026-09-09' };

export const ownLists: readonly CorpusMail[] = [
  direct(first, 'open'),
  copy(first, 'duplicate', 1),
  // The copy came first, and proved nothing by itself until the mail itself came.
  copy(second, 'duplicate', 1),
  direct(second, 'open', 2),
  // The list saw the signature of AWS and says so under its own.
  copy(third, 'open', 1, REWRITTEN),
  direct(third, 'duplicate', 2),
  copy(third, 'duplicate', 3),
  // A list that puts itself into From and says nothing of the original's proof.
  direct(fourth, 'open'),
  copy(fourth, 'duplicate', 1, {
    from: 'Amazon Web Services via aws-root <aws-root@acme.example>',
    headers: { ...LIST, 'Reply-To': 'no-reply-aws@amazon.com' },
  }),
  // Anybody else's signature, or none, or one that leaves out the Message-ID: collisions that prove nothing.
  direct(fifth, 'open'),
  copy(fifth, 'quarantine', 1, { signed: ['lists.example'], expect: { is: 'quarantine ' } }),
  copy(fifth, 'quarantine', 2, { signed: [], expect: { is: 'quarantine ' } }),
  copy(fifth, 'quarantine', 3, { signed: [], forged: ['acme.example'], expect: { is: 'quarantine ' } }),
  copy(fifth, 'quarantine', 4, { signs: ['From', 'To', 'Subject', 'Date'], expect: { is: 'quarantine ' } }),
  copy(fifth, 'quarantine', 5, { signed: ['globex.example'], expect: { is: 'quarantine ' } }),
  // The list's members write through it too: a known Message-ID of AWS makes their words no copy of it.
  copy(fifth, 'open', 6, {
    from: 'Hanako Sato <hanako@acme.example>',
    subject: '[aws-root] our own question',
    text: 'Can somebody look after this instance?',
    signed: ['acme.example'],
    expect: { is: 'open nonaws.customer_human' },
  }),
];
