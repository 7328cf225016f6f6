import { projectEnv, runCommand } from './runCommand.ts';

/**
 * `npm run check`: everything that can be said about the project without starting it. Runs all checks, whatever fails,
 * and ends non-zero if one did. `npm test` runs the same list before the tests.
 */
type Check = { name: string; command: string; args: string[] };

const checks: Check[] = [
  { name: 'types (tsc)', command: 'tsc', args: ['--noEmit'] },
  { name: 'lint and format (biome)', command: 'biome', args: ['check', '--error-on-warnings', '--colors=off'] },
  { name: 'unused files, exports and packages (knip)', command: 'knip', args: ['--no-progress'] },
  { name: 'import boundaries', command: 'node', args: ['scripts/boundaries.ts'] },
  { name: 'Dockerfile (dockerfile-utils)', command: 'dockerfile-utils', args: ['lint', 'Dockerfile'] },
  { name: 'compose file (dclint)', command: 'dclint', args: ['--max-warnings=0', 'docker-compose.yml'] },
  { name: 'generated files unchanged', command: 'node', args: ['scripts/generate.ts', '--check'] },
];

/** Runs the checks one after another, printing each as it ends. */
export async function runChecks(): Promise<{ passed: number; failed: number }> {
  const counts = { passed: 0, failed: 0 };
  for (const { name, command, args } of checks) {
    const started = performance.now();
    const { code, output } = await runCommand(command, args, {
      output: 'collect',
      env: { ...projectEnv(), NO_COLOR: '1' },
    });
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    if (code === 0) {
      counts.passed++;
      console.log(`check ok      ${name} (${seconds} s)`);
    } else {
      counts.failed++;
      console.log(`check FAILED  ${name} (${seconds} s, exit code ${code})`);
      console.log(output.trimEnd().replace(/^/gm, '    '));
    }
  }
  return counts;
}

if (import.meta.main) {
  const { failed } = await runChecks();
  process.exitCode = failed === 0 ? 0 : 1;
}
