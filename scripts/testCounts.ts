import { writeFileSync } from 'node:fs';
import type { Reporter, SerializedError, TestModule, TestSuite } from 'vitest/node';

export type TestCounts = {
  passed: number;
  failed: number;
  skipped: number;
  /** Messages of suites whose server is not on this machine. */
  missing: string[];
};

/** A suite (or file) fails by itself when a hook or the import of its file threw; its tests then never ran. */
function countSuite(suite: TestSuite | TestModule, counts: TestCounts): void {
  const errors = suite.errors();
  const missing = errors.filter((error) => error.name === 'MissingPackage');
  counts.missing.push(...missing.map((error) => error.message));
  if (errors.length > missing.length) counts.failed++;
  else if (missing.length > 0 && [...suite.children.allTests()].length === 0) counts.skipped++;
}

/**
 * Vitest reporter that writes the counts of the run as JSON to the file named by TEST_COUNTS_FILE, for the one plain
 * line at the end of `npm test`. A test that never came to an end counts as failed.
 */
export default class TestCountsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const counts: TestCounts = { passed: 0, failed: unhandled.length, skipped: 0, missing: [] };
    for (const module of modules) {
      countSuite(module, counts);
      for (const suite of module.children.allSuites()) countSuite(suite, counts);
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        counts[state === 'pending' ? 'failed' : state]++;
      }
    }
    counts.missing = [...new Set(counts.missing)];
    const file = process.env.TEST_COUNTS_FILE;
    if (file) writeFileSync(file, JSON.stringify(counts));
  }
}
