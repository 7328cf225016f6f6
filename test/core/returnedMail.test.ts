import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readReturned } from '../../src/core/returnedMail.ts';

const mail = (head: string[], body: string) =>
  Buffer.from(`${head.join('\r\n')}\r\n\r\n${body.replace(/\n/g, '\r\n')}`);

/** A report as Postfix writes it, with these recipient blocks. */
function report(blocks: string[], text = 'I am sorry to have to inform you'): Buffer {
  return mail(
    [
      'From: MAILER-DAEMON@mx.acme.test (Mail Delivery System)',
      'Subject: Undelivered Mail Returned to Sender',
      'Auto-Submitted: auto-replied',
      'MIME-Version: 1.0',
      'Content-Type: multipart/report; report-type=delivery-status; boundary="B/x"',
    ],
    `--B/x\nContent-Type: text/plain; charset=us-ascii\n\n${text}\n\n--B/x\nContent-Type: message/delivery-status\n\n` +
      `Reporting-MTA: dns; mx.acme.test\nArrival-Date: Tue, 24 Nov 2026 10:00:00 +0000\n\n${blocks.join('\n\n')}\n\n` +
      `--B/x\nContent-Type: message/rfc822\n\nSubject: Delivery failed\nAuto-Submitted: auto-replied\n\n550 5.1.1 code 123456\n--B/x--\n`,
  );
}

const block = (action: string, status: string, diagnostic = '') =>
  `Final-Recipient: rfc822; ops@acme.test\nAction: ${action}\nStatus: ${status}${diagnostic ? `\nDiagnostic-Code: smtp; ${diagnostic}` : ''}`;

describe('reports with a part for machines', () => {
  it('say what failed and why, in words of the server', () => {
    expect(readReturned(report([block('failed', '5.1.1', '550 5.1.1 <ops@acme.test>:\n    no such user')]))).toEqual({
      type: 'failed',
      status: '5.1.1',
      text: '550 5.1.1 <ops@acme.test>: no such user',
    });
  });

  it('are read to their last recipient block: a failure counts wherever it stands', () => {
    const blocks = [block('delivered', '2.0.0'), block('delayed', '4.4.1'), block('failed', '5.2.2')];
    for (const order of [blocks, blocks.toReversed()]) {
      expect(readReturned(report(order))).toMatchObject({ type: 'failed', status: '5.2.2' });
    }
    // A mailbox that is gone goes before a policy that refuses our form.
    expect(readReturned(report([block('failed', '5.7.26'), block('failed', '5.1.1')]))).toMatchObject({
      status: '5.1.1',
    });
  });

  it('delayed is not failed, whatever the words around it say', () => {
    expect(
      readReturned(report([block('delayed', '4.4.1', '451 4.4.1 timed out')], 'Delivery failed? No: delayed.')),
    ).toEqual({
      type: 'delayed',
      status: '4.4.1',
      text: '451 4.4.1 timed out',
    });
  });

  it('miss a status, an action, a case: what is there counts', () => {
    expect(readReturned(report(['final-recipient: rfc822;x@y\nACTION: Failed (mailbox gone)']))).toMatchObject({
      type: 'failed',
      status: '5.0.0',
    });
    expect(readReturned(report(['Final-Recipient: rfc822;x@y\nStatus: 5.1.10 (gone)']))).toMatchObject({
      type: 'failed',
      status: '5.1.10',
    });
    expect(
      readReturned(report([`Final-Recipient: rfc822;x@y\nAction: failed\nDiagnostic-Code: smtp;550 5.7.26 DMARC`])),
    ).toMatchObject({ status: '5.7.26' });
  });

  it('that only lie inside the mail that came back are of somebody else', () => {
    const inner = report([block('failed', '5.1.1')]).toString();
    const forwarded = mail(
      ['From: ops@acme.test', 'Subject: Fwd', 'Content-Type: multipart/mixed; boundary=o'],
      `--o\nContent-Type: text/plain\n\nsee below\n--o\nContent-Type: message/rfc822\n\n${inner}\n--o--\n`,
    );
    expect(readReturned(forwarded)).toEqual({ type: 'other' });
  });
});

describe('old forms', () => {
  const old = (from: string, subject: string, text: string, ...more: string[]) =>
    readReturned(mail([`From: ${from}`, `Subject: ${subject}`, ...more], text));

  it.each([
    [
      'qmail',
      old(
        'MAILER-DAEMON@acme.test',
        'failure notice',
        'Hi. This is the qmail-send program at acme.test.\n\n<ops@acme.test>:\nSorry, no mailbox here by that name. (#5.1.1)\n\n--- Below this line is a copy of the message.\n\nSubject: 4.2.2 delayed\n',
      ),
      { type: 'failed', status: '5.1.1' },
    ],
    [
      'Exim',
      old(
        'Mail Delivery System <Mailer-Daemon@acme.test>',
        'Mail delivery failed: returning message to sender',
        'A message that you sent could not be delivered.\n\n  ops@acme.test\n    SMTP error from remote mail server after RCPT TO:\n    550 Unrouteable address\n',
        'Auto-Submitted: auto-replied',
        'X-Failed-Recipients: ops@acme.test',
      ),
      { type: 'failed', status: '5.1.1', text: '550 Unrouteable address' },
    ],
    [
      'Exim, delayed',
      old(
        'Mailer-Daemon@acme.test',
        'Warning: message 1x delayed 24 hours',
        'A message that you sent has not yet been delivered to one or more of its recipients.\nNo action is required on your part.\n',
      ),
      { type: 'delayed' },
    ],
    [
      'an appliance, for policy',
      old('postmaster@acme.test', 'Undeliverable: Your invoice', 'Rejected: 550 5.7.1 policy violation\n'),
      { type: 'failed', status: '5.7.1' },
    ],
  ])('%s', (_name, found, expected) => {
    expect(found).toMatchObject(expected);
  });

  it('what people and their machines write is none', () => {
    expect(old('ops@acme.test', 'Automatic reply: Your invoice', 'Mail delivery failed 550 5.1.1')).toEqual({
      type: 'auto_reply',
    });
    expect(old('ops@acme.test', 'Re: x', 'Out', 'Auto-Submitted: auto-replied (vacation)')).toEqual({
      type: 'auto_reply',
    });
    expect(old('ops@acme.test', '不在のお知らせ', '')).toEqual({ type: 'auto_reply' });
    expect(old('ops@acme.test', 'Re: Delivery failed', '550 5.1.1')).toEqual({ type: 'other' });
  });
});

it('any bytes end in a verdict', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      expect(readReturned(bytes).type).toMatch(/^(failed|delayed|delivered|auto_reply|other)$/);
    }),
  );
  const started = performance.now();
  readReturned(Buffer.from(`From: mailer-daemon@x\r\n\r\n${'not been '.repeat(200_000)}${'<'.repeat(500_000)}`));
  readReturned(report([`${'\n'.repeat(200_000)}x`, 'Final-Recipient: x\n'.repeat(20_000)]));
  expect(performance.now() - started).toBeLessThan(5000);
});
