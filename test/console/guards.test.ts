import { request } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { checkBind, isOwnHost } from '../../src/console/guards.ts';
import { startConsole } from '../../src/console/server.ts';
import { RootdeskError } from '../../src/lib/errors.ts';
import { loadSettings } from '../../src/settings.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { seedScene } from './seed.ts';
import { startTestConsole, testDeps } from './startTestConsole.ts';

let fresh: FreshDatabase;
let started: Awaited<ReturnType<typeof startTestConsole>>;
let ticket: number;

beforeAll(async () => {
  fresh = await freshDatabase();
  ticket = (await seedScene(fresh)).compromise;
  started = await startTestConsole(fresh);
});
afterAll(async () => {
  await started?.close();
  await fresh?.drop();
});

type Answer = { status: number; headers: Record<string, string | string[] | undefined>; body: string };

function ask(
  path: string,
  options: { method?: string; headers?: Record<string, string>; body?: string } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const sent = request(
      { host: '127.0.0.1', port: started.port, path, method: options.method ?? 'GET', headers: options.headers },
      (answer) => {
        let body = '';
        answer.setEncoding('utf8');
        answer.on('data', (chunk) => (body += chunk));
        answer.on('end', () => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body }));
      },
    );
    sent.on('error', reject);
    sent.end(options.body);
  });
}

const own = () => `127.0.0.1:${started.port}`;
const form = { 'content-type': 'application/x-www-form-urlencoded' };
const stateOf = async () =>
  (await fresh.db.selectFrom('tickets').select('state').where('id', '=', ticket).executeTakeFirstOrThrow()).state;

describe('Host', () => {
  test.each(['127.0.0.1', 'localhost', 'LOCALHOST', '[::1]'])('%s with the own port is answered', async (name) => {
    expect((await ask('/healthz', { headers: { host: `${name}:${started.port}` } })).status).toBe(200);
  });

  test.each([
    'attacker.example',
    'attacker.example:PORT',
    'localhost.attacker.example:PORT',
    '127.0.0.1.nip.io:PORT',
    '127.0.0.1',
    'localhost:1',
    '127.0.0.1:PORT.attacker.example',
    'localhost.:PORT',
    '[::ffff:127.0.0.1]:PORT',
    '0.0.0.0:PORT',
  ])('%j is refused on every path', async (host) => {
    for (const path of [
      '/',
      `/tickets/${ticket}`,
      '/api/v1/tickets',
      '/assets/console.css',
      '/nothing',
      '/readyz',
      '/events',
      '/metrics',
      '/api',
      '/api/openapi.json',
    ]) {
      const answer = await ask(path, { headers: { host: host.replace('PORT', String(started.port)) } });
      expect(answer.status, path).toBe(421);
      expect(answer.body).not.toContain('Suspicious');
    }
  });

  test.each(['GET / HTTP/1.0\r\n\r\n', 'GET / HTTP/1.1\r\nHost: \r\nConnection: close\r\n\r\n'])(
    '%j is refused',
    async (sent) => {
      const answer = await new Promise<string>((resolve, reject) => {
        const socket = connect(started.port, '127.0.0.1', () => socket.write(sent));
        let text = '';
        socket.on('data', (chunk) => (text += chunk));
        socket.on('end', () => resolve(text));
        socket.on('error', reject);
      });
      expect(answer).toMatch(/^HTTP\/1\.1 (421|400) /);
    },
  );

  test('the port may be left out only where it is the default', () => {
    expect(isOwnHost('localhost', 80)).toBe(true);
    expect(isOwnHost('localhost', 8480)).toBe(false);
    expect(isOwnHost(undefined, 80)).toBe(false);
  });
});

