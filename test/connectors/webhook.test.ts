import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { type AddressInfo, createServer as createTcpServer } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { openWebhook, type WebhookOptions } from '../../src/connectors/webhook.ts';
import { selfSigned } from './selfSigned.ts';

const NOW = new Date('2026-11-24T12:00:00Z');
const MESSAGE = { id: 'msg_1', body: '{"type":"ticket.urgent"}' };
type Seen = { headers: IncomingMessage['headers']; body: string; url: string | undefined; method: string | undefined };

const stops: (() => unknown)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
});

async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  stops.push(() => {
    server.closeAllConnections();
    return new Promise((resolve) => server.close(resolve));
  });
  return (server.address() as AddressInfo).port;
}

async function receiver(
  answer: (response: ServerResponse, seen: Seen) => void,
): Promise<{ url: string; seen: Seen[] }> {
  const seen: Seen[] = [];
  const port = await listen(
    createServer((request, response) => {
      let body = '';
      request.on('data', (chunk) => {
        body += chunk;
      });
      request.on('end', () => {
        const one = { headers: request.headers, body, url: request.url, method: request.method };
        seen.push(one);
        answer(response, one);
      });
    }),
  );
  return { url: `http://127.0.0.1:${port}/hook`, seen };
}

function send(url: string, options: Partial<WebhookOptions> = {}, message = MESSAGE) {
  const webhook = openWebhook({ url, secret: 'top', allowPrivate: true, ...options });
  stops.push(() => webhook.close());
  return webhook.send(message, NOW);
}

const answering = (status: number, headers: Record<string, string> = {}) =>
  receiver((response) => void response.writeHead(status, headers).end('x'));

