import { type SpawnOptions, spawn } from 'node:child_process';
import { delimiter, resolve } from 'node:path';

export const projectDir = resolve(import.meta.dirname, '..');

/**
 * The environment of checks and tests: the project's own Node and tools first, and nothing that points at somebody's
 * real installation. A developer whose shell holds DATABASE_URL must not have a test write there.
 */
export function projectEnv(): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) {
    if (name.startsWith('ROOTDESK_') || name.startsWith('PG') || name === 'DATABASE_URL' || name === 'REDIS_URL')
      continue;
    env[name] = value;
  }
  env.PATH = [resolve(projectDir, 'node_modules/.bin'), env.PATH ?? ''].join(delimiter);
  return env;
}

/** Runs a command in the project's folder to its end. Exit code 127 when it cannot be started. */
export function runCommand(
  command: string,
  args: string[],
  options: { output: 'inherit' | 'collect'; env?: NodeJS.ProcessEnv },
): Promise<{ code: number; output: string }> {
  const stdio: SpawnOptions['stdio'] =
    options.output === 'inherit' ? ['ignore', 'inherit', 'inherit'] : ['ignore', 'pipe', 'pipe'];
  return new Promise((done) => {
    const chunks: Buffer[] = [];
    const child = spawn(command, args, { cwd: projectDir, env: options.env ?? projectEnv(), stdio });
    child.stdout?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => chunks.push(chunk));
    child.on('error', (error) => done({ code: 127, output: `${command}: ${error.message}` }));
    child.on('close', (code, signal) => {
      const output = Buffer.concat(chunks).toString();
      done({ code: code ?? 1, output: signal ? `${output}\nended by ${signal}` : output });
    });
  });
}
