import { createHash } from 'node:crypto';

/**
 * A generated corpus in the shape of AWS mail: multipart/alternative with a long HTML part, 15 to 60 KB, several
 * customers, kinds and threads. The same seed gives the same bytes.
 */
export type CorpusMail = { raw: Buffer; to: string };

export type Corpus = {
  customers: { slug: string; account: string; address: string }[];
  mail(index: number): CorpusMail;
};

/** Deterministic numbers from 0 to 1 (mulberry32), so that runs can be compared. */
export function random(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const WORDS =
  'account service region instance volume snapshot runtime function cluster database notice period update change window please review action console resource capacity maintenance network gateway storage policy role user group report detail summary usage charge month invoice total before after affected customer support team engineering operations'.split(
    ' ',
  );

const SIGN_WITH = ['amazon.com', 'aws.com', 'amazonaws.com'] as const;

/** Makes a corpus over so many customers; `sign` adds the DKIM signature of a domain. */
export function createCorpus(
  customerCount: number,
  seed: number,
  sign: (raw: Buffer, domain: string) => Buffer,
): Corpus {
  const customers = Array.from({ length: customerCount }, (_, index) => ({
    slug: `bench-${index}`,
    account: String(100_000_000_000 + index * 7919),
    address: `bench-${index}-${createHash('sha256').update(`${seed}:${index}`).digest('hex').slice(0, 13)}@root.bench.example`,
  }));
  return {
    customers,
    mail(index) {
      const next = random(seed * 1_000_003 + index);
      const customer = customers[Math.floor(next() * customers.length)]!;
      const domain = SIGN_WITH[index % SIGN_WITH.length]!;
      const raw = compose(index, next, customer, domain);
      return { raw: sign(raw, domain), to: customer.address };
    },
  };
}

function compose(
  index: number,
  next: () => number,
  customer: { account: string; address: string },
  domain: string,
): Buffer {
  const pick = (count: number) =>
    Array.from({ length: count }, () => WORDS[Math.floor(next() * WORDS.length)]).join(' ');
  // Base64 makes a third more of it: mails of 15 to 60 KB.
  const target = 10_500 + Math.floor(next() * 33_000);
  const boundary = `=_bench_${index}`;
  const caseNumber = String(
    176_500_000_000_000 + Math.floor(next() * 200) * 1_000_003 + (Number(customer.account) % 1000),
  );
  const instance = `i-0${Math.floor(next() * 0xffffffff)
    .toString(16)
    .padStart(8, '0')}${index.toString(16).padStart(8, '0').slice(-8)}`;
  const { from, subject } = {
    'amazon.com': {
      from: 'Amazon Web Services <no-reply-aws@amazon.com>',
      subject: `RE:[CASE ${caseNumber}] ${pick(5)}`,
    },
    'aws.com': {
      from: 'AWS Health <health@aws.com>',
      subject: `[Retirement Notification] Amazon EC2 Instance scheduled for retirement [AWS Account: ${customer.account}]`,
    },
    'amazonaws.com': {
      from: 'Amazon Web Services <no-reply@amazonaws.com>',
      subject: `Important notice about ${pick(3)}`,
    },
  }[domain as (typeof SIGN_WITH)[number]];
  const text = `Hello,\n\nYour account ${customer.account} is affected. Case ID: ${caseNumber}. Instance ${instance} in eu-central-1 will be stopped after 2027-03-02 11:00 UTC.\n\n${Array.from({ length: 12 }, () => `${pick(60)}.`).join('\n\n')}\n`;
  let html = `<!doctype html><html><head><style>td{padding:8px;font:14px Arial}</style></head><body><table>`;
  html += `<tr><td>Your account ${customer.account} is affected. Case ID: ${caseNumber}. Instance ${instance} in eu-central-1 will be stopped after 2027-03-02 11:00 UTC.</td></tr>`;
  while (html.length + text.length < target)
    html += `<tr style="background-color:#ffffff"><td align="left" style="color:#16191f"><p>${pick(40)}. <a href="https://docs.aws.amazon.com/${pick(1)}/">${pick(2)}</a></p></td></tr>\r\n`;
  html += '</table></body></html>';
  const date = new Date(Date.UTC(2026, 10, 20) + index * 1000).toUTCString().replace('GMT', '+0000');
  return Buffer.from(
    [
      `Date: ${date}`,
      `From: ${from}`,
      `To: ${customer.address}`,
      `Message-ID: <bench-${index}@email.amazonses.com>`,
      `Subject: ${subject}`,
      'MIME-Version: 1.0',
      `Content-Type: multipart/alternative; boundary="${boundary}"`,
      '',
      `--${boundary}`,
      'Content-Type: text/plain; charset=UTF-8',
      'Content-Transfer-Encoding: quoted-printable',
      '',
      quotedPrintable(text),
      `--${boundary}`,
      'Content-Type: text/html; charset=UTF-8',
      'Content-Transfer-Encoding: base64',
      '',
      Buffer.from(html)
        .toString('base64')
        .replace(/.{1,76}/g, '$&\r\n'),
      `--${boundary}--`,
      '',
    ].join('\r\n'),
  );
}

function quotedPrintable(text: string): string {
  return text
    .replaceAll('=', '=3D')
    .split('\n')
    .map((line) => line.replace(/.{1,72}(?=.)/g, '$&=\r\n'))
    .join('\r\n');
}
