import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createBudget } from '../../src/receive/budget.ts';
import { startLmtp } from '../../src/receive/lmtp.ts';
import type { Listener, ListenerDeps } from '../../src/receive/mailListener.ts';
import { startSmtp } from '../../src/receive/smtp.ts';
import { loadSettings } from '../../src/settings.ts';
import { selfSigned } from '../connectors/selfSigned.ts';
import { type PostfixServer, startPostfix } from '../servers/postfix.ts';
import { openTalk } from './smtpTalk.ts';
import { openStage, plainMail, type Stage, signedMail, ZONE } from './stage.ts';
import { until } from './until.ts';

const SPF = { name: 'spf.test', type: 'TXT', data: 'v=spf1 ip4:127.0.0.2 -all' } as const;

/** The block of docs/postfix.md that begins with this comment; the last setting of a name counts, so the waits of a test do. */
function documented(name: string, changes: Record<string, string>): string {
  const text = readFileSync('docs/postfix.md', 'utf8');
  const block = text.match(/```\n([\s\S]*?)```/g)?.find((one) => one.includes(`# main.cf, ${name}\n`));
  if (!block) throw new Error(`docs/postfix.md has no block ${name}`);
  let lines = block
    .replaceAll('```', '')
    .replaceAll('root.example.com', 'root.test')
    .replaceAll('bounces.example.com', 'bounce.test');
  for (const [from, to] of Object.entries(changes)) lines = lines.replaceAll(from, to);
  return `${lines}\nminimal_backoff_time = 2s\nmaximal_backoff_time = 4s\nqueue_run_delay = 2s\naddress_verify_poll_delay = 1s\naddress_verify_negative_refresh_time = 1s\naddress_verify_negative_expire_time = 2s\nsmtp_tls_loglevel = 1\n`;
}