describe('changes', () => {
  const body = 'version=1&to=solved';

  test.each<[string, Record<string, string>]>([
    ['no Origin', { 'sec-fetch-site': 'same-origin' }],
    ['no Sec-Fetch-Site', { origin: 'OWN' }],
    ['another Origin', { origin: 'https://attacker.example', 'sec-fetch-site': 'same-origin' }],
    ['Origin null', { origin: 'null', 'sec-fetch-site': 'same-origin' }],
    ['another port', { origin: 'http://127.0.0.1:1', 'sec-fetch-site': 'same-origin' }],
    ['https', { origin: 'https://HOST', 'sec-fetch-site': 'same-origin' }],
    ['cross-site', { origin: 'OWN', 'sec-fetch-site': 'cross-site' }],
    ['same-site', { origin: 'OWN', 'sec-fetch-site': 'same-site' }],
    ['none', { origin: 'OWN', 'sec-fetch-site': 'none' }],
  ])('are refused with %s, and nothing changes', async (_name, headers) => {
    const sent = Object.fromEntries(
      Object.entries(headers).map(([name, value]) => [
        name,
        value.replace('OWN', `http://${own()}`).replace('HOST', own()),
      ]),
    );
    for (const method of ['POST', 'PUT', 'PATCH', 'DELETE']) {
      const answer = await ask(`/tickets/${ticket}/state`, {
        method,
        headers: { host: own(), ...form, ...sent },
        body,
      });
      expect(answer.status, method).toBe(403);
    }
    expect(await stateOf()).toBe('open');
  });

  test('are taken from the own pages, and answered with 303', async () => {
    const headers = { host: own(), origin: `http://${own()}`, 'sec-fetch-site': 'same-origin', ...form };
    const answer = await ask(`/tickets/${ticket}/state`, { method: 'POST', headers, body });
    expect(answer.status).toBe(303);
    expect(answer.headers.location).toMatch(new RegExp(`^/tickets/${ticket}\\?done=\\d+$`));
    expect(await stateOf()).toBe('solved');
    const late = await ask(`/tickets/${ticket}/state`, { method: 'POST', headers, body: 'version=1&to=waiting' });
    expect(late.status).toBe(409);
    expect(await stateOf()).toBe('solved');
    await ask(`/tickets/${ticket}/state`, { method: 'POST', headers, body: 'version=2&to=open' });
    expect(await stateOf()).toBe('open');
  });

  test('a body that is no form, or too long, is refused', async () => {
    const headers = { host: own(), origin: `http://${own()}`, 'sec-fetch-site': 'same-origin' };
    const path = `/tickets/${ticket}/state`;
    expect(
      (await ask(path, { method: 'POST', headers: { ...headers, 'content-type': 'text/plain' }, body })).status,
    ).toBe(415);
    const long = `version=1&to=solved&x=${'x'.repeat(70_000)}`;
    expect((await ask(path, { method: 'POST', headers: { ...headers, ...form }, body: long })).status).toBe(413);
    expect(
      (await ask(path, { method: 'POST', headers: { ...headers, ...form }, body: 'version=1&to=gone' })).status,
    ).toBe(400);
    expect(await stateOf()).toBe('open');
  });
});

describe('headers', () => {
  test.each([
    '/',
    '/nothing',
    '/api/v1/tickets',
    '/api/v1/nothing',
    '/assets/console.css',
    '/metrics',
    '/api',
    '/api/openapi.json',
  ])('of %s', async (path) => {
    const { headers } = await ask(path, { headers: { host: own(), origin: 'https://attacker.example' } });
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['content-security-policy']).not.toContain('unsafe');
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['x-frame-options']).toBe('DENY');
    expect(headers['cross-origin-resource-policy']).toBe('same-origin');
    expect(headers['referrer-policy']).toBe('same-origin');
    expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([]);
  });

  test('other sites cannot load parts of it, and a preflight gets no leave', async () => {
    const cross = { host: own(), 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'no-cors' };
    expect((await ask('/api/v1/tickets', { headers: cross })).status).toBe(403);
    const answer = await ask('/api/v1/tickets', {
      method: 'OPTIONS',
      headers: { host: own(), origin: 'https://attacker.example', 'access-control-request-method': 'GET' },
    });
    expect(answer.status).toBe(403);
    expect(answer.headers['access-control-allow-origin']).toBeUndefined();
  });

  test('assets do not lead out of their folder', async () => {
    for (const path of [
      '/assets/../server.ts',
      '/assets/%2e%2e/server.ts',
      '/assets/..%2fserver.ts',
      '/assets/%2e%2e%2fserver.ts',
    ]) {
      const answer = await ask(path, { headers: { host: own() } });
      expect(answer.status, path).toBeGreaterThanOrEqual(400);
      expect(answer.body).not.toContain('fastify');
    }
  });
});

describe('the socket', () => {
  test.each(['0.0.0.0', '::', '192.0.2.1', 'example.net', '127.0.0.1.example.net', ''])(
    'refuses to listen on %j',
    (bind) => {
      expect(() => checkBind(bind)).toThrow(RootdeskError);
    },
  );

  test('startConsole refuses it too, with what to do', async () => {
    const settings = loadSettings({ env: {} });
    settings.http.bind = '0.0.0.0';
    const error = await startConsole({ ...testDeps(fresh), settings }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(RootdeskError);
    expect(error).toMatchObject({ code: 'console.bind', exitCode: 78 });
  });

  test('a busy port is a clear error', async () => {
    const settings = loadSettings({ env: { ROOTDESK_HTTP_PORT: String(started.port) } });
    const error = await startConsole({ ...testDeps(fresh), settings }).catch((thrown) => thrown);
    expect(error).toMatchObject({ code: 'listen.busy', exitCode: 69 });
  });

  test('close does not wait for connections that stay open', async () => {
    const other = await startTestConsole(fresh);
    const socket = connect(other.port, '127.0.0.1');
    const ended = new Promise<void>((resolve) => {
      socket.on('close', () => resolve());
      socket.on('error', () => {});
    });
    await new Promise<void>((resolve) => {
      socket.on('connect', () => socket.write(`GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:${other.port}\r\n\r\n`));
      socket.once('data', () => resolve());
    });
    await other.close();
    await ended;
  });
});
