import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMail } from '../../src/core/parse.ts';
import { redact } from '../../src/core/redact.ts';

/** A random secret in a random dress, in a random place, under random MIME wrapping: nothing of it may leave. */

const code = fc.stringMatching(/^[1-9][0-9]{5}$/).filter((value) => !/^(?:19|20)/.test(value));
const token = fc.stringMatching(/^[A-Za-z][a-z]{3}[0-9]{3}[A-Z]{3}[0-9a-z]{12}$/);

const phrase = fc.constantFrom(
  (secret: string) => `Your verification code is ${secret}.`,
  (secret: string) => `${secret} is your one-time code`,
  (secret: string) => `Security code:\n\n${secret}\n\nIt is valid for 10 minutes.`,
  (secret: string) => `認証コード：${secret}\nこのコードは10分間有効です。`,
  (secret: string) => `Enter this code to sign in: ${secret}`,
  (secret: string) => `Ihr Einmalpasswort lautet ${secret}`,
);

const dress = fc.constantFrom(
  (digits: string) => digits,
  (digits: string) => `${digits.slice(0, 3)} ${digits.slice(3)}`,
  (digits: string) => `${digits.slice(0, 3)}-${digits.slice(3)}`,
  (digits: string) => [...digits].join(' '),
  (digits: string) => [...digits].map((digit) => String.fromCharCode(digit.charCodeAt(0) + 0xfee0)).join(''),
  (digits: string) => [...digits].join('\u200b'),
  (digits: string) => [...digits].join('\u00ad'),
);

const htmlDress = fc.constantFrom(
  (digits: string) => [...digits].map((digit) => `&#${digit.charCodeAt(0)};`).join(''),
  (digits: string) => [...digits].map((digit) => `<span>${digit}</span>`).join(''),
  (digits: string) => `<table><tr>${[...digits].map((digit) => `<td>${digit}</td>`).join('')}</tr></table>`,
  (digits: string) => [...digits].join('&shy;'),
  (digits: string) => `<b>${digits.slice(0, 2)}</b><!-- x --><i>${digits.slice(2)}</i>`,
);

type Leaf = { type: string; body: string };

const encode = fc.constantFrom(
  (leaf: Leaf) =>
    `Content-Type: ${leaf.type}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(leaf.body)}`,
  (leaf: Leaf) =>
    `Content-Type: ${leaf.type}; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n${quotedPrintable(leaf.body)}`,
  (leaf: Leaf) =>
    `Content-Type: ${leaf.type}; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n${crlf(leaf.body)}`,
  (leaf: Leaf) => `Content-Type: ${leaf.type}\r\n\r\n${crlf(leaf.body)}`,
);

const wrap = fc.constantFrom(
  (part: string) => part,
  (part: string) => multipart('mixed', ['Content-Type: text/plain\r\n\r\nSee below.', part]),
  (part: string) =>
    multipart('alternative', ['Content-Type: text/plain\r\n\r\nHello, please read the long text of this mail.', part]),
  (part: string) =>
    multipart('related', [part, 'Content-Type: image/png\r\nContent-Transfer-Encoding: base64\r\n\r\niVBORw0KGgo=']),
  (part: string) => `Content-Type: message/rfc822\r\n\r\nSubject: inner\r\n${part}`,
  (part: string) =>
    multipart('mixed', [`Content-Type: message/rfc822\r\nContent-Transfer-Encoding: base64\r\n\r\n${base64(part)}`]),
);

function base64(text: string): string {
  return Buffer.from(text, 'utf8').toString('base64').replace(/.{76}/g, '$&\r\n');
}

function quotedPrintable(text: string): string {
  const bytes = [...Buffer.from(text, 'utf8')].map((byte) => `=${byte.toString(16).toUpperCase().padStart(2, '0')}`);
  return bytes.join('').replace(/(?:...){7}/g, '$&=\r\n');
}

function crlf(text: string): string {
  return text.replace(/\n/g, '\r\n');
}

let boundaries = 0;
function multipart(sort: string, parts: string[]): string {
  boundaries += 1;
  const boundary = `b${boundaries}x`;
  return `Content-Type: multipart/${sort}; boundary=${boundary}\r\n\r\n${parts.map((part) => `--${boundary}\r\n${part}\r\n`).join('')}--${boundary}--`;
}

async function leaves(raw: string): Promise<{ shown: string; level: string }> {
  const redacted = redact(await parseMail(Buffer.from(raw, 'utf8')), { secretBySender: false });
  const shown = JSON.stringify({ ...redacted, clean: undefined }).normalize('NFKC');
  return { shown: shown.replace(/[^\p{L}\p{N}]/gu, ''), level: redacted.level };
}

