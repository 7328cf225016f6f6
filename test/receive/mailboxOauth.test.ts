import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { refreshToken } from '../../src/connectors/oauthToken.ts';
import type { Mailbox } from '../../src/receive/imap.ts';
import { createMailboxSecrets } from '../../src/receive/mailboxSecrets.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';
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
    const wrong = state.answers.shift();
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
  const watch = async (user: string) => {
    const file = join(stage.folder, `${user}.token`);
    writeFileSync(file, 'refresh-0\n');
    const settings = mailboxSettings(dovecot, user, {
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
