import { execFileSync } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect as connectTls } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBudget } from '../../src/receive/budget.ts';
import { type Listener, networkTest, startListener } from '../../src/receive/mailListener.ts';
import { startSmtp } from '../../src/receive/smtp.ts';
import { loadSettings } from '../../src/settings.ts';
import { ensureDebian } from '../servers/debian.ts';
import { openTalk } from './smtpTalk.ts';
import { openStage, plainMail, type Stage, signedMail } from './stage.ts';
import { until } from './until.ts';

const ENVELOPE = { from: 'x@amazonses.com', to: ['acme-7f3k@root.test'] };
const BASE = {
  transport: 'smtp' as const,
  bind: '127.0.0.1',
  port: 0,
  hostname: 'rootdesk.test',
  maxConnections: 10,
  maxPerClient: 10,
  maxRecipients: 10,
  isOurHop: () => false,
  authservIds: [],
  tls: null,
};

describe('when things go wrong', () => {
  let stage: Stage;
  const open: Listener[] = [];

  beforeEach(async () => {
    stage = await openStage({ mailBytes: 1_000_000, dnsTimeoutMs: 500 });
  });
  afterEach(async () => {
    for (const listener of open.splice(0)) await listener.close();
    await stage.close();
  });
  const listen = async (more: Partial<Parameters<typeof startListener>[0]> = {}, deps = stage.listenerDeps) => {
    const listener = await startListener({ ...BASE, ...more }, deps);
    open.push(listener);
    return listener.port;
  };
  const mailCount = async () => (await stage.database.pool.query('select count(*)::int as n from mails')).rows[0].n;

  it('asks senders to come back when too much mail is in memory, and takes it then', async () => {
    const budget = createBudget(400_000);
    const port = await listen({}, { ...stage.listenerDeps, budget });
    const slow = await openTalk(port);
    await slow.command('MAIL FROM:<a@b.test>');
    await slow.command('RCPT TO:<acme-7f3k@root.test>');
    await slow.command('DATA');
    slow.socket.write(plainMail({}, 'x'.repeat(70).concat('\r\n').repeat(4000)));
    await until(() => budget.used > 250_000);
    const talk = await openTalk(port);
    const mail = plainMail({}, 'y'.repeat(70).concat('\r\n').repeat(4000));
    expect(await talk.send(mail, ENVELOPE)).toEqual([expect.stringMatching(/^452 4\.3\.1/)]);
    slow.socket.write('.\r\n');
    expect(await slow.answer()).toMatch(/^250/);
    expect(await talk.send(mail, ENVELOPE)).toEqual([expect.stringMatching(/^250/)]);
    await talk.quit();
    await slow.quit();
    expect(budget.used).toBe(0);
  });

  it('gives the memory back when a client goes away in the middle', async () => {
    const port = await listen();
    const talk = await openTalk(port);
    await talk.command('MAIL FROM:<a@b.test>');
    await talk.command('RCPT TO:<acme-7f3k@root.test>');
    await talk.command('DATA');
    talk.socket.write(plainMail());
    await until(() => stage.budget.used > 0);
    talk.socket.destroy();
    await until(() => stage.budget.used === 0);
    expect(await mailCount()).toBe(0);
  });

  it('drops a silent client and one that drips', async () => {
    const port = await listen({ idleMs: 300, dataMs: 700 });
    const silent = await openTalk(port);
    expect(await silent.answer()).toMatch(/^421/);
    const dripping = await openTalk(port);
    await dripping.command('MAIL FROM:<a@b.test>');
    await dripping.command('RCPT TO:<acme-7f3k@root.test>');
    await dripping.command('DATA');
    const drip = setInterval(() => dripping.socket.write('x'), 50);
    expect(await dripping.answer()).toMatch(/^421 4\.4\.2/);
    clearInterval(drip);
    await until(() => stage.budget.used === 0);
    expect(await mailCount()).toBe(0);
  });

  it('answers 4xx while the database is away and keeps nothing it did not commit', async () => {
    const port = await listen();
    const talk = await openTalk(port);
    expect(await talk.send(signedMail(), ENVELOPE)).toEqual([expect.stringMatching(/^250/)]);
    // As a full disk does: the insert fails, the connection lives.
    await stage.database.pool.query(
      `create function refuse() returns trigger language plpgsql as $$ begin
         raise exception 'could not extend file' using errcode = '53100'; end $$;
       create trigger refuse before insert on mails for each row execute function refuse();`,
    );
    const mail = signedMail();
    expect(await talk.send(mail, ENVELOPE)).toEqual([expect.stringMatching(/^451 4\.3\.0/)]);
    expect(await mailCount()).toBe(1);
    await stage.database.pool.query('drop function refuse() cascade');
    expect(await talk.send(mail, ENVELOPE)).toEqual([expect.stringMatching(/^250/)]);
    expect(await mailCount()).toBe(2);
    // Gone altogether: an address that was never asked for cannot be called unknown.
    await stage.database.drop();
    await talk.command('MAIL FROM:<a@b.test>');
    expect(await talk.command('RCPT TO:<nobody@root.test>')).toMatch(/^451/);
    expect(await talk.command('RCPT TO:<acme-7f3k@root.test>')).toMatch(/^250/);
    expect(await talk.command('DATA')).toMatch(/^354/);
    talk.socket.write(Buffer.concat([signedMail(), Buffer.from('.\r\n')]));
    expect(await talk.answer()).toMatch(/^451 4\.3\.0/);
    await talk.quit();
    expect(stage.budget.used).toBe(0);
  });

  it('acknowledges mail although DNS does not answer, and tries its authentication again', async () => {
    stage.dns.fail('timeout');
    const port = await listen();
    const talk = await openTalk(port);
    const started = performance.now();
    expect(await talk.send(signedMail(), ENVELOPE)).toEqual([expect.stringMatching(/^250/)]);
    expect(performance.now() - started).toBeLessThan(6000);
    await talk.quit();
    const { rows } = await stage.database.pool.query(
      `select auth ->> 'state' as state, auth_due > received_at as due, decide_due from mails`,
    );
    expect(rows).toEqual([{ state: 'temperror', due: true, decide_due: null }]);
  });

  it('keeps what stands at once in few transactions, each mail acknowledged by its own', async () => {
    const port = await listen({ maxConnections: 50, maxPerClient: 50 });
    const before = await commits(stage);
    const talks = await Promise.all(Array.from({ length: 24 }, () => openTalk(port)));
    const answers = await Promise.all(talks.map((talk) => talk.send(signedMail(), ENVELOPE)));
    expect(answers.flat().every((answer) => answer.startsWith('250'))).toBe(true);
    await Promise.all(talks.map((talk) => talk.quit()));
    expect(await mailCount()).toBe(24);
    expect((await commits(stage)) - before).toBeLessThan(24);
    const { rows } = await stage.database.pool.query('select max(number)::int as n from audit where customer_id = 1');
    expect(rows).toEqual([{ n: 24 }]);
  });

  it('takes no more connections than set, and finishes mail under way when it stops', async () => {
    const port = await listen({ maxConnections: 2 });
    const first = await openTalk(port);
    await openTalk(port);
    await expect(openTalk(port)).rejects.toThrow();
    await first.command('MAIL FROM:<a@b.test>');
    await first.command('RCPT TO:<acme-7f3k@root.test>');
    await first.command('DATA');
    first.socket.write(signedMail());
    await until(() => stage.budget.used > 0);
    const closed = (open.pop() as Listener).close();
    first.socket.write('.\r\n');
    expect(await first.answer()).toMatch(/^250/);
    await closed;
    expect(await mailCount()).toBe(1);
  });

  it('says which port is busy', async () => {
    const port = await listen();
    await expect(startListener({ ...BASE, port }, stage.listenerDeps)).rejects.toThrow(
      `SMTP cannot listen on 127.0.0.1 port ${port}`,
    );
  });

  it('says that a key for STARTTLS is none', async () => {
    const file = join(stage.folder, 'no.key');
    writeFileSync(file, 'not a key');
    const { smtp } = loadSettings({ file: '/dev/null', env: {} });
    const settings = { ...smtp, port: 0, tlsKeyFile: file, tlsCertFile: file };
    await expect(async () => startSmtp(settings, stage.listenerDeps)).rejects.toMatchObject({ exitCode: 78 });
  });

  it('offers STARTTLS with a key, and notes that the mail came by TLS', async () => {
    const { key, cert } = await makeCertificate(stage.folder);
    const port = await listen({ tls: { key, cert } });
    const talk = await openTalk(port);
    expect(talk.greeting).toMatch(/STARTTLS/);
    expect(await talk.command('STARTTLS')).toMatch(/^220/);
    talk.socket.removeAllListeners('data');
    const secure = connectTls({ socket: talk.socket, rejectUnauthorized: false });
    await once(secure, 'secureConnect');
    secure.write(
      `EHLO c.test\r\nMAIL FROM:<a@b.test>\r\nRCPT TO:<acme-7f3k@root.test>\r\nDATA\r\n${signedMail()}.\r\nQUIT\r\n`,
    );
    secure.resume();
    await until(async () => (await mailCount()) === 1);
    secure.destroy();
    const { rows } = await stage.database.pool.query('select tls from arrivals');
    expect(rows).toEqual([{ tls: true }]);
  });

  it('stores a signature and an envelope with NUL and lone halves of characters', async () => {
    const mail = Buffer.from(
      'DKIM-Signature: v=1; a=rsa-sha256; d=x\0.test; s=\0\xff; h=from\0; bh=A; b=B\r\nMessage-ID: <\0\xed\xa0\x80>\r\n\r\n',
      'latin1',
    );
    const kept = await stage.room.keep(mail, {
      transport: 'smtp',
      arrivedAt: new Date().toISOString(),
      envelopeFrom: 'a\0\ud800@b.test',
      envelopeTo: ['acme-7f3k@root.test', 'x\0y@root.test'],
      clientIp: 'not an address',
      helo: 'h\0\udfff',
      tls: false,
      trustedAuthservIds: [],
      trustedReceived: 0,
      source: null,
      uidValidity: null,
      uid: null,
    });
    expect(kept).toHaveLength(1);
    const { rows } = await stage.database.pool.query('select envelope_from, helo, client_ip from arrivals');
    expect(rows).toEqual([{ envelope_from: 'a\ufffd@b.test', helo: 'h\ufffd', client_ip: null }]);
  });
});

