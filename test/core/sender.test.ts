import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse as parseYaml } from 'yaml';
import { readFields } from '../../src/core/fields.ts';
import { judgeSender, senderRulesSchema } from '../../src/core/sender.ts';
import type { AuthResult, SignatureResult } from '../../src/core/values.ts';

const rules = senderRulesSchema.parse(parseYaml(readFileSync('config/senders.yaml', 'utf8')));

const SIGNED = ['from', 'to', 'subject', 'date', 'message-id', 'mime-version', 'content-type'];

function signature(domain: string, more: Partial<SignatureResult> = {}): SignatureResult {
  return { domain, selector: 's1', result: 'pass', signs: SIGNED, identity: null, defect: null, ...more };
}

function auth(signatures: SignatureResult[], more: Partial<AuthResult> = {}): AuthResult {
  const dmarc = { result: 'pass', domain: null, policy: 'quarantine' };
  return { state: 'final', by: 'us', authservId: null, signatures, spf: null, dmarc, ignored: [], ...more };
}

const NONE = auth([], { dmarc: { result: 'fail', domain: null, policy: null } });

function judge(header: string | string[], result: AuthResult) {
  const lines = typeof header === 'string' ? [header] : header;
  return judgeSender(readFields(Buffer.from(`${lines.join('\r\n')}\r\n\r\nbody`)), result, rules);
}

const CASE = ['From: Amazon Web Services <no-reply-aws@amazon.com>', 'Subject: RE:[CASE 176508697500328] Limits'];
const codes = (verdict: { reasons: { code: string }[] }) => verdict.reasons.map((reason) => reason.code);

describe('AWS by proof', () => {
  test('a listed sender with an aligned signature is AWS', () => {
    const verdict = judge(CASE, auth([signature('amazon.com'), signature('amazonses.com')]));
    expect(verdict).toMatchObject({
      class: 'aws',
      authentic: true,
      address: 'no-reply-aws@amazon.com',
      secretBySender: false,
    });
    expect(codes(verdict)).toEqual(['auth.dkim_aligned', 'sender.listed']);
  });

  test.each([
    ['health@aws.com', 'aws.com'],
    ['no-reply@verify.signin.aws', 'signin.aws'],
    ['budgets@costalerts.amazonaws.com', 'amazonaws.com'],
    ['trustandsafety@support.aws.com', 'support.aws.com'],
    ['aws-receivables-support@email.amazon.com', 'amazon.com'],
    ['no-reply@login.awsapps.com', 'login.awsapps.com'],
  ])('%s signed by %s', (address, domain) => {
    expect(judge([`From: <${address}>`, 'Subject: x'], auth([signature(domain)])).class).toBe('aws');
  });

  test('an unlisted address in a domain of AWS is AWS, on no list', () => {
    const verdict = judge(['From: new-thing@aws.com', 'Subject: x'], auth([signature('aws.com')]));
    expect(verdict.class).toBe('aws');
    expect(codes(verdict)).toContain('sender.unlisted');
  });

  test('AWS alone registers below .aws, but its customers have names there', () => {
    const from = (address: string) => [`From: <${address}>`, 'Subject: x'];
    expect(judge(from('hello@builder.aws'), auth([signature('builder.aws')])).class).toBe('aws');
    expect(judge(from('hello@builder.aws'), NONE).class).toBe('pretends');
    const customer = 'abc.lambda-url.eu-west-1.on.aws';
    expect(judge(from(`x@${customer}`), auth([signature(customer)])).class).toBe('other');
  });
});

