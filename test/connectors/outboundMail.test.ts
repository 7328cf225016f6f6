import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { simpleParser } from 'mailparser';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type OutboundMailOptions, openOutboundMail } from '../../src/connectors/outboundMail.ts';
import { selfSigned } from './selfSigned.ts';

const MESSAGE = {
  to: ['team@desk.example', 'lead@desk.example'],
  subject: '[CRITICAL] Acme: 停止',
  text: 'Text\n.\nwith a dot\n',
  html: '<p>Text</p>',
  messageId: '<t.7.urgent.0123456789abcdef@desk.example>',
  loop: 'abc',
};

const stops: (() => unknown)[] = [];
let tls: { key: Buffer; cert: Buffer };

beforeAll(async () => {
  tls = await selfSigned();
});
afterEach(async () => {
  for (const stop of stops.splice(0).reverse()) await stop();
});

type Taken = { raw: Buffer; from: string; to: string[]; secure: boolean; user: string | undefined };

async function server(options: SMTPServerOptions = {}): Promise<{ port: number; taken: Taken[] }> {
  const taken: Taken[] = [];
  const smtp = new SMTPServer({
    disabledCommands: ['AUTH', 'STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    onData(stream, session, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        taken.push({
          raw: Buffer.concat(chunks),
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map((one) => one.address),
          secure: session.secure,
          user: session.user as unknown as string | undefined,
        });
        done();
      });
    },
    ...options,
  });
  smtp.on('error', () => {});
  await new Promise<void>((resolve) => smtp.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => smtp.close(() => resolve(null))));
  return { port: (smtp.server.address() as AddressInfo).port, taken };
}

async function tcpServer(talk: (client: Socket) => void): Promise<number> {
  const listener = createServer((client) => {
    client.on('error', () => {});
    talk(client);
  });
  await new Promise<void>((resolve) => listener.listen(0, '127.0.0.1', resolve));
  stops.push(() => new Promise((resolve) => listener.close(resolve)));
  return (listener.address() as AddressInfo).port;
}

function open(port: number, options: Partial<OutboundMailOptions> = {}) {
  const mail = openOutboundMail({
    host: '127.0.0.1',
    port,
    secure: false,
    requireTls: false,
    user: null,
    password: null,
    from: 'rootdesk@desk.example',
    ...options,
  });
  stops.push(() => mail.close());
  return mail;
}

const refuse = (code: number, text: string) => Object.assign(new Error(text), { responseCode: code });