const HEAD = 'From: a@b.example\r\n';

test('a code never survives', async () => {
  await fc.assert(
    fc.asyncProperty(
      code,
      phrase,
      dress,
      encode,
      fc.array(wrap, { maxLength: 3 }),
      fc.boolean(),
      async (digits, say, dressed, encoded, wraps, inSubject) => {
        const part = wraps.reduce(
          (inner, wrapped) => wrapped(inner),
          encoded({ type: 'text/plain', body: say(dressed(digits)) }),
        );
        const subject = inSubject ? `Subject: ${digits} for you\r\n` : 'Subject: Hello\r\n';
        const { shown, level } = await leaves(HEAD + subject + part);
        expect(level).toBe('sealed');
        expect(shown).not.toContain(digits);
      },
    ),
    { numRuns: 150 },
  );
});

test('a code in HTML never survives', async () => {
  await fc.assert(
    fc.asyncProperty(
      code,
      htmlDress,
      encode,
      fc.array(wrap, { maxLength: 3 }),
      fc.constantFrom('', 'display:none', 'font-size:0'),
      async (digits, dressed, encoded, wraps, style) => {
        const body = `<html><body><div style="${style}"><p>Your verification code:</p>${dressed(digits)}</div><p>Thank you</p></body></html>`;
        const part = wraps.reduce((inner, wrapped) => wrapped(inner), encoded({ type: 'text/html', body }));
        const { shown, level } = await leaves(`${HEAD}Subject: ${digits}\r\n${part}`);
        expect(level).toBe('sealed');
        expect(shown).not.toContain(digits);
      },
    ),
    { numRuns: 80 },
  );
});

test('the token of an acting link never survives', async () => {
  const link = fc.constantFrom(
    (value: string) => `https://signin.aws.amazon.com/resetpassword?type=RootUser&token=${value}&region=us-east-1`,
    (value: string) => `https://x.example/verify/${value}`,
    (value: string) => `https://x.example/a?b=c&confirmationToken=${value}`,
    (value: string) => `http://sns.us-east-1.amazonaws.com/?Action=ConfirmSubscription&Token=${value}`,
    (value: string) => `https://x.example/#/accept-invitation?code=${value}`,
  );
  const place = fc.constantFrom(
    (url: string): Leaf => ({ type: 'text/plain', body: `Please follow ${url} now.` }),
    (url: string): Leaf => ({ type: 'text/plain', body: `Please follow <${url}>\nnow.` }),
    (url: string): Leaf => ({
      type: 'text/html',
      body: `<p>Please <a href="${url.replace(/&/g, '&amp;')}">follow</a> now.</p>`,
    }),
    (url: string): Leaf => ({ type: 'text/html', body: `<p>Please copy ${url.replace(/&/g, '&amp;')}</p>` }),
  );
  await fc.assert(
    fc.asyncProperty(
      token,
      link,
      place,
      encode,
      fc.array(wrap, { maxLength: 2 }),
      async (value, makeLink, placed, encoded, wraps) => {
        const part = wraps.reduce((inner, wrapped) => wrapped(inner), encoded(placed(makeLink(value))));
        const { shown } = await leaves(`${HEAD}Subject: ${value} inside\r\n${part}`);
        expect(shown).not.toContain(value);
      },
    ),
    { numRuns: 80 },
  );
});

test('numbers of AWS are not eaten', async () => {
  const number = fc.constantFrom(10, 11, 12, 15).chain((length) => fc.stringMatching(new RegExp(`^[0-9]{${length}}$`)));
  const name = fc.constantFrom('Case', 'Account', 'Report', 'Invoice', 'Reference');
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(name, number), { minLength: 1, maxLength: 4 }), async (pairs) => {
      const text = pairs.map(([label, value]) => `${label} ${value} in us-east-1`).join('\n');
      const redacted = redact(await parseMail(Buffer.from(`${HEAD}Subject: x\r\n\r\n${text}`)), {
        secretBySender: false,
      });
      expect(redacted.text).toBe(text);
    }),
    { numRuns: 80 },
  );
});

test('any text at all is redacted without an error, and line numbers stay', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary', maxLength: 400 }), async (text) => {
      const mail = await parseMail(Buffer.from(`${HEAD}Subject: x\r\n\r\ncode: ${text}`, 'utf8'));
      const redacted = redact(mail, { secretBySender: false });
      if (redacted.level !== 'sealed') expect(redacted.text.split('\n').length).toBe(mail.text.split('\n').length);
      expect(redacted.text.isWellFormed()).toBe(true);
    }),
    { numRuns: 80 },
  );
});
