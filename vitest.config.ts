import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    // One PostgreSQL for the whole run; each test file takes a copy of its migrated template.
    globalSetup: ['test/servers/globalSetup.ts'],
    // Servers, signals and crashes are real in these tests: processes, not threads, keep them apart.
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    teardownTimeout: 30_000,
  },
});