describe('outbound mail', () => {
  it('sends one mail with the headers of a notice that nobody answers', async () => {
    const { port, taken } = await server();
    const result = await open(port).send(MESSAGE);
    expect(result).toEqual({ accepted: MESSAGE.to, failure: null });
    expect(taken.length).toBe(1);
    expect(taken[0]).toMatchObject({ from: 'rootdesk@desk.example', to: MESSAGE.to });
    const head = taken[0]!.raw.toString().split('\r\n\r\n')[0]!;
    expect(head).toMatch(/^Auto-Submitted: auto-generated$/m);
    expect(head).toMatch(/^X-Auto-Response-Suppress: All$/m);
    expect(head).toMatch(/^X-Rootdesk-Loop: abc$/m);
    expect(head).not.toMatch(/x-mailer/i);
    const parsed = await simpleParser(taken[0]!.raw);
    expect(parsed).toMatchObject({ subject: MESSAGE.subject, messageId: MESSAGE.messageId });
    expect(parsed.text).toContain('Text\n.\nwith a dot');
    expect(parsed.html).toContain('<p>Text</p>');
  });

  it('lets no subject and no address make another header or recipient', async () => {
    const { port, taken } = await server();
    await open(port).send({ ...MESSAGE, subject: 'a\r\nBcc: eve@evil.example\r\n\r\nbody', to: ['team@desk.example'] });
    expect(taken[0]!.to).toEqual(['team@desk.example']);
    const parsed = await simpleParser(taken[0]!.raw);
    expect(parsed.bcc).toBeUndefined();
    expect(parsed.headers.has('bcc')).toBe(false);
  });

  it('reads no file and no URL into a mail', async () => {
    const { port } = await server();
    const text = { path: '/etc/hostname' } as never;
    const { accepted, failure } = await open(port).send({ ...MESSAGE, text });
    expect(accepted).toEqual([]);
    expect(failure).not.toBeNull();
  });

  it.each([
    [451, 'temporary'],
    [452, 'temporary'],
    [550, 'permanent'],
    [554, 'permanent'],
  ])('takes %i after the data as %s', async (code, kind) => {
    const { port } = await server({
      onData(stream, _session, done) {
        stream.resume();
        stream.on('end', () => done(refuse(code, '5.7.1 no')));
      },
    });
    expect(await open(port).send(MESSAGE)).toMatchObject({
      accepted: [],
      failure: { class: kind, code: `smtp.${code}` },
    });
  });

  it('tells who has it when some recipients are refused', async () => {
    const part = (code: number) =>
      server({
        onRcptTo: (address, _session, done) =>
          done(address.address.startsWith('lead') ? refuse(code, '4.2.2 mailbox full') : undefined),
      });
    const later = await part(452);
    expect(await open(later.port).send(MESSAGE)).toMatchObject({
      accepted: ['team@desk.example'],
      failure: { class: 'temporary', code: 'smtp.452' },
    });
    const never = await part(550);
    expect(await open(never.port).send(MESSAGE)).toMatchObject({
      accepted: ['team@desk.example'],
      failure: { class: 'permanent', code: 'smtp.550' },
    });
  });

  it('says unclear when the connection ends after the mail and before the answer', async () => {
    const cut = new Set<Socket>();
    let deliveries = 0;
    const { port } = await server({
      onData(stream) {
        stream.resume();
        stream.on('end', () => {
          deliveries += 1;
          for (const socket of cut) socket.destroy();
        });
      },
    });
    // A relay in front, so that the connection can be cut from outside.
    const relay = await tcpServer((client) => {
      const upstream = connect(port, '127.0.0.1');
      upstream.on('error', () => {});
      cut.add(client);
      client.pipe(upstream).pipe(client);
      client.on('close', () => upstream.destroy());
    });
    const result = await open(relay).send(MESSAGE);
    expect(result).toMatchObject({ accepted: [], failure: { class: 'unclear', code: 'smtp.unclear' } });
    expect(deliveries).toBe(1);
  });

  it('says temporary when the connection ends before the mail', async () => {
    const port = await tcpServer((client) => {
      client.write('220 hello\r\n');
      client.on('data', (chunk) => {
        if (/^EHLO/i.test(chunk.toString())) client.write('250 hello\r\n');
        else client.destroy();
      });
    });
    expect(await open(port).send(MESSAGE)).toMatchObject({ failure: { class: 'temporary', code: 'smtp.connection' } });
  });

  it('says temporary when nobody listens, and works again when somebody does', async () => {
    const gone = await server();
    const mail = open(gone.port);
    await stops.splice(0, 1)[0]!();
    expect(await mail.send(MESSAGE)).toMatchObject({ failure: { class: 'temporary', code: 'smtp.connection' } });
    const again = await server();
    expect(await open(again.port).send(MESSAGE)).toMatchObject({ failure: null });
  });

  it('sends no mail in clear text when TLS is required, and none to a certificate it cannot verify', async () => {
    const plain = await server();
    expect(await open(plain.port, { requireTls: true }).send(MESSAGE)).toMatchObject({ accepted: [] });
    const selfSigned = await server({ ...tls, disabledCommands: ['AUTH'] });
    const result = await open(selfSigned.port, { requireTls: true }).send(MESSAGE);
    expect(result).toMatchObject({ accepted: [], failure: { class: 'temporary', code: 'smtp.tls', waitSeconds: 900 } });
    expect([...plain.taken, ...selfSigned.taken]).toEqual([]);
  });

  it('uses STARTTLS when offered, also of a server on this machine with a certificate of its own', async () => {
    const { port, taken } = await server({ ...tls, disabledCommands: ['AUTH'] });
    expect(await open(port).send(MESSAGE)).toMatchObject({ failure: null });
    expect(taken[0]!.secure).toBe(true);
  });

  it('logs in, and does not hammer a server that refuses the login', async () => {
    const { port, taken } = await server({
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (auth, _session, done) =>
        auth.password === 'right' ? done(null, { user: auth.username ?? '' }) : done(refuse(535, 'no')),
    });
    expect(await open(port, { user: 'u', password: 'right' }).send(MESSAGE)).toMatchObject({ failure: null });
    expect(taken[0]!.user).toBe('u');
    const wrong = await open(port, { user: 'u', password: 'hunter2' }).send(MESSAGE);
    expect(wrong).toMatchObject({ failure: { class: 'temporary', code: 'smtp.auth', waitSeconds: 900 } });
    expect(JSON.stringify(wrong)).not.toContain('hunter2');
  });

  it('sends many over few connections', async () => {
    let connections = 0;
    const { port, taken } = await server({
      onConnect(_session, done) {
        connections += 1;
        done();
      },
    });
    const mail = open(port);
    const results = await Promise.all(Array.from({ length: 30 }, () => mail.send(MESSAGE)));
    expect(results.every((result) => result.failure === null)).toBe(true);
    expect(taken.length).toBe(30);
    expect(connections).toBeLessThanOrEqual(2);
  });
});
