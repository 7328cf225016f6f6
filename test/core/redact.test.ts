import { describe, expect, test } from 'vitest';
import { parseMail } from '../../src/core/parse.ts';
import { type Redacted, type RedactOptions, redact } from '../../src/core/redact.ts';

async function redactMail(raw: string | Buffer, options: Partial<RedactOptions> = {}): Promise<Redacted> {
  const bytes = typeof raw === 'string' ? Buffer.from(raw.replace(/\r?\n/g, '\r\n')) : raw;
  return redact(await parseMail(bytes), { secretBySender: false, ...options });
}

function plain(text: string, subject = 'Hello'): string {
  return `From: a@b.example\nSubject: ${subject}\nContent-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n${text}\n`;
}

function html(body: string, subject = 'Hello'): string {
  return `From: a@b.example\nSubject: ${subject}\nContent-Type: text/html; charset=utf-8\nContent-Transfer-Encoding: 8bit\n\n<html><body>${body}</body></html>\n`;
}

/** Everything that leaves. */
function shown(redacted: Redacted): string {
  return JSON.stringify({ ...redacted, clean: undefined });
}

describe('codes seal a mail in any dress', () => {
  test.each([
    ['beside', plain('Your verification code is 482913.')],
    ['below', plain('Verification code\n\n482913\n\n(This code is valid for 10 minutes.)')],
    ['before', plain('482913 is your Amazon verification code.')],
    ['two groups', plain('Your one-time code: 482 913')],
    ['dashes', plain('Security code: 48-29-13')],
    ['single digits', plain('Your code is: 4 8 2 9 1 3')],
    ['full width', plain('Your verification code is ４８２９１３')],
    ['Arabic digits', plain('Your verification code is ٤٨٢٩١٣')],
    ['zero-width', plain('Your verification code is 48\u200b29\u200d1\u206013')],
    ['soft hyphen', html('Your verification code is 48&shy;29&shy;13')],
    [
      'table cells',
      html(
        '<p>Your verification code</p><table><tr><td>4</td><td>8</td><td>2</td><td>9</td><td>1</td><td>3</td></tr></table>',
      ),
    ],
    [
      'cells as blocks',
      html('Your verification code<div>4</div><div>8</div><div>2</div><div>9</div><div>1</div><div>3</div>'),
    ],
    ['spans', html('Your verification code <b>4</b><span>8</span><i>2</i>913')],
    ['number references', html('Your verification code &#52;&#56;&#x32;913')],
    ['hidden preheader', html('<div style="display:none">Your verification code is 482913</div>Hello')],
    ['alt text', html('<img alt="Your verification code is 482913" src="x.png">Hello')],
    ['subject only', plain('Hello', '482913 is your AWS verification code')],
    ['encoded subject', plain('Hello', '=?utf-8?B?WW91ciB2ZXJpZmljYXRpb24gY29kZSBpcyA0ODI5MTM=?=')],
    ['subject names it, text is it', plain('482913', 'Your verification code')],
    ['header', plain('Hello').replace('Subject:', 'X-Verification-Code: 482913\nSubject:')],
    [
      'OTP-Token header',
      plain('Hello').replace('Subject:', 'OTP-Token: "482913"; origin="https://x.example"\nSubject:'),
    ],
    ['letters', plain('Your verification code is: Q7X4T9')],
    ['letters alone on a line', plain('Your security code:\n\nB7XK-24PT\n')],
    ['Japanese', plain('認証コード：482913')],
    ['Japanese sentence', plain('確認コードは 482913 です。')],
    ['Chinese', plain('您的验证码为482913，请勿泄露')],
    ['Korean', plain('인증번호 482913 를 입력하세요')],
    ['German', plain('Ihr Bestätigungscode lautet 482913')],
    ['French', plain('Votre code de vérification est 482913')],
    ['Spanish', plain('Su código de verificación es 482913')],
    ['PIN', plain('Your PIN is 4829')],
    ['year-like PIN', plain('Your verification code is 2026')],
  ])('%s', async (_, raw) => {
    const redacted = await redactMail(raw);
    expect(redacted.level).toBe('sealed');
    expect(redacted.secrets.kinds).toContain('code');
    expect(redacted.text).toBe('');
    expect(
      shown(redacted)
        .normalize('NFKC')
        .replace(/[^\p{L}\p{N}]/gu, ''),
    ).not.toMatch(/482913|Q7X4T9|B7XK24PT|4829\D|٤٨٢٩١٣/);
  });

  test('in a nested message, a calendar part and an attached text', async () => {
    const parts = [
      'Content-Type: message/rfc822\n\nSubject: Your code\n\nYour verification code is 482913\n',
      'Content-Type: text/calendar\n\nBEGIN:VCALENDAR\nDESCRIPTION:Your verification code is 48\n 2913\nEND:VCALENDAR\n',
      'Content-Type: text/plain; name=a.txt\nContent-Disposition: attachment\nContent-Transfer-Encoding: base64\n\nWW91ciB2ZXJpZmljYXRpb24gY29kZSBpcyA0ODI5MTM=\n',
      'Content-Type: message/rfc822\nContent-Transfer-Encoding: base64\n\nU3ViamVjdDogeAoKWW91ciB2ZXJpZmljYXRpb24gY29kZSBpcyA0ODI5MTM=\n',
    ];
    for (const part of parts) {
      const raw = `From: a@b.example\nSubject: Fwd 482913\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nSee below.\n--x\n${part}--x--\n`;
      const redacted = await redactMail(raw);
      expect(redacted.level).toBe('sealed');
      expect(shown(redacted)).not.toContain('482913');
    }
  });

  test('quoted-printable splits the code over lines', async () => {
    const raw = plain('Your verification code is 48=\n29=31=33').replace('8bit', 'quoted-printable');
    expect((await redactMail(raw)).level).toBe('sealed');
  });

  test('a secret-class sender seals without any code found, unless its kind is named and lowered', async () => {
    const raw = plain('Requirement: create a new password. Case 1234567890.', 'Create a new password');
    const sealed = await redactMail(raw, { secretBySender: true });
    expect(sealed).toMatchObject({ level: 'sealed', text: '', secrets: { count: 0 } });
    expect((await redactMail(raw, { secretBySender: true, lowered: true })).level).toBe('none');
    const code = plain('Your verification code is 482913');
    expect((await redactMail(code, { secretBySender: true, lowered: true })).level).toBe('sealed');
    expect((await redactMail(raw, { secretBySender: false, sealed: true })).level).toBe('sealed');
  });

  test('sealed: numbers that could be codes are masked in subject, names and attachment names', async () => {
    const raw = plain('nothing', 'Verify 771204').replace('From: a@b.example', 'From: "771204" <a@signin.aws>');
    const redacted = await redactMail(raw, { secretBySender: true });
    expect(shown(redacted)).not.toContain('771204');
  });
});

