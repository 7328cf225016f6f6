import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/longestFirst.ts';

// Every process that a test starts finds what another one compiled (src/lib/compileCache.ts says the same folder).
process.env.NODE_COMPILE_CACHE ??= new URL('./node_modules/.cache/rootdesk', import.meta.url).pathname;

/**
 * Runs alone, behind all others: it gives processes networks of their own, and when a machine gets an interface every browser
 * on it gives up what it is loading (net::ERR_NETWORK_CHANGED).
 */
const PLUGS_CABLES = 'test/house/compose.test.ts';

export default defineConfig({
  test: {
    projects: [
      { extends: true, test: { name: 'all', include: ['test/**/*.test.ts'], exclude: [PLUGS_CABLES] } },
      { extends: true, test: { name: 'cables', include: [PLUGS_CABLES], sequence: { groupOrder: 1 } } },
    ],
    // One PostgreSQL for the whole run; each test file takes a copy of its migrated template.
    globalSetup: ['test/servers/globalSetup.ts'],
    // Servers, signals and crashes are real in these tests: processes, not threads, keep them apart.
    pool: 'forks',
    // A third one beside two cores was no faster, and waits that hold on a quiet machine ended too early.
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
    // One second, the default, is nothing on a busy machine; who is right waits no longer for it.
    expect: { poll: { timeout: 30_000 } },
  },
});
