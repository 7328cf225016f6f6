import type { ConsoleDeps } from '../../src/console/deps.ts';
import { startConsole } from '../../src/console/server.ts';
import { createLog } from '../../src/lib/log.ts';
import type { Chime } from '../../src/queue/bell.ts';
import { loadSettings } from '../../src/settings.ts';
import type { FreshDatabase } from '../servers/postgres.ts';
import { NOW } from './seed.ts';

/** What the console is made of in these tests: a real database, the clock of the scene, a bell that notes its rings. */
export function testDeps(fresh: FreshDatabase, more: Partial<ConsoleDeps> = {}): ConsoleDeps & { rings: Chime[] } {
  const rings: Chime[] = [];
  return {
    db: fresh.db,
    pool: fresh.pool,
    bell: {
      backend: 'postgres',
      ring: async (chime) => void rings.push(chime),
      listen: async () => {},
      check: async () => {},
      close: async () => {},
    },
    settings: loadSettings({ env: { ROOTDESK_HTTP_PORT: '0' } }),
    log: createLog('silent'),
    clock: { now: () => NOW },
    listeners: () => [
      { name: 'smtp', how: 'SMTP', address: '127.0.0.1:2525', state: 'listening', lastSuccessAt: NOW, detail: null },
      { name: 'lmtp', how: 'LMTP', address: '127.0.0.1:2424', state: 'listening', lastSuccessAt: null, detail: null },
    ],
    checkKeeping: async () => {},
    membership: {
      resellerDomains: ['msp.example'],
      approvers: [{ address: 'bob@msp.example', user: 'bob' }],
      ownDomains: [],
      ownAddresses: [],
    },
    userOf: async () => 'alice',
    demo: false,
    // Most of these mails are rows without bytes.
    seal: {
      open: () => {
        throw new Error('no key');
      },
    },
    rings,
    ...more,
  };
}

export async function startTestConsole(fresh: FreshDatabase, more: Partial<ConsoleDeps> = {}) {
  const deps = testDeps(fresh, more);
  return { deps, ...(await startConsole(deps)) };
}