describe('what is no secret stays', () => {
  test.each([
    ['account', 'Account ID: 123456789012 and 012345678901'],
    ['case numbers', 'Cases 1234567890, 11735180201 and 176508697500328'],
    ['instances', 'Instances i-0abcdef1234567890 and i-1a2b3c4d, vol-0123456789abcdef0'],
    ['dates', 'On 2026-09-02 at 11:00 UTC, September 2, 2026, 2026/09/02, 02.09.2026, 20260902'],
    ['amounts', 'Total USD 1234.56, $12,345.00, 5400 JPY, ¥540000'],
    ['invoice', 'Invoice EUINGB24-1234567 and 1234567890'],
    ['abuse report', 'Your AWS Abuse Report [12345678901] [AWS ID 123456789012]'],
    ['error codes', 'Lambda failed with error code 10060, exit code 1371, status code 50012'],
    ['ZIP code', 'Amazon Web Services, 410 Terry Avenue North, Seattle, WA 98109-5210, ZIP code 98109'],
    ['event type code', 'Event type code: AWS_EC2_INSTANCE_RETIREMENT_SCHEDULED, ports 8080 and 8443'],
    ['promo', 'Use promo code SAVE2026 until 2026-12-31'],
    ['code of software', 'Update your code to Node.js 22. The code in line 1024 fails with 40401 requests.'],
    ['password prose', 'Your password is required. Reset your password: see the console. The password was changed.'],
    [
      'password lines',
      'Change your password\nhttps://aws.amazon.com/x1\nPassword\nsomebody1@example.com\nPassword required',
    ],
    ['AWS links', 'https://console.aws.amazon.com/support/home#/case/?displayId=176508697500328&language=en'],
    [
      'Health link',
      'https://health.aws.amazon.com/health/home#/account/event-log?eventID=arn:aws:health:us-east-1::event/EC2/AWS_EC2_X/AWS_EC2_X_3f3bd2a5b1c94e0f8d21&eventTab=details',
    ],
    ['bills link', 'https://console.aws.amazon.com/billing/home#/bills?year=2026&month=9'],
    ['account ending', 'Your account ending in ****1926 has a new statement'],
    ['phone', 'Call +1 206-555-0100 or 800 555 0199'],
    [
      'code words and other numbers',
      'We sent a verification code to you on 2026-09-02 for case 1234567890 and account 123456789012. It is valid for 10 minutes and 86400 seconds.',
    ],
  ])('%s', async (_, text) => {
    const redacted = await redactMail(plain(text));
    expect(redacted.text).toBe(text);
    expect(redacted.secrets).toEqual({ count: 0, kinds: [], level: 'none' });
  });
});