describe('the documented Postfix', () => {
  let stage: Stage;
  let postfix: PostfixServer | null = null;
  let listener: Listener;
  const defaults = loadSettings({ file: '/dev/null', env: {} });

  beforeEach(async () => {
    stage = await openStage();
  });
  afterEach(async () => {
    await postfix?.remove();
    postfix = null;
    await listener?.close();
    await stage?.close();
  });

  const behindLmtp = async (more: Partial<ListenerDeps> = {}, settings: Partial<typeof defaults.lmtp> = {}) => {
    listener = await startLmtp({ ...defaults.lmtp, port: 0, ...settings }, 'rootdesk.test', {
      ...stage.listenerDeps,
      ...more,
    });
    const lines = documented('LMTP', { '127.0.0.1:2424': `127.0.0.1:${listener.port}` });
    postfix = await startPostfix({ domain: 'root.test', lmtpPort: listener.port, lines });
    return postfix;
  };
  const arrivals = async () =>
    (
      await stage.database.pool.query(
        `select host(a.client_ip) as client, a.helo, a.source, a.tls, a.trusted_received as hops, m.auth -> 'spf' ->> 'result' as spf
           from mails m join arrivals a on a.mail_id = m.id order by a.id`,
      )
    ).rows;
  const ENVELOPE = { from: 'x@spf.test', to: ['acme-7f3k@root.test'] };

  /** As a sender does: comes again when Postfix is not sure of the address yet. */
  const handOver = (server: PostfixServer, mail: Buffer, from?: string) =>
    until(async () => {
      const talk = await openTalk(server.smtpPort, 'EHLO', 'sender.spf.test', from);
      const [answer = ''] = await talk.send(mail, ENVELOPE);
      await talk.quit();
      return answer.startsWith('250');
    });

  it('hands over by LMTP with the true client, by which SPF is judged', async () => {
    stage.dns.replace([...ZONE, SPF]);
    const server = await behindLmtp();
    for (const address of ['127.0.0.2', '127.0.0.3']) {
      await handOver(server, plainMail(), address);
    }
    await until(async () => (await arrivals()).length === 2);
    const hop = { helo: 'sender.spf.test', source: 'hop:127.0.0.1', tls: false, hops: 1 };
    expect((await arrivals()).sort((a, b) => (a.client < b.client ? -1 : 1))).toEqual([
      { client: '127.0.0.2', ...hop, spf: 'pass' },
      { client: '127.0.0.3', ...hop, spf: 'fail' },
    ]);
  });

  it('refuses at its own RCPT who does not exist, and takes an address that was made a moment ago', async () => {
    const server = await behindLmtp();
    const ask = async (address: string) => {
      const talk = await openTalk(server.smtpPort);
      await talk.command('MAIL FROM:<x@spf.test>');
      const answer = await talk.command(`RCPT TO:<${address}>`);
      await talk.quit();
      return answer;
    };
    await until(async () => /^550/.test(await ask('acme-new@root.test')));
    await stage.database.pool.query(`insert into lists (customer_id, address) values (1, 'acme-new@root.test')`);
    await until(async () => /^250/.test(await ask('acme-new@root.test')));
    expect(await ask('x@elsewhere.test')).toMatch(/^554/);
  });

  it('waits while too much mail is in memory, and while the database takes none, and then all is there', async () => {
    const budget = createBudget(400_000);
    const server = await behindLmtp({ budget });
    const slow = await openTalk(listener.port, 'LHLO');
    await slow.command('MAIL FROM:<a@b.test>');
    await slow.command('RCPT TO:<globex-4t8w@root.test>');
    await slow.command('DATA');
    slow.socket.write(plainMail({}, 'x'.repeat(70).concat('\r\n').repeat(4000)));
    await until(() => budget.used > 250_000);
    await handOver(server, signedMail({}, 'y'.repeat(70).concat('\r\n').repeat(4000)));
    await until(() => /status=deferred \(host [^)]*said: 452 4\.3\.1/.test(server.log()));
    slow.socket.destroy();
    await until(async () => (await arrivals()).length === 1);

    await stage.database.pool.query(
      `create function refuse() returns trigger language plpgsql as $$ begin
         raise exception 'could not extend file' using errcode = '53100'; end $$;
       create trigger refuse before insert on mails for each row execute function refuse();`,
    );
    await handOver(server, signedMail());
    await until(() => /status=deferred \(host [^)]*said: 451 4\.3\.0/.test(server.log()));
    await stage.database.pool.query('drop function refuse() cascade');
    await until(async () => (await arrivals()).length === 2);
  });

  it('hands over by SMTP with TLS and a true certificate only, and what it says of its client is believed', async () => {
    stage.dns.replace([...ZONE, SPF]);
    const pair = await selfSigned();
    const [key, cert] = [join(stage.folder, 'tls.key'), join(stage.folder, 'tls.pem')];
    writeFileSync(key, pair.key);
    writeFileSync(cert, pair.cert);
    const settings = {
      ...defaults.smtp,
      port: 0,
      trustedNetworks: ['127.0.0.0/30'],
      tlsKeyFile: key,
      tlsCertFile: cert,
    };
    listener = await startSmtp(settings, stage.listenerDeps);
    const ca = join('/tmp', `rd-ca-${process.pid}.pem`);
    writeFileSync(ca, pair.cert);
    const lines = documented('SMTP with TLS', {
      'rootdesk.example.com': 'localhost',
      ':2525': `:${listener.port}`,
      '/etc/postfix/rootdesk-ca.pem': ca,
    });
    postfix = await startPostfix({ domain: 'root.test', lmtpPort: listener.port, lines });
    await handOver(postfix, signedMail(), '127.0.0.2');
    await until(async () => (await arrivals()).length === 1);
    rmSync(ca);
    expect(await arrivals()).toEqual([
      { client: '127.0.0.2', helo: 'sender.spf.test', source: 'hop:127.0.0.1', tls: true, hops: 1, spf: 'pass' },
    ]);
    expect(postfix.log()).toMatch(/Verified TLS connection established to localhost/);
  });

  it('is believed alone: XFORWARD from elsewhere is an unknown command, and one mail is not the next', async () => {
    listener = await startSmtp({ ...defaults.smtp, port: 0, trustedNetworks: ['127.0.0.1'] }, stage.listenerDeps);
    const stranger = await openTalk(listener.port, 'EHLO', 'x.test', '127.0.0.9');
    expect(stranger.greeting).not.toContain('XFORWARD');
    expect(await stranger.command('XFORWARD ADDR=192.0.2.1')).toMatch(/^5\d\d/);
    await stranger.send(plainMail(), ENVELOPE);
    await stranger.quit();
    const hop = await openTalk(listener.port, 'EHLO', 'mx.root.test');
    expect(hop.greeting).toContain('XFORWARD NAME ADDR');
    expect(await hop.command('XFORWARD NAME=a.test ADDR=IPV6:2001:db8::1 PORT=1')).toMatch(/^250/);
    expect(await hop.command('XFORWARD PROTO=ESMTP HELO=a+2Etest SOURCE=REMOTE')).toMatch(/^250/);
    await hop.send(plainMail(), ENVELOPE);
    await hop.send(plainMail(), ENVELOPE);
    await hop.command('XFORWARD ADDR=192.0.2.1');
    expect(await hop.command('XFORWARD ADDR=[UNAVAILABLE] HELO=[UNAVAILABLE]')).toMatch(/^250/);
    await hop.send(plainMail(), ENVELOPE);
    for (const bad of ['XFORWARD', 'XFORWARD ADDR=nowhere', 'XFORWARD WHO=x', 'XFORWARD HELO=a+0Db'])
      expect(await hop.command(bad)).toMatch(/^501/);
    await hop.quit();
    expect((await arrivals()).map(({ client, helo, source }) => [client, helo, source])).toEqual([
      ['127.0.0.9', 'x.test', null],
      ['2001:db8::1', 'a.test', 'hop:127.0.0.1'],
      ['127.0.0.1', 'mx.root.test', null],
      ['127.0.0.1', 'mx.root.test', null],
    ]);
  });

  it('hears of the client behind a load balancer by a PROXY line from that address only', async () => {
    listener = await startSmtp({ ...defaults.smtp, port: 0, proxyFrom: ['127.0.0.7'] }, stage.listenerDeps);
    const line = 'PROXY TCP4 192.0.2.77 127.0.0.1 40000 25\r\n';
    const talk = await openTalk(listener.port, 'EHLO', 'client.test', '127.0.0.7', line);
    expect(await talk.send(plainMail(), ENVELOPE)).toEqual([expect.stringMatching(/^250/)]);
    await talk.quit();
    const liar = await openTalk(listener.port, 'EHLO', 'client.test', '127.0.0.8');
    expect(await liar.command(line.trim())).toMatch(/^500/);
    await liar.send(plainMail(), ENVELOPE);
    await liar.quit();
    expect((await arrivals()).map(({ client }) => client)).toEqual(['192.0.2.77', '127.0.0.8']);
  });
});
