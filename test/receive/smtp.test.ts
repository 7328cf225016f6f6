import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLmtp } from '../../src/receive/lmtp.ts';
import { startSmtp } from '../../src/receive/smtp.ts';
import { loadSettings } from '../../src/settings.ts';
import { openTalk } from './smtpTalk.ts';
import { openStage, plainMail, type Stage, signedMail } from './stage.ts';

const settings = loadSettings({ file: '/dev/null', env: {} });

describe('SMTP and LMTP', () => {
  let stage: Stage;
  let smtp: Awaited<ReturnType<typeof startSmtp>>;
  let lmtp: Awaited<ReturnType<typeof startLmtp>>;

  beforeAll(async () => {
    stage = await openStage({ mailBytes: 300_000 });
    smtp = await startSmtp({ ...settings.smtp, port: 0, maxRecipients: 5 }, stage.listenerDeps);
    lmtp = await startLmtp({ ...settings.lmtp, port: 0 }, 'rootdesk.test', stage.listenerDeps);
  });
  afterAll(async () => {
    await smtp?.close();
    await lmtp?.close();
    await stage?.close();
  });

  it('keeps a signed mail sealed before it says 250', async () => {
    const mail = signedMail();
    const talk = await openTalk(smtp.port);
    const answers = await talk.send(mail, { from: 'bounce@amazonses.com', to: ['ACME-7f3k@Root.test'] });
    expect(answers).toEqual([expect.stringMatching(/^250 /)]);
    await talk.quit();
    const { rows } = await stage.database.pool.query(
      `select m.*, r.bytes, r.wrapped_key, r.key_id, a.envelope_from, a.envelope_to, host(a.client_ip) as ip, a.helo
         from mails m join raws r on r.mail_id = m.id join arrivals a on a.mail_id = m.id`,
    );
    expect(rows).toHaveLength(1);
    expect(rows[0]).toMatchObject({
      customer_id: 1,
      list_id: 1,
      auth: { state: 'final', by: 'us', dmarc: { result: 'pass', domain: 'amazon.com' } },
      envelope_from: 'bounce@amazonses.com',
      envelope_to: 'acme-7f3k@root.test',
      ip: '127.0.0.1',
      outcome: null,
      message_id: null,
    });
    expect(rows[0].auth.signatures).toMatchObject([{ domain: 'amazon.com', result: 'pass', defect: null }]);
    expect(rows[0].decide_due).not.toBeNull();
    expect(rows[0].bytes.includes('Your invoice')).toBe(false);
    expect(stage.seal.open(rows[0].bytes, rows[0].wrapped_key, rows[0].key_id).equals(mail)).toBe(true);
    expect(stage.rings).toContain('decide');
    const members = await stage.database.pool.query('select member_id from deliveries where mail_id = $1', [
      rows[0].id,
    ]);
    expect(members.rows).toEqual([{ member_id: 1 }]);
  });

  it('refuses only what is none of ours, and takes postmaster', async () => {
    const talk = await openTalk(smtp.port);
    await talk.command('MAIL FROM:<>');
    expect(await talk.command('RCPT TO:<nobody@root.test>')).toMatch(/^550 5\.1\.1/);
    expect(await talk.command('RCPT TO:<acme-7f3k@elsewhere.test>')).toMatch(/^550 5\.1\.1/);
    expect(await talk.command('RCPT TO:<postmaster@elsewhere.test>')).toMatch(/^550/);
    expect(await talk.command('RCPT TO:<Postmaster>')).toMatch(/^250/);
    expect(await talk.command('RCPT TO:<postmaster@root.test>')).toMatch(/^250/);
    await talk.quit();
  });

  it.each([
    ['quoted without need', '"acme-7f3k"@root.test', 'acme-7f3k@root.test'],
    ['of an international domain in ASCII', 'Acme@xn--bcher-kva.test', 'acme@xn--bcher-kva.test'],
    ['of an international domain in Unicode', 'acme@bücher.test', 'acme@xn--bcher-kva.test'],
  ])('routes an address %s', async (_name, to, known) => {
    await stage.database.pool.query(
      `insert into lists (customer_id, address) values (1, 'acme@xn--bcher-kva.test') on conflict do nothing`,
    );
    const talk = await openTalk(smtp.port);
    expect(await talk.send(plainMail(), { from: '', to: [to] })).toEqual([expect.stringMatching(/^250/)]);
    await talk.quit();
    const { rows } = await stage.database.pool.query(
      `select m.customer_id, a.envelope_to from mails m join arrivals a on a.mail_id = m.id order by m.id desc limit 1`,
    );
    expect(rows).toEqual([{ customer_id: 1, envelope_to: known }]);
  });

  it('keeps postmaster mail unrouted', async () => {
    const talk = await openTalk(smtp.port);
    const mail = plainMail({ To: 'globex-4t8w@root.test' });
    expect(await talk.send(mail, { from: '', to: ['postmaster'] })).toEqual([expect.stringMatching(/^250/)]);
    await talk.quit();
    const { rows } = await stage.database.pool.query('select customer_id from mails order by id desc limit 1');
    expect(rows).toEqual([{ customer_id: null }]);
  });

  it('is one mail with two arrivals for two lists of a customer, and a mail each for two customers', async () => {
    const talk = await openTalk(lmtp.port, 'LHLO');
    const mail = signedMail();
    const to = ['acme-7f3k@root.test', 'acme-b-9x2m@root.test', 'globex-4t8w@root.test'];
    const before = await counts(stage);
    const answers = await talk.send(mail, { from: 'x@amazonses.com', to });
    await talk.quit();
    expect(answers).toHaveLength(3);
    expect(answers.every((answer) => answer.startsWith('250'))).toBe(true);
    const after = await counts(stage);
    expect({ mails: after.mails - before.mails, arrivals: after.arrivals - before.arrivals }).toEqual({
      mails: 2,
      arrivals: 3,
    });
    // ops@acme.test is on both lists of acme and gets one copy; late@acme.test bounces and is still served.
    expect(after.deliveries - before.deliveries).toBe(2);
    const keys = await stage.database.pool.query(
      'select count(distinct wrapped_key)::int as n from raws where mail_id in (select id from mails order by id desc limit 2)',
    );
    expect(keys.rows).toEqual([{ n: 2 }]);
  });

  it('is one mail when the sender comes again', async () => {
    const mail = signedMail();
    const before = await counts(stage);
    for (let n = 0; n < 2; n++) {
      const talk = await openTalk(smtp.port);
      await talk.send(mail, { from: 'x@amazonses.com', to: ['acme-7f3k@root.test'] });
      await talk.quit();
    }
    const after = await counts(stage);
    expect(after).toMatchObject({ mails: before.mails + 1, arrivals: before.arrivals + 2 });
  });

  it('refuses a mail above the limit by its SIZE and by its bytes, a recipient each over LMTP', async () => {
    const talk = await openTalk(smtp.port);
    expect(await talk.command('MAIL FROM:<a@b.test> SIZE=300001')).toMatch(/^552/);
    const large = plainMail({}, 'x'.repeat(70).concat('\r\n').repeat(4500));
    expect(large.length).toBeGreaterThan(300_000);
    expect(await talk.send(large, { from: 'a@b.test', to: ['acme-7f3k@root.test'] })).toEqual([
      expect.stringMatching(/^552/),
    ]);
    // The session goes on.
    expect(await talk.send(plainMail(), { from: 'a@b.test', to: ['acme-7f3k@root.test'] })).toEqual([
      expect.stringMatching(/^250/),
    ]);
    await talk.quit();
    const second = await openTalk(lmtp.port, 'LHLO');
    const answers = await second.send(large, {
      from: 'a@b.test',
      to: ['acme-7f3k@root.test', 'globex-4t8w@root.test'],
    });
    expect(answers).toEqual([expect.stringMatching(/^552/), expect.stringMatching(/^552/)]);
    await second.quit();
    expect(stage.budget.used).toBe(0);
  });

  it('takes no more recipients than set', async () => {
    const talk = await openTalk(smtp.port);
    await talk.command('MAIL FROM:<a@b.test>');
    const answers: string[] = [];
    for (const domain of ['', '@root.test', '@rootdesk.localhost']) {
      answers.push(await talk.command(`RCPT TO:<postmaster${domain}>`));
    }
    for (const list of ['acme-7f3k', 'acme-b-9x2m', 'globex-4t8w']) {
      answers.push(await talk.command(`RCPT TO:<${list}@root.test>`));
    }
    await talk.quit();
    expect(answers.map((answer) => answer.slice(0, 3))).toEqual(['250', '250', '250', '250', '250', '452']);
  });

  it('keeps NUL, controls and broken UTF-8 out of text and takes any bytes as a mail', async () => {
    const talk = await openTalk(smtp.port);
    const bodies = [
      Buffer.alloc(0),
      Buffer.from([0, 255, 254, 13, 10, 0]),
      Buffer.from('Message-ID: <\0a\xff@b>\r\nFrom\r\n: x\r\n\r\n', 'latin1'),
      Buffer.concat([Buffer.from('X: '), Buffer.alloc(84_000, 'y'), Buffer.from('\r\n\r\nhello')]),
    ];
    for (const mail of bodies) {
      const answers = await talk.send(mail, { from: 'a"b\xff@c.test', to: ['acme-7f3k@root.test'] }, 'latin1');
      expect(answers, mail.subarray(0, 20).toString('hex')).toEqual([expect.stringMatching(/^250/)]);
    }
    await talk.quit();
  });

  it('takes a mail byte for byte, whatever stands before its dots and wherever it is cut', async () => {
    const talk = await openTalk(smtp.port);
    talk.socket.setNoDelay(true);
    const piece = fc.constantFrom('\r', '\n', '.', 'a', '\r\n', '\r\n.', '\n..', '\r..');
    const mails = fc.array(piece, { maxLength: 20 }).map((pieces) => pieces.join(''));
    const cuts = fc.array(fc.nat(60), { maxLength: 6 });
    const known = new Set<number>();
    await fc.assert(
      fc.asyncProperty(mails, cuts, async (body, places) => {
        for (const line of ['MAIL FROM:<>', 'RCPT TO:<acme-7f3k@root.test>', 'DATA']) await talk.command(line);
        const mail = `X: ${known.size}\r\n\r\n${body}\r\n`;
        const wire = `${mail.replace(/(^|\r\n)\./g, '$1..')}.\r\n`;
        let from = 0;
        for (const to of [...places.toSorted((a, b) => a - b), wire.length]) {
          if (to <= from) continue;
          // Each piece is a chunk of its own for the server.
          await new Promise((sent) => talk.socket.write(wire.slice(from, to), sent));
          await new Promise(setImmediate);
          from = to;
        }
        expect(await talk.answer()).toMatch(/^250/);
        const { rows } = await stage.database.pool.query(
          'select m.id, r.bytes, r.wrapped_key, r.key_id from mails m join raws r on r.mail_id = m.id order by id desc limit 1',
        );
        expect(known.has(rows[0].id)).toBe(false);
        known.add(rows[0].id);
        expect(stage.seal.open(rows[0].bytes, rows[0].wrapped_key, rows[0].key_id).toString('latin1')).toBe(mail);
      }),
      {
        numRuns: 60,
        examples: [
          ['\n..', []],
          ['\r\n\n..', [15, 16, 17]],
          ['..', [8, 9, 10, 11]],
        ],
      },
    );
    await talk.quit();
  });

  it('takes so many connections of one client, and goes on taking those of others', async () => {
    const few = await startSmtp({ ...settings.smtp, port: 0, maxConnectionsPerClient: 2 }, stage.listenerDeps);
    try {
      const talks = [await openTalk(few.port), await openTalk(few.port)];
      await expect(openTalk(few.port)).rejects.toThrow(/hung up/);
      const other = await openTalk(few.port, 'EHLO', 'client.test', '127.0.0.2');
      await other.quit();
      await talks.pop()?.quit();
      talks.push(await openTalk(few.port));
      for (const talk of talks) await talk.quit();
    } finally {
      await few.close();
    }
  });

  it('relays nothing, offers no login and no STARTTLS without a key', async () => {
    const talk = await openTalk(smtp.port);
    expect(talk.greeting).not.toMatch(/AUTH|STARTTLS/);
    expect(talk.greeting).toMatch(/SIZE 300000/);
    expect(await talk.command('AUTH PLAIN AGEAYg==')).toMatch(/^5/);
    expect(await talk.command('STARTTLS')).toMatch(/^5/);
    await talk.quit();
  });
});

async function counts(stage: Stage): Promise<{ mails: number; arrivals: number; deliveries: number }> {
  const { rows } = await stage.database.pool.query(
    `select (select count(*) from mails) as mails, (select count(*) from arrivals) as arrivals,
            (select count(*) from deliveries) as deliveries`,
  );
  return rows[0];
}