describe('masked tokens', () => {
  test.each([
    [
      'reset link',
      'Go to https://signin.aws.amazon.com/resetpassword?type=RootUser&token=Abc123Def456 now',
      'Go to https://signin.aws.amazon.com/[link] now',
      'link',
    ],
    [
      'SNS token',
      'https://sns.us-east-1.amazonaws.com/confirmation.html?TopicArn=arn:aws:sns:us-east-1:123456789012:t&Token=2336412f37fb687f5d51e6e2',
      'https://sns.us-east-1.amazonaws.com/[link]',
      'link',
    ],
    [
      'unsubscribe',
      'https://sns.us-east-1.amazonaws.com/unsubscribe.html?SubscriptionArn=arn:aws:sns:us-east-1:1:t:2336412f&Endpoint=a@b.example',
      'https://sns.us-east-1.amazonaws.com/[link]',
      'link',
    ],
    [
      'SES context',
      'https://email-verification.us-east-1.amazonaws.com/?Context=123456789012&X-Amz-Date=20260902T110000Z&X-Amz-Signature=0f0f0f0f',
      'https://email-verification.us-east-1.amazonaws.com/[link]',
      'link',
    ],
    [
      'access key',
      'Key AKIAIOSFODNN7EX7Q4E was exposed'.replace('7EX7Q4E', '7EXA7Q4E'),
      'Key AKIA…7Q4E was exposed',
      'access_key',
    ],
    [
      'secret key',
      'SecretAccessKey: wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
      'SecretAccessKey: [secret key]',
      'secret_key',
    ],
    ['password', 'Password: Tr0ub4dor&3', 'Password: [password]', 'password'],
    [
      'password of somebody',
      'The password for our new admin user is Tr0ub4dor&3',
      'The password for our new admin user is [password]',
      'password',
    ],
    [
      'German password',
      'Mein Passwort für das Konto lautet: Geheim-99!',
      'Mein Passwort für das Konto lautet: [password]!',
      'password',
    ],
    ['password in a row', 'Temporary password  Tr0ub4dor&3', 'Temporary password  [password]', 'password'],
    ['password below its label', 'Password\nTr0ub4dor&3\nBye', 'Password\n[password]\nBye', 'password'],
    ['Japanese password', '仮パスワード：Abc-12345', '仮パスワード：[password]', 'password'],
    ['card ending', 'Your Visa card ending in 1926 was declined', 'Your Visa card ending in •••• was declined', 'card'],
    ['card number', 'Card 4111 1111 1111 1111', 'Card ••••', 'card'],
  ])('%s', async (_, text, masked, kind) => {
    const redacted = await redactMail(plain(text));
    expect(redacted.text).toBe(masked);
    expect(redacted.secrets).toEqual({ count: 1, kinds: [kind], level: 'masked' });
  });

  test('a link broken over lines is masked to its end, and line numbers stay', async () => {
    const text =
      'Open\n<https://signin.aws.amazon.com/resetpassword?type=RootUser&tok\nen=Abc123Def456Ghi789\nJkl012>\nlast';
    const redacted = await redactMail(plain(text));
    expect(redacted.text).not.toMatch(/Abc123|Jkl012/);
    expect(redacted.text.split('\n')[4]).toBe('last');
  });

  test('where a leaked key lies is as good as the key', async () => {
    const redacted = await redactMail(
      plain('Key AKIAIOSFODNN7EXA7Q4E is at https://github.com/foo/bar/blob/main/.env now'),
    );
    expect(redacted.text).toBe('Key AKIA…7Q4E is at https://github.com/[link] now');
    const other = 'See https://github.com/foo/bar/blob/main/README.md';
    expect((await redactMail(plain(other))).text).toBe(other);
  });

  test('a token of a link is masked where it stands alone', async () => {
    const redacted = await redactMail(
      plain('https://x.example/verify?token=Abc123Def456Ghi789Jkl\nOr paste Abc123Def456Ghi789Jkl there.'),
    );
    expect(redacted.text).not.toContain('Abc123Def456Ghi789Jkl');
  });

  test('links of HTML are masked in the list of links', async () => {
    const redacted = await redactMail(
      html('<a href="https://signin.aws.amazon.com/resetpassword?token=Abc123Def456">Reset</a>'),
    );
    expect(redacted.links).toEqual([{ href: 'https://signin.aws.amazon.com/[link]', label: 'Reset', where: 'body 1' }]);
    expect(redacted.secrets.kinds).toEqual(['link']);
  });

  test('clean masks what this mail holds in any other text', async () => {
    const redacted = await redactMail(plain('Your verification code is 482913'));
    expect(redacted.clean('found 482 913 here')).toBe('found [code] here');
    expect(redacted.clean('case 176508697500328')).toBe('case 176508697500328');
  });
});
