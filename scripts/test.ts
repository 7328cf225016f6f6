import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runChecks } from './check.ts';
import { projectEnv, runCommand } from './runCommand.ts';
import type { TestCounts } from './testCounts.ts';

/**
 * `npm test`: all checks, then all tests, whatever fails before. The last line is `N passed, N failed, N skipped` with
 * each check counted as one; the exit code is non-zero when anything failed. Arguments go to vitest as filters.
 */

// Ctrl-C reaches the whole group: vitest stops its servers first, then this process says how far it came.
let interrupted = false;
process.on('SIGINT', () => {
  interrupted = true;
});

const counts = await runChecks();
const tests = await runTests(process.argv.slice(2));
for (const message of tests.missing) console.log(`not tested here: ${message}`);
// A pipeline that is green without its real servers would prove nothing; at a desk it is a choice.
const missingFails = Boolean(process.env.CI) && tests.missing.length > 0;
const passed = counts.passed + tests.passed;
const failed = counts.failed + tests.failed + (missingFails ? tests.missing.length : 0);
console.log(`${passed} passed, ${failed} failed, ${tests.skipped} skipped`);
process.exitCode = interrupted ? 130 : failed === 0 ? 0 : 1;

async function runTests(filters: string[]): Promise<TestCounts> {
  const folder = mkdtempSync(join(tmpdir(), 'rootdesk-test-'));
  const file = join(folder, 'counts.json');
  try {
    const reporters = ['--reporter=default', '--reporter=./scripts/testCounts.ts'];
    const { code, output } = await runCommand('vitest', ['run', ...reporters, ...filters], {
      output: 'inherit',
      env: { ...projectEnv(), TEST_COUNTS_FILE: file },
    });
    if (output) console.log(output);
    return withExitCode(readCounts(file), code);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function readCounts(file: string): TestCounts {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as TestCounts;
  } catch {
    console.log('vitest ended before it could count its tests');
    return { passed: 0, failed: 0, skipped: 0, missing: [] };
  }
}

/** Vitest may fail for a reason of its own (a set-up that threw, no test found): that is one failure more. */
function withExitCode(counts: TestCounts, code: number): TestCounts {
  const explained = counts.failed > 0 || counts.missing.length > 0;
  const silent = counts.passed === 0 && counts.missing.length === 0;
  return (code !== 0 && !explained) || silent ? { ...counts, failed: counts.failed + 1 } : counts;
}