describe('the webhook', () => {
  it.each(['top', `whsec_${Buffer.from('top secret').toString('base64')}`])(
    'is known by the check that README shows, and nothing else is (key %s)',
    async (secret) => {
      const [, source = ''] =
        /```js\n(import \{ createHmac[^`]*(?:`[^`]*`[^`]*)*?)```/.exec(readFileSync('README.md', 'utf8')) ?? [];
      const { isOurs } = await import(`data:text/javascript,${encodeURIComponent(source)}`);
      const { url, seen } = await answering(204);
      const webhook = openWebhook({ url, secret, allowPrivate: true });
      stops.push(() => webhook.close());
      await webhook.send(MESSAGE, new Date());
      const { headers, body } = seen[0]!;
      expect(isOurs(headers, Buffer.from(body), secret)).toBe(true);
      expect(isOurs(headers, Buffer.from(`${body} `), secret)).toBe(false);
      expect(isOurs(headers, Buffer.from(body), 'another')).toBe(false);
      expect(isOurs({ ...headers, 'webhook-id': 'msg_2' }, Buffer.from(body), secret)).toBe(false);
      const late = String(Number(headers['webhook-timestamp']) - 301);
      expect(isOurs({ ...headers, 'webhook-timestamp': late }, Buffer.from(body), secret)).toBe(false);
      expect(isOurs({}, Buffer.from(body), secret)).toBe(false);
    },
  );

  it('posts signed as Standard Webhooks says', async () => {
    const { url, seen } = await answering(204);
    expect(await send(url)).toEqual({ ok: true, status: 204 });
    const [one] = seen;
    expect(one).toMatchObject({ method: 'POST', url: '/hook', body: MESSAGE.body });
    const timestamp = String(NOW.getTime() / 1000);
    const mac = createHmac('sha256', 'top').update(`msg_1.${timestamp}.${MESSAGE.body}`).digest('base64');
    expect(one!.headers).toMatchObject({
      'content-type': 'application/json; charset=utf-8',
      'webhook-id': 'msg_1',
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${mac}`,
    });
  });

  it('takes a whsec_ secret as base64', async () => {
    const { url, seen } = await answering(200);
    await send(url, { secret: `whsec_${Buffer.from('raw key').toString('base64')}` });
    const mac = createHmac('sha256', 'raw key')
      .update(`msg_1.${NOW.getTime() / 1000}.${MESSAGE.body}`)
      .digest('base64');
    expect(seen[0]!.headers['webhook-signature']).toBe(`v1,${mac}`);
  });

  it.each([
    [301, 'permanent'],
    [302, 'permanent'],
    [400, 'permanent'],
    [404, 'permanent'],
    [410, 'permanent'],
    [408, 'temporary'],
    [500, 'temporary'],
    [501, 'permanent'],
    [503, 'temporary'],
    [429, 'rateLimited'],
  ])('takes %i as %s and follows nothing', async (status, kind) => {
    const other = await answering(200);
    const { url } = await answering(status, { location: other.url });
    expect(await send(url)).toMatchObject({ ok: false, failure: { class: kind, code: `webhook.${status}` } });
    expect(other.seen).toEqual([]);
  });

  it.each([
    ['120', 120],
    ['Tue, 24 Nov 2026 12:01:00 GMT', 60],
    ['Tue, 24 Nov 2026 11:00:00 GMT', 0],
    ['-5', null],
    ['soon', null],
    ['', null],
  ])('reads Retry-After %j', async (header, seconds) => {
    const { url } = await answering(503, { 'retry-after': header });
    expect(await send(url)).toMatchObject({ failure: { class: 'temporary', waitSeconds: seconds } });
  });

  it('does not wait for the end of a body', async () => {
    const { url } = await receiver((response) => {
      response.writeHead(200, { 'content-length': '1000000000', 'content-encoding': 'gzip' });
      response.write('not gzip');
    });
    expect(await send(url)).toEqual({ ok: true, status: 200 });
  });

  it('gives up on an answer that does not come; whether it was taken is not known', async () => {
    const { url, seen } = await receiver(() => {});
    const start = performance.now();
    expect(await send(url, { timeoutMs: 200 })).toMatchObject({
      failure: { class: 'unclear', code: 'webhook.unclear' },
    });
    expect(performance.now() - start).toBeLessThan(8000);
    expect(seen.length).toBe(1);
  });

  it('does not know either when the connection breaks after the request', async () => {
    const { url } = await receiver((response) => void response.destroy());
    expect(await send(url)).toMatchObject({ failure: { class: 'unclear' } });
  });

  it('knows that nothing happened when nobody listens', async () => {
    const server = createTcpServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    await new Promise((resolve) => server.close(resolve));
    expect(await send(`http://127.0.0.1:${port}/`)).toMatchObject({
      failure: { class: 'temporary', code: 'webhook.connection' },
    });
    expect(await send(`http://localhost:${port}/`)).toMatchObject({
      failure: { class: 'temporary', code: 'webhook.connection' },
    });
    expect(await send('http://does-not-exist.invalid/')).toMatchObject({ failure: { class: 'temporary' } });
  });

  it('refuses private and loopback addresses, by address and by name, before a byte is sent', async () => {
    const { url, seen } = await answering(200);
    const byName = url.replace('127.0.0.1', 'localhost');
    for (const target of [url, byName, url.replace('127.0.0.1', '[::ffff:127.0.0.1]'), 'http://169.254.169.254/']) {
      expect(await send(target, { allowPrivate: false })).toMatchObject({
        ok: false,
        failure: { class: 'permanent', code: 'webhook.address' },
      });
    }
    expect(seen).toEqual([]);
    expect(await send(byName)).toMatchObject({ ok: true });
  });

  it('uses no proxy of the environment', async () => {
    const proxy = await answering(200);
    const { url, seen } = await answering(200);
    const before = { ...process.env };
    process.env.http_proxy = proxy.url;
    process.env.HTTP_PROXY = proxy.url;
    process.env.no_proxy = '';
    try {
      expect(await send(url)).toMatchObject({ ok: true });
    } finally {
      process.env = before;
    }
    expect(seen.length).toBe(1);
    expect(proxy.seen).toEqual([]);
  });

  it('sends nothing larger than its limit', async () => {
    const { url, seen } = await answering(200);
    const result = await send(url, {}, { id: 'msg_1', body: 'x'.repeat(100_000) });
    expect(result).toMatchObject({ failure: { class: 'permanent' } });
    expect(seen).toEqual([]);
  });

  it('trusts no certificate that cannot be verified', async () => {
    let requests = 0;
    const port = await listen(
      createTlsServer(await selfSigned(), (_request, response) => {
        requests += 1;
        response.end();
      }),
    );
    const result = await send(`https://localhost:${port}/`);
    expect(result).toMatchObject({ failure: { class: 'temporary', code: 'webhook.tls', waitSeconds: 900 } });
    expect(requests).toBe(0);
  });

  it('says no secret and no address in its failures', async () => {
    const result = await send('http://user:hunter2@localhost:1/path?token=abc', { secret: 'topsecret' });
    expect(JSON.stringify(result)).not.toMatch(/hunter2|abc|topsecret/);
  });
});
