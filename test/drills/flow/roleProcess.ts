import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { projectDir } from '../../../scripts/runCommand.ts';

export type RoleProcess = {
  name: string;
  /** Whether it said that it is ready, and lives. */
  isUp(): boolean;
  /** How often it ended by itself: a start while the database was away. */
  ownDeaths(): number;
  /** SIGKILL; it is started again at once. Resolves when the old one is gone. */
  kill(): Promise<void>;
  /** SIGTERM, and not started again. How it ended: exit code, or the signal where it had to be killed after a minute. */
  stop(): Promise<number | string | null>;
};

/** Most lines of warnings and errors that one process may leave to be shown (characters). */
const SAID = 20_000;

/**
 * One start file of workers/ as a process that a supervisor keeps alive: whenever it ends, it is started again. `say` is
 * told each line of its log from `warn` up, so that a drill can show what a process had to complain of.
 */
export function startRole(
  name: string,
  file: string,
  env: Record<string, string>,
  say: (name: string, line: string) => void,
): RoleProcess {
  let child: ChildProcess;
  let isUp = false;
  let isKilled = false;
  let isStopping = false;
  let ownDeaths = 0;
  let said = 0;
  let gone: Promise<number | string | null> = Promise.resolve(null);

  const start = () => {
    const startedAt = performance.now();
    isUp = false;
    isKilled = false;
    const started = spawn(process.execPath, ['--max-semi-space-size=4', file], {
      cwd: projectDir,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    child = started;
    const hear = (line: string) => {
      if (line.includes('"msg":"ready"')) {
        isUp = true;
        say(name, `ready after ${Math.round(performance.now() - startedAt)} ms`);
      } else if (!line.includes('"level":30') && said < SAID) {
        said += line.length;
        say(name, line);
      }
    };
    createInterface({ input: started.stdout }).on('line', hear);
    createInterface({ input: started.stderr }).on('line', hear);
    gone = new Promise((resolve) =>
      started.once('exit', (code, signal) => {
        isUp = false;
        resolve(code ?? signal);
        if (isStopping) return;
        if (!isKilled) {
          ownDeaths += 1;
          say(name, `ended by itself with ${code ?? signal}`);
        }
        start();
      }),
    );
  };
  start();

  return {
    name,
    isUp: () => isUp,
    ownDeaths: () => ownDeaths,
    async kill() {
      const ending = gone;
      isKilled = true;
      child.kill('SIGKILL');
      await ending;
    },
    async stop() {
      isStopping = true;
      child.kill('SIGTERM');
      const timer = setTimeout(() => child.kill('SIGKILL'), 60_000);
      const code = await gone;
      clearTimeout(timer);
      return code;
    },
  };
}
