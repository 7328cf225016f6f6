/** Mails made to cost much: each a name and its bytes, none above the 25 MB that the listeners take. */
export type HostileMail = { name: string; raw: Buffer };

const MB = 1024 * 1024;

/** All of them, made one after another so that they need not be held at once. */
export function* hostileMails(): Generator<HostileMail> {
  for (const [name, raw] of Object.entries(STRUCTURES)) yield { name, raw: raw() };
  for (const [name, unit] of Object.entries(BAITS)) {
    yield { name: `text: ${name}`, raw: textMail(fill(unit, 2 * MB)) };
    yield { name: `lines: ${name}`, raw: textMail(fill(`${unit}\r\n`, 2 * MB)) };
  }
  for (const [name, unit] of Object.entries({ ...BAITS, ...MARKUP })) {
    yield { name: `HTML: ${name}`, raw: htmlMail(fill(unit, 2 * MB)) };
  }
  // One mail with all of it in its header: subject, names, ids and twelve hundred other fields.
  for (const [name, unit] of Object.entries(BAITS)) yield { name: `header: ${name}`, raw: headerMail(unit) };
}

/** Pieces that, repeated, are the worst for one of the scanners: many near hits, long runs, overlapping starts. */
const BAITS: Record<string, string> = {
  digits: '7',
  'digits with gaps': '7 ',
  'single digits in lines': '7\n',
  'account numbers': '123456789012, ',
  'masked accounts': 'account ****** ',
  'words before a list': 'accounts: 1 ',
  'account labels': 'account id: your number is ',
  'case tags': '[case number: ',
  'case labels': 'support case ID is #',
  'abuse reports': 'abuse report-report ',
  'invoice labels': 'invoice number: A-',
  ARNs: 'arn:aws:health:us-east-1::event/EC2/AWS_EC2_',
  'long ARNs': 'arn:aws:sns:us-east-1:123456789012:aaaa',
  'event types': 'AWS_EC2_A_',
  resources: 'i-0123456789abcdef0 ',
  'domain names': 'a.',
  'labels of domains': 'a-',
  dates: '1 January 2027 ',
  'months without days': 'January ',
  'days without months': '1 of ',
  'East Asian dates': '2027年1月1日',
  times: '10:00 (UTC) 1 Jan ',
  durations: 'within the next following twenty-four business ',
  deadlines: 'please respond before 2027-01-02 ',
  amounts: 'USD 1,111,111',
  'thousands of thousands': '1,111',
  Regions: 'us-east-1 ',
  'Region names': 'Asia Pacific (Tokyo) Region ',
  services: 'Amazon Web Services Elastic Compute Cloud ',
  'code words': 'your verification code ',
  'codes and words': 'your code is 482913 ',
  'different codes': 'your code is 482 913 or 48-29-1',
  'words without codes': 'the code to sign in with: ',
  'letters as codes': 'code ABC12-DEF34-GHI56-',
  capitals: 'code: ABCDEFGH ',
  passwords: 'password: a1b2c3d4 ',
  'password labels': 'password for the ',
  'rows of passwords': 'a b c password ',
  // Half of what a lure says, over and over: its act, its object, its greeting (core/impostor.ts).
  'acts of lures': 'aws スクリプト送金, he ',
  'greetings of lures': 'gentile a aws ',
  'acts without objects': 'aws please send provide confirm a ',
  'what is yours': 'your a aws b ',
  // And half of what only a request has (core/controlWords.ts).
  'requests without objects': 'aws please send me reply tell add run sign in with your ',
  'objects without requests': 'code password number shown ',
  'requests in Japanese': '認証コード返信 届いた',
  'far verbs': 'bitte senden könnten ',
  'new banks': 'new a b bank details of ',
  'requests of doers': 'we also we also we send ',
  'access keys': 'AKIAIOSFODNN7EXAMPLE ',
  'secret keys': 'secret wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY ',
  'labelled keys': 'secret access key: ',
  'private keys': '-----BEGIN PRIVATE KEY-----',
  tokens: 'eyJhbGciOiJIUzI1NiJ9.eyJhbGciOiJIUzI1NiJ9.',
  'card numbers': '4111 1111 1111 1111 ',
  'card endings': 'card ending in *',
  'masked cards': '**** ',
  links: 'https://x.example/a?b=c ',
  'acting links': 'https://x.example/reset?token=abcdefghijk1234567890 ',
  'one long link': 'https://x.example/',
  'parameters of one link': '&token=',
  'links over lines': '<https://x.example/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=\n',
  slashes: '/',
  dots: '.',
  hyphens: '-',
  blanks: ' ',
  'line breaks': '\n',
  'blanks of all sorts': '\u00a0\u3000\t',
  'quote marks': '> ',
  brackets: '([{<',
  'telephone numbers': '+1 206 555 01',
  'forwarded blocks': '----- forwarded by ',
  'original messages': '__________\n  from: ',
  'quoted subjects': 'Subject: [case 1] re: [a] ',
  base64: 'QUJDREVGR0hJSktMTU5PUFFSU1RVVldYWVo',
  'words that do not end': 'a',
  'Japanese prose': 'お客様のアカウントで不審な操作が検出されました。',
  'full-width digits': '４８２９１３',
  'characters of no room': '4\u200b8\u00ad',
  'joiners of emoji': '\u200d\u{1f469}',
  ligatures: 'ﷺ',
  'capital I with dot': 'İ',
};

