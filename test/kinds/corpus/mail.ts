import type { Urgency } from '../../../src/core/values.ts';

/** How the body travels: transfer encoding and, where it is not UTF-8, charset. */
export type Wire = '8bit' | 'qp' | 'base64' | 'iso-2022-jp' | 'shift_jis' | 'euc-kr' | 'gbk';

/** One mail as somebody else would write it, with what a person who knows AWS mail expects of it. */
export type CorpusMail = {
  id: string;
  /** `Name <address>`. */
  from: string;
  subject: string;
  /** One of them or both: both is multipart/alternative. */
  text?: string;
  html?: string;
  /** Local name of the addressee, see CUSTOMERS. Default: acme. */
  to?: string;
  /** ISO 8601; without it the mails lie 37 hours apart. */
  at?: string;
  wire?: Wire;
  /** Domains whose true key signs it; default: that of From. */
  signed?: string[];
  /** Domains named by signatures that another key made. */
  forged?: string[];
  /** Field names of h=, default as SES signs. */
  signs?: string[];
  headers?: Record<string, string>;
  messageId?: string;
  /** Lines put above From as they are (second headers, trace fields). */
  above?: string[];
  attach?: { name: string; type: string; content: string }[];
  /** The whole head and body as they are, in place of everything but From and signing. */
  raw?: string;
  expect: Expectation;
};

export type Expectation = {
  /** `outcome kind`; a kind that ends in a dot stands for every kind that begins so. */
  is: string;
  /** Other kinds that a fair reader would accept too. */
  or?: string[];
  /** Mails of one thread are on one ticket, all others on tickets of their own. */
  thread?: string;
  /** `YYYY-MM-DD sort`, or none. */
  due?: string;
  /** At least. */
  urgency?: Urgency;
  lang?: string;
  /** Must not stand in anything that is given out. */
  hide?: string[];
  /** Facts as explain prints them; lists must hold these. */
  facts?: Record<string, string | string[] | null>;
  resolves?: boolean;
};

/** Makes mails of which the same is expected. */
export const mailsOf =
  (is: string) =>
  (id: string, from: string, subject: string, text: string, more: Partial<CorpusMail> = {}): CorpusMail => ({
    id,
    from,
    subject,
    text,
    ...more,
    expect: { is, ...more.expect },
  });

export const CUSTOMERS = {
  acme: {
    addresses: ['aws-root@acme.example', 'aws+prod@acme.example'],
    accounts: ['111122223333', '444455556666', '012345678901'],
  },
  globex: { addresses: ['cloud@globex.example'], accounts: ['777788889999', '700000000007'] },
  sakura: { addresses: ['aws-root@sakura.example'], accounts: ['555566667777', '000123456789'] },
  initech: { addresses: ['aws@initech.example'], accounts: ['210987654321'] },
} as const;