describe('forging roads', () => {
  const good = () => auth([signature('amazon.com'), signature('amazonses.com')]);

  test.each([
    ['a second Subject on top', ['Subject: Pay now', ...CASE], good()],
    ['a second From on top', ['From: Evil <e@evil.example>', ...CASE], good()],
    ['a second Subject with white space before the colon', ['Subject : Pay now', ...CASE], good()],
    ['a second Content-Type', ['Content-Type: text/html', 'Content-Type: text/plain', ...CASE], good()],
    ['a second Reply-To', ['Reply-To: a@aws.com', 'Reply-To: b@aws.com', ...CASE], good()],
    ['two addresses in From', ['From: no-reply-aws@amazon.com, e@evil.example', 'Subject: x'], good()],
    ['Subject not signed', CASE, auth([signature('amazon.com', { signs: ['from', 'to'] })])],
    ['From not signed', CASE, auth([signature('amazon.com', { signs: ['subject', 'to'] })])],
    ['what is signed is not known', CASE, auth([signature('amazon.com', { signs: null })])],
    ['i= outside d=', CASE, auth([signature('amazon.com', { identity: '@evil.example' })])],
    ['a defect that the verifier overlooked', CASE, auth([signature('amazon.com', { defect: 't=s' })])],
    ['only amazonses.com signed', CASE, auth([signature('amazonses.com')])],
    ['DMARC pass by SPF alone', CASE, auth([], { spf: { result: 'pass', domain: 'amazon.com' } })],
    ['signature failed', CASE, auth([signature('amazon.com', { result: 'fail' })])],
    ['DMARC failed', CASE, auth([signature('amazon.com')], { dmarc: { result: 'fail', domain: null, policy: null } })],
    ['nothing at all', CASE, NONE],
    [
      'body signed in part',
      [...CASE, 'DKIM-Signature: v=1; d=amazon.com; s=s1; l=10; h=from:subject; bh=x; b=y'],
      good(),
    ],
    ['unsigned Reply-To that leads away', [...CASE, 'Reply-To: aws-abuse@evil.example'], good()],
    [
      'signature of a customer below amazonaws.com',
      ['From: no-reply@amazonaws.com', 'Subject: x'],
      auth([signature('ec2-1.compute.amazonaws.com')]),
    ],
    [
      'signature of a WorkMail customer',
      ['From: no-reply@login.awsapps.com', 'Subject: x'],
      auth([signature('awsapps.com')]),
    ],
  ])('%s: pretends', (_, header, result) => {
    const verdict = judge(header, result);
    expect(verdict.class).toBe('pretends');
    expect(verdict.authentic).toBe(false);
  });

  test('a signed Reply-To may lead where AWS wants it', () => {
    const result = auth([signature('amazon.com', { signs: [...SIGNED, 'reply-to'] })]);
    expect(judge([...CASE, 'Reply-To: a@partner.example'], result).class).toBe('aws');
  });

  test.each([
    'no-reply@arnazon.com',
    'no-reply@amaz0n.com',
    'no-reply@amazom.com',
    'aws@xn--mazon-3ve.com',
    'x@аmazon.com',
    'no-reply@aws-support.com',
    'no-reply@awsbilling.net',
    'no-reply@amazonaws-security.com',
    'no-reply@signin-aws.com',
    'no-reply@signin.aws.evil.example',
    'health@aws.com.evil.example',
    'no-reply@console.aws.amazon.com.evil.example',
  ])('look-alike %s pretends, whatever its own signature says', (address) => {
    const domain = address.slice(address.indexOf('@') + 1);
    const verdict = judge([`From: Notices <${address}>`, 'Subject: hello'], auth([signature(domain)]));
    expect(codes(verdict)).toContain('claim.lookalike');
    expect(verdict.class).toBe('pretends');
  });

  test.each([
    'Amazon Web Services',
    'AWS Support',
    'AWS',
    'Amaz0n Web Serv1ces',
    'АWS Billing',
    "'Amazon Web Services, Inc.' via Root",
    'no-reply-aws@amazon.com',
    'アマゾン ウェブ サービス ジャパン',
    '=?utf-8?B?QVdTIFN1cHBvcnQ=?=',
  ])('display name %s on a strange address pretends', (name) => {
    const written = name.startsWith('=?') ? name : `"${name}"`;
    expect(
      judge([`From: ${written} <x@contoso.example>`, 'Subject: hi'], auth([signature('contoso.example')])).class,
    ).toBe('pretends');
  });

  test.each([
    ['subject form', ['From: x@billing.example', 'Subject: Amazon Web Services Billing Statement Available']],
    ['case form without proof', ['From: x@billing.example', 'Subject: RE:[CASE 12345678901] Your account']],
    ['machine header', ['From: x@billing.example', 'Subject: x', 'X-SM-COMMUNICATION: true']],
    ['Reply-To of AWS', ['From: Root <root@contoso.example>', 'Reply-To: health@aws.com', 'Subject: x']],
  ])('%s pretends', (_, header) => {
    expect(judge(header, NONE).class).toBe('pretends');
  });
});

