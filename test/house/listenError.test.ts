import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { listenError } from '../../src/lib/listenError.ts';
import { createLog } from '../../src/lib/log.ts';
import { startListener } from '../../src/receive/mailListener.ts';

const NAMES = { bind: 'ROOTDESK_SMTP_BIND', port: 'ROOTDESK_SMTP_PORT' };

/** What a listener of ours is refused with at this address. */
async function refusal(bind: string, port: number) {
  const options = {
    transport: 'smtp' as const,
    bind,
    port,
    hostname: 'desk.test',
    maxConnections: 1,
    maxPerClient: 1,
    maxRecipients: 1,
    isOurHop: () => false,
    authservIds: [],
    tls: null,
  };
  const deps = { log: createLog('silent'), mailBytes: 1000 };
  return startListener(options, deps as never).then(
    () => expect.unreachable('it listens'),
    (error: unknown) => error,
  );
}

test('an address that this machine has not is told apart from a busy port', async () => {
  expect(await refusal('192.0.2.1', 0)).toMatchObject({
    exitCode: 69,
    message: 'SMTP cannot listen on 192.0.2.1 port 0: this machine has no such address',
    hint: expect.stringContaining('ROOTDESK_SMTP_BIND'),
  });
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, '127.0.0.1', resolve));
  const { port } = other.address() as { port: number };
  expect(await refusal('127.0.0.1', port)).toMatchObject({
    code: 'listen.busy',
    exitCode: 69,
    hint: expect.stringContaining('ROOTDESK_SMTP_PORT'),
  });
  await new Promise((resolve) => other.close(resolve));
});

test.each([
  ['EACCES', 'ROOTDESK_SMTP_PORT'],
  ['ENOTFOUND', 'ROOTDESK_SMTP_BIND'],
  ['EINVAL', 'ROOTDESK_SMTP_BIND'],
  ['EMFILE', 'ROOTDESK_SMTP_BIND and ROOTDESK_SMTP_PORT'],
])('%s says what to change', (code, name) => {
  const error = listenError('SMTP', { bind: 'x', port: 25 }, NAMES, Object.assign(new Error('no'), { code }));
  expect(error.hint).toContain(name);
});
