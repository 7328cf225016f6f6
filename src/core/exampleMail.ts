import type { Kind, KindBook } from './kindBook.ts';
import { understand } from './understand.ts';
import type { Arrival, AuthResult, Understanding } from './values.ts';

export type Example = Kind['examples'][number];

const WRITTEN = 'Thu, 20 Aug 2026 10:00:00 +0000';
const ARRIVED = '2026-08-20T10:00:05.000Z';
const ADDRESSEE = 'root@customer.example';
const SIGNED = ['from', 'to', 'subject', 'date', 'message-id', 'content-type', 'reply-to'];

/** Understands an example of a kind file as a mail that came in; what pretends comes without proof of its sender. */
export function readExample(kind: Kind, example: Example, book: KindBook): Promise<Understanding> {
  const proven = example.unproven !== true && (!kind.classes.includes('pretends') || kind.classes.includes('other'));
  const domain = /@([^\s<>@]+)>?\s*$/.exec(example.from)?.[1]?.toLowerCase() ?? null;
  return understand({ raw: bytesOf(example), auth: authOf(proven ? domain : null), arrival: ARRIVAL, book });
}

function bytesOf({ from, subject, text, headers = {} }: Example): Uint8Array {
  const fields = {
    From: from,
    To: ADDRESSEE,
    Subject: subject,
    Date: WRITTEN,
    'Message-ID': '<example@mail.example>',
    'MIME-Version': '1.0',
    'Content-Type': 'text/plain; charset=utf-8',
    'Content-Transfer-Encoding': '8bit',
  };
  const given = new Set(Object.keys(headers).map((name) => name.toLowerCase()));
  const all = [
    ...Object.entries(fields).filter(([name]) => !given.has(name.toLowerCase())),
    ...Object.entries(headers),
  ];
  const head = all.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return Buffer.from(`${head}\r\n${text.replace(/\r?\n/g, '\r\n')}`);
}

function authOf(domain: string | null): AuthResult {
  const signature = { selector: 'example', result: 'pass', signs: SIGNED, identity: null, defect: null } as const;
  return {
    state: 'final',
    by: 'us',
    authservId: null,
    signatures: domain === null ? [] : [{ ...signature, domain, signs: [...SIGNED] }],
    spf: null,
    dmarc: { result: domain === null ? 'fail' : 'pass', domain, policy: null },
    ignored: [],
  };
}

const ARRIVAL: Arrival = {
  transport: 'file',
  arrivedAt: ARRIVED,
  envelopeFrom: null,
  envelopeTo: [ADDRESSEE],
  clientIp: null,
  helo: null,
  tls: false,
  trustedAuthservIds: [],
  trustedReceived: 0,
  source: null,
  uidValidity: null,
  uid: null,
};