describe('who is not AWS and does not pretend', () => {
  test.each([
    ['customer person', 'Jane Doe <jane@contoso.example>', 'Question about our AWS bill'],
    [
      'forwards AWS mail',
      'Jane Doe <jane@contoso.example>',
      'Fwd: [Action Required] Suspicious activity in your AWS account [123456789012]',
    ],
    ['answers a case', 'Jane Doe <jane@contoso.example>', 'Re: RE:[CASE 12345678901] Limits'],
    ['own AWS team', 'AWS Team <aws-team@contoso.example>', 'Budget'],
    ['AWS in the domain of a customer', 'Ops <ops@contoso-aws.example>', 'Budget'],
    ['AWS as a host of a customer', 'Ops <ops@aws.contoso.example>', 'Budget'],
    ['a word that holds aws', 'Paul Laws <paul@lawson-claws.example>', 'Hi'],
    ['job title', 'Jane Doe (AWS Architect) <jane@contoso.example>', 'Hi'],
    ['vendor about AWS', 'Vendor <news@vendor.example>', 'Save on AWS with us'],
    ['a place called Amazonas', 'Tour <hi@amazonas-reisen.example>', 'Hi'],
  ])('%s', (_, from, subject) => {
    for (const result of [NONE, auth([signature(from.slice(from.indexOf('@') + 1, -1))])]) {
      expect(judge([`From: ${from}`, `Subject: ${subject}`], result).class).toBe('other');
    }
  });

  test('an answer to a case by subject of AWS with In-Reply-To', () => {
    const header = ['From: Jane <jane@contoso.example>', 'Subject: RE:[CASE 12345678901] Limits', 'In-Reply-To: <a@b>'];
    expect(judge(header, NONE).class).toBe('other');
  });

  test('cron mail of an EC2 host and a WorkMail customer', () => {
    for (const address of ['root@ec2-3-4-5-6.compute.amazonaws.com', 'you@yourteam.awsapps.com']) {
      const verdict = judge([`From: ${address}`, 'Subject: Cron <root@ip-10-0-0-1> backup'], NONE);
      expect(verdict.class).toBe('other');
      expect(codes(verdict)).toContain('sender.aws_customer');
    }
  });

  test('Seller Support uses the form of case mail and is authentic, but not AWS', () => {
    const header = [
      'From: Amazon Seller Support <merch.service05@amazon.com>',
      'Subject: RE:[CASE 21556110581] Listing',
      'Feedback-ID: 1:AmazonSES',
    ];
    expect(judge(header, auth([signature('amazon.com')]))).toMatchObject({ class: 'other', authentic: true });
    expect(
      judge(['From: Amazon <account-update@amazon.com>', 'Subject: Sign-In detected'], auth([signature('amazon.com')]))
        .class,
    ).toBe('other');
  });

  test('a person at Amazon', () => {
    expect(
      judge(['From: John Roe <jroe@amazon.com>', 'Subject: Our call'], auth([signature('amazon.com')])).class,
    ).toBe('aws_person');
    expect(judge(['From: John Roe <jroe@amazon.com>', 'Subject: Our call'], NONE).class).toBe('pretends');
  });

  test('no From', () => {
    expect(judge('Subject: x', NONE)).toMatchObject({ class: 'other', authentic: false, address: null });
  });
});

test('mail that can no longer be checked is history, not pretence', () => {
  expect(judge(CASE, auth([], { state: 'unverifiable' })).class).toBe('unverifiable');
  expect(judge('From: a@contoso.example', auth([], { state: 'unverifiable' })).class).toBe('other');
});

test('another signature over the From domain of a stranger is authentic only when aligned', () => {
  const header = ['From: a@mail.contoso.example', 'Subject: x'];
  expect(judge(header, auth([signature('contoso.example')])).authentic).toBe(true);
  expect(judge(header, auth([signature('other.example')])).authentic).toBe(false);
  expect(judge(header, auth([signature('example')])).authentic).toBe(false);
});

describe('secret-class by sender', () => {
  test.each([
    ['From: no-reply@signin.aws', true],
    ['From: x@deep.verify.signin.aws', true],
    ['From: no-reply@signup.aws', true],
    ['From: "no-reply@signin.aws" <x@evil.example>', true],
    ['From: x@signin.aws.evil.example', true],
    ['From: <<<no-reply@signin.aws', true],
    ['From: no-reply-aws@amazon.com', false],
    ['From: jane@contoso.example', false],
  ])('%s', (header, secret) => {
    expect(judge(header, NONE).secretBySender).toBe(secret);
  });
});

test('any bytes in From give a verdict', () => {
  for (const value of [
    '',
    '"',
    '<>',
    '@',
    '<@>',
    '(((',
    ';;;,,,',
    '\u0000',
    `${'a'.repeat(70_000)}@b`,
    '=?utf-8?B?????=',
  ]) {
    expect(() => judge(`From: ${value}`, NONE)).not.toThrow();
  }
});