describe('networkTest', () => {
  it('knows addresses and networks of both families', () => {
    const isOurs = networkTest(['10.0.0.0/8', '192.0.2.7', '2001:db8::/32']);
    expect(['10.1.2.3', '192.0.2.7', '::ffff:10.9.9.9', '2001:db8::1'].map(isOurs)).toEqual([true, true, true, true]);
    expect(['11.0.0.1', '192.0.2.8', '2001:db9::1'].map(isOurs)).toEqual([false, false, false]);
  });
});

async function commits(stage: Stage): Promise<number> {
  const { rows } = await stage.database.pool.query('select count(distinct xmin::text)::int as n from mails');
  return rows[0].n;
}

async function makeCertificate(folder: string): Promise<{ key: Buffer; cert: Buffer }> {
  const binary = await ensureDebian('openssl', ['openssl']);
  const key = join(folder, 'tls.key');
  const cert = join(folder, 'tls.crt');
  execFileSync(
    binary,
    [
      'req',
      '-x509',
      '-newkey',
      'rsa:2048',
      '-nodes',
      '-days',
      '2',
      '-subj',
      '/CN=rootdesk.test',
      '-keyout',
      key,
      '-out',
      cert,
    ],
    {
      stdio: 'ignore',
    },
  );
  return { key: readFileSync(key), cert: readFileSync(cert) };
}