const MARKUP: Record<string, string> = {
  'rows of a table': '<tr><td style="padding:8px">cell</td><td>482913</td></tr>',
  'nested blocks': '<div>',
  'nested hidden blocks': '<div style="display:none">1',
  'nested links': '<a href="https://x.example/">',
  'tags that do not end': '<a <b ',
  'quotes that do not end': '<a b="',
  'attributes of one tag': ' a=b',
  'attributes with blanks': 'a  =  ',
  'tags that all differ': '<p class="x1">a</p>',
  'references to characters': '&shy;&#x200b;&eacute;',
  ampersands: '&',
  comments: '<!-- 482913 -->',
  'comments that do not end': '<!--',
  'raw elements that do not end': '<title>',
  'ends of raw elements': '<textarea></',
  'style sheets': '<style>.a{display:none}.b,#c{font-size:0}</style>',
  'rules of one style sheet': '<style>a{b:c}/*',
  'preformatted lines': '<pre>\n\n',
  'closing tags': '</p></div>',
};

const STRUCTURES: Record<string, () => Buffer> = {
  'two hundred nested multiparts': () => nested(200, 'multipart/mixed'),
  'two hundred nested messages': () =>
    Buffer.concat([Buffer.from('Content-Type: message/rfc822\r\n\r\n'.repeat(200)), Buffer.from(fill('a ', MB))]),
  'a hundred thousand parts': () =>
    Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n${'--b\r\n\r\na\r\n'.repeat(100_000)}--b--`),
  'a million false delimiters': () =>
    Buffer.from(`Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n${'--bb\r\n'.repeat(1_000_000)}`),
  'a header line of 20 MB': () => Buffer.from(`Subject: ${fill('a ', 20 * MB)}\r\n\r\ntext`),
  'a field folded half a million times': () => Buffer.from(`Subject: a${'\r\n a'.repeat(500_000)}\r\n\r\ntext`),
  'half a million fields': () => Buffer.from(`${'X-A: b\r\n'.repeat(500_000)}\r\ntext`),
  'two thousand Authentication-Results': () =>
    Buffer.from(`${'Authentication-Results: mx; dkim=pass header.d=amazon.com\r\n'.repeat(2000)}\r\ntext`),
  'a hundred thousand recipients': () => Buffer.from(`To: ${'"a, b" <a@b.example>, '.repeat(100_000)}\r\n\r\ntext`),
  'nested groups and comments': () => Buffer.from(`From: ${'g: ((a) '.repeat(20_000)}\r\n\r\ntext`),
  'encoded words': () => Buffer.from(`Subject: ${'=?utf-8?B?5pel5pys?=\r\n '.repeat(100_000)}\r\n\r\ntext`),
  'encoded words that do not end': () => Buffer.from(`Subject: ${'=?utf-8?Q?'.repeat(100_000)}\r\n\r\ntext`),
  'parameters of a Content-Type': () =>
    Buffer.from(`Content-Type: text/plain; ${'a*0*=utf-8; '.repeat(50_000)}\r\n\r\ntext`),
  'references to many mails': () => Buffer.from(`References: ${'<a1b2c3d4@b.example> '.repeat(50_000)}\r\n\r\ntext`),
  'base64 of 20 MB': () => encoded('base64', fill(`${'QUJD'.repeat(19)}\r\n`, 20 * MB)),
  'base64 with padding everywhere': () => encoded('base64', fill('QQ==', 4 * MB)),
  'quoted-printable of nothing but escapes': () => encoded('quoted-printable', fill('=41', 6 * MB)),
  'quoted-printable of broken escapes': () => encoded('quoted-printable', fill('=', 4 * MB)),
  'soft line breaks with blanks': () => encoded('quoted-printable', fill(`=${' '.repeat(79)}`, 4 * MB)),
  'flowed text': () =>
    Buffer.from(`Content-Type: text/plain; format=flowed; delsp=yes\r\n\r\n${fill('>> a \r\n', 4 * MB)}`),
  'two hundred text attachments': () =>
    Buffer.from(
      `Content-Type: multipart/mixed; boundary=b\r\n\r\n${`--b\r\nContent-Type: text/csv; name=a.csv\r\n\r\n${fill('your code is 482913, ', 100_000)}\r\n`.repeat(200)}--b--`,
    ),
  'two bodies and attachments of codes': () =>
    Buffer.from(
      `${HEAD}Content-Type: multipart/mixed; boundary=b\r\n\r\n${[
        ['plain', fill('your code is ４８２９１３ or 48-29-1\n', 2 * MB)],
        [
          'html',
          fill(
            '<td>password: a1b2c3d4</td><a href="https://x.example/reset?token=abcdefghijk1234567890">4</a>',
            2 * MB,
          ),
        ],
        ['csv', fill('your code is 771 913, secret access key: abc\n', 500_000)],
      ]
        .map(([type, body]) => `--b\r\nContent-Type: text/${type}; charset=utf-8\r\n\r\n${body}\r\n`)
        .join('')}--b--`,
    ),
  'a calendar of folded lines': () =>
    Buffer.from(`Content-Type: text/calendar\r\n\r\n${fill('DESCRIPTION:4\r\n 8\r\n ', 500_000)}`),
  'bytes of no charset': () => Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), Buffer.alloc(4 * MB, 0x81)]),
  'bytes of zero': () => Buffer.concat([Buffer.from('Subject: x\r\n\r\n'), Buffer.alloc(20 * MB)]),
  'escapes of ISO-2022-JP': () => Buffer.from(`Subject: x\r\n\r\n${fill('\x1b$B0!\x1b(B', 2 * MB)}`),
};

function nested(depth: number, type: string): Buffer {
  let body = 'Content-Type: text/plain\r\n\r\ninnermost';
  for (let level = depth; level > 0; level -= 1) {
    body = `Content-Type: ${type}; boundary=b${level}\r\n\r\n--b${level}\r\n${body}\r\n--b${level}--`;
  }
  return Buffer.from(body);
}

function textMail(text: string): Buffer {
  return Buffer.from(`${HEAD}Content-Type: text/plain; charset=utf-8\r\n\r\n${text}`);
}

function htmlMail(html: string): Buffer {
  return Buffer.from(`${HEAD}Content-Type: text/html; charset=utf-8\r\n\r\n<html><body>${html}`);
}

function headerMail(unit: string): Buffer {
  const long = fill(unit, 64 * 1024).replace(/[\r\n]+/g, ' ');
  const short = long.slice(0, 4000);
  return Buffer.from(
    `From: ${short} <a@b.example>\r\nTo: ${long}\r\nSubject: ${long}\r\nReferences: ${long}\r\nIn-Reply-To: ${short}\r\nContent-Type: text/plain; name="${short}"\r\n${`X-A: ${short}\r\n`.repeat(300)}List-Id: ${long}\r\nReceived: ${long}\r\nDate: ${long}\r\n\r\ntext`,
  );
}

function encoded(encoding: string, body: string): Buffer {
  return Buffer.from(`${HEAD}Content-Type: text/html\r\nContent-Transfer-Encoding: ${encoding}\r\n\r\n${body}`);
}

const HEAD = 'From: AWS <no-reply-aws@amazon.com>\r\nTo: root@acme.example\r\nSubject: Your AWS account\r\n';

function fill(unit: string, length: number): string {
  return unit.repeat(Math.ceil(length / unit.length)).slice(0, length);
}
