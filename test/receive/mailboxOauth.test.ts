import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refreshToken } from '../../src/connectors/oauthToken.ts';
import type { Mailbox } from '../../src/receive/imap.ts';
import { createMailboxSecrets } from '../../src/receive/mailboxSecrets.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { startTcpProxy } from '../servers/tcpProxy.ts';
import { deliverTo, mailboxSettings, watchMailbox } from './mailboxStage.ts';
import { openStage, plainMail, type Stage } from './stage.ts';
import { until } from './until.ts';

type Answer = { status: number; body: object; retryAfter?: string };

/** Bodies as Google and Microsoft write them. */
const GOOGLE_REVOKED: Answer = {
  status: 400,
  body: { error: 'invalid_grant', error_description: 'Token has been expired or revoked.' },
};
const microsoft = (status: number, error: string, code: number, said: string): Answer => ({
  status,
  body: {
    error,
    error_description: `AADSTS${code}: ${said} Trace ID: 0d1c Correlation ID: 77aa Timestamp: 2026-11-20 10:00:00Z`,
    error_codes: [code],
    trace_id: '0d1c',
    correlation_id: '77aa',
  },
});

/** Stands in for the vendors' token endpoints, and tells Dovecot which access tokens hold. */
async function startTokenServer() {
  const state = {
    answers: [] as Answer[],
    /** Clients whose refresh tokens are void. */
    revoked: new Set<string>(),
    asked: [] as Record<string, string>[],
    valid: new Map<string, string>(),
    made: 0,
    rotate: false,
  };
  const server: Server = createServer(async (request, response) => {
    const form = Object.fromEntries(new URLSearchParams(await text(request)));
    const say = ({ status, body, retryAfter }: Answer) => {
      response.writeHead(status, {
        'content-type': 'application/json',
        ...(retryAfter && { 'retry-after': retryAfter }),
      });
      response.end(JSON.stringify(body));
    };
    if (request.url === '/introspect') {
      const username = state.valid.get(form.token ?? '');
      return say({ status: 200, body: username === undefined ? { active: false } : { active: true, username } });
    }
    state.asked.push(form);
    const wrong = state.revoked.has(form.client_id ?? '') ? GOOGLE_REVOKED : state.answers.shift();
    if (wrong) return say(wrong);
    state.made += 1;
    const token = `access-${state.made}`;
    state.valid.set(token, form.client_id ?? '');
    return say({
      status: 200,
      body: {
        access_token: token,
        expires_in: 3599,
        token_type: 'Bearer',
        ...(state.rotate && { refresh_token: `refresh-${state.made}` }),
      },
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return { ...state, state, url, close: () => server.close() };
}

/** What a server says that it can do. */
async function greetingOf(port: number): Promise<string> {
  const socket = connect(port, '127.0.0.1');
  const [first] = (await once(socket, 'data')) as [Buffer];
  socket.destroy();
  return first.toString();
}

describe('OAuth 2, by a real Dovecot that asks whether tokens hold', () => {
  let stage: Stage;
  let dovecot: DovecotServer;
  let vendor: Awaited<ReturnType<typeof startTokenServer>>;
  const watched: Mailbox[] = [];

  beforeAll(async () => {
    stage = await openStage();
    vendor = await startTokenServer();
    dovecot = await startDovecot({ introspectUrl: `${vendor.url}/introspect` });
  });
  afterAll(async () => {
    for (const mailbox of watched) await mailbox.close();
    await dovecot?.remove();
    vendor?.close();
    await stage?.close();
  });

  const box = async (name: string) =>
    (await stage.database.pool.query('select * from mailboxes where name = $1', [name])).rows[0];
  const arrived = async (name: string) =>
    (await stage.database.pool.query('select from arrivals where source = $1', [`imap:${name}`])).rows.length;
  /** The client's id is the user whom its tokens are for. */
  const watch = async (user: string, server: Pick<DovecotServer, 'imapPort'> = dovecot) => {
    const file = join(stage.folder, `${user}.token`);
    writeFileSync(file, 'refresh-0\n');
    const settings = mailboxSettings(server, user, {
      password: null,
      pollSeconds: 1,
      oauth: {
        tokenUrl: `${vendor.url}/token`,
        clientId: user,
        clientSecretFile: null,
        refreshTokenFile: file,
        scope: '',
      },
    });
    const mailbox = await watchMailbox(settings, stage.database, {
      room: stage.room,
      returned: null,
      budget: stage.budget,
      clock: stage.keepDeps.clock,
      log: stage.listenerDeps.log,
      mailBytes: 300_000,
      secrets: createMailboxSecrets(settings, Buffer.from('test'), refreshToken),
    });
    watched.push(mailbox);
    return { mailbox, file };
  };

  it('reads mail, takes a new access token when the old one ends, and keeps a refresh token that is given anew', async () => {
    vendor.state.rotate = true;
    await deliverTo(dovecot, 'oauth', plainMail());
    const { file } = await watch('oauth');
    await until(async () => (await arrived('oauth')) === 1);
    expect(readFileSync(file, 'utf8')).toBe('refresh-1\n');
    expect(vendor.state.asked[0]).toMatchObject({ grant_type: 'refresh_token', refresh_token: 'refresh-0' });
    // The vendor ends it early; the next login is refused once and mended by a new token.
    vendor.state.valid.clear();
    await dovecot.stop();
    await until(async () => (await box('oauth')).state === 'waiting');
    await dovecot.start();
    await until(() => vendor.state.asked.length === 2);
    await deliverTo(dovecot, 'oauth', plainMail());
    await until(async () => (await arrived('oauth')) === 2);
    expect(vendor.state.asked.at(-1)).toMatchObject({ refresh_token: 'refresh-1' });
    expect((await box('oauth')).paused_at).toBeNull();
    vendor.state.rotate = false;
  });

  it.each(['xoauth2', 'oauthbearer'])('logs in where the server offers %s and nothing else', async (mechanism) => {
    const server = await startDovecot({ introspectUrl: `${vendor.url}/introspect`, mechanisms: mechanism });
    try {
      const said = await greetingOf(server.imapPort);
      expect(said).toContain(`AUTH=${mechanism.toUpperCase()}`);
      expect(said.match(/AUTH=/g)).toHaveLength(1);
      await deliverTo(server, `only-${mechanism}`, plainMail());
      const { mailbox } = await watch(`only-${mechanism}`, server);
      await until(async () => (await arrived(`only-${mechanism}`)) === 1);
      await mailbox.close();
    } finally {
      await server.remove();
    }
  });

  it('goes on with a new token where the server ends a session whose token has run out', async () => {
    const proxy = await startTcpProxy(dovecot.imapPort);
    try {
      await deliverTo(dovecot, 'ends', plainMail());
      await watch('ends', { imapPort: proxy.port });
      await until(async () => (await arrived('ends')) === 1);
      const asked = vendor.state.asked.length;
      // As Google and Microsoft do after an hour: a farewell in the middle of IDLE, and the old token is refused after it.
      vendor.state.valid.clear();
      const farewell = '* BYE Session expired, please login again\r\n';
      proxy.rewrite = (text) => {
        proxy.rewrite = null;
        setImmediate(() => proxy.cut());
        return `${text}${farewell}`;
      };
      await deliverTo(dovecot, 'ends', plainMail());
      await until(async () => (await arrived('ends')) === 2);
      expect(vendor.state.asked.length).toBe(asked + 1);
      expect(await box('ends')).toMatchObject({ paused_at: null });
    } finally {
      await proxy.close();
    }
  });

  it('pauses where the token runs out in the middle and the refresh token is void by then', async () => {
    const proxy = await startTcpProxy(dovecot.imapPort);
    try {
      await deliverTo(dovecot, 'void', plainMail());
      const { file } = await watch('void', { imapPort: proxy.port });
      await until(async () => (await arrived('void')) === 1);
      vendor.state.valid.clear();
      vendor.state.revoked.add('void');
      proxy.cut();
      await until(async () => (await box('void')).paused_at !== null);
      expect(await box('void')).toMatchObject({ error_class: 'token' });
      // The old access token was tried once, then the endpoint was asked once; nobody goes on asking.
      expect(vendor.state.asked.filter(({ client_id }) => client_id === 'void')).toHaveLength(2);
      const { rows } = await stage.database.pool.query(`select from tickets where thread_key = 'own:mailbox:void'`);
      expect(rows).toHaveLength(1);
      await deliverTo(dovecot, 'void', plainMail());
      vendor.state.revoked.delete('void');
      writeFileSync(file, 'refresh-again\n');
      await until(async () => (await arrived('void')) === 2);
    } finally {
      await proxy.close();
    }
  });

  it('pauses at once where the refresh token was revoked, and resumes when there is another', async () => {
    vendor.state.answers = [GOOGLE_REVOKED];
    const { file } = await watch('revoked');
    await until(async () => (await box('revoked')).paused_at !== null);
    expect(await box('revoked')).toMatchObject({ error_class: 'token', failures: 1 });
    expect((await box('revoked')).last_error).toContain('400 invalid_grant');
    expect(JSON.stringify(await box('revoked'))).not.toContain('refresh-0');
    writeFileSync(file, 'refresh-new\n');
    await until(async () => (await box('revoked')).state === 'watching');
  });

  it.each([
    ['throttled', { status: 429, body: { error: 'too_many_requests' }, retryAfter: '0' }],
    ['network', microsoft(503, 'temporarily_unavailable', 90033, 'A transient error has occurred. Please try again.')],
  ] as const)('waits where the endpoint is %s, and goes on', async (kind, answer) => {
    vendor.state.answers = [answer, answer];
    await watch(`busy-${kind}`);
    await until(
      async () =>
        (await box(`busy-${kind}`))?.error_class === kind || (await box(`busy-${kind}`))?.state === 'watching',
    );
    await until(async () => (await box(`busy-${kind}`)).state === 'watching');
    expect((await box(`busy-${kind}`)).paused_at).toBeNull();
  });

  it.each([
    ['revoked', GOOGLE_REVOKED],
    ['revoked', microsoft(400, 'invalid_grant', 700082, 'The refresh token has expired due to inactivity.')],
    ['revoked', microsoft(400, 'interaction_required', 50076, 'You must use multi-factor authentication.')],
    ['wrong', microsoft(401, 'invalid_client', 7000215, 'Invalid client secret provided.')],
    ['throttled', { status: 403, body: { error: 'rate_limit_exceeded', error_description: 'Rate Limit Exceeded' } }],
    ['unavailable', { status: 500, body: { error: 'internal_failure' } }],
  ] as const)('calls it %s', async (problem, answer) => {
    vendor.state.answers = [answer];
    const request = {
      url: `${vendor.url}/token`,
      clientId: 'x',
      clientSecret: 's3cr3t',
      refreshToken: 'r3fr3sh',
      scope: 'a b',
    };
    const error = await refreshToken(request).catch((one) => one);
    expect(error).toMatchObject({ tokenProblem: problem });
    expect(error.message).not.toMatch(/s3cr3t|r3fr3sh|Trace/);
  });
});
