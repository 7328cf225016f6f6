import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';

export type Refused = { code: string; message: string; hint: string; exitCode: number };
export type Running = {
  child: ChildProcess;
  pid: number;
  url: string;
  attached: boolean;
  refused: Refused | undefined;
  stderr(): string;
  /** Ends its use as Ctrl-C does. */
  stop(): Promise<void>;
  /** kill -9. */
  kill(): Promise<void>;
};

export type RunOptions = { role?: 'app' | 'command'; uid?: number; gid?: number; program?: string; node?: string };

const PROGRAM = fileURLToPath(new URL('./embeddedApp.ts', import.meta.url));

/** Runs test/store/embeddedApp.ts and waits for its first line. */
export async function runEmbedded(dataDir: string, options: RunOptions = {}): Promise<Running> {
  const { role = 'app', uid, gid, program = PROGRAM, node = process.execPath } = options;
  const child = spawn(node, [program, dataDir, role], {
    stdio: ['ignore', 'pipe', 'pipe'],
    cwd: '/',
    ...(uid === undefined ? {} : { uid, gid }),
    env: { ...process.env, HOME: '/nonexistent' },
  });
  let errors = '';
  child.stderr?.on('data', (chunk) => {
    errors += chunk;
  });
  const exited = once(child, 'exit');
  const [line] = (await Promise.race([
    once(createInterface(child.stdout!), 'line'),
    exited.then(() => {
      throw new Error(`the process ended: ${errors}`);
    }),
  ])) as [string];
  const end = async (signal: 'SIGTERM' | 'SIGKILL') => {
    child.kill(signal);
    await exited;
  };
  return {
    child,
    pid: child.pid!,
    ...(JSON.parse(line) as { url: string; attached: boolean; refused?: Refused }),
    refused: JSON.parse(line).refused,
    stderr: () => errors,
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
  };
}

/** The pid of the server of this cluster as its own file says it, or null. */
export function serverPid(cluster: string): number | null {
  const file = join(cluster, 'postmaster.pid');
  return existsSync(file) ? Number(readFileSync(file, 'utf8').split('\n')[0]) : null;
}

export async function ask<T = Record<string, unknown>>(url: string, sql: string): Promise<T[]> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    return (await client.query(sql)).rows as T[];
  } finally {
    await client.end().catch(() => {});
  }
}

export async function until(condition: () => boolean | Promise<boolean>, what: string, ms = 30_000): Promise<void> {
  const end = performance.now() + ms;
  while (!(await condition())) {
    if (performance.now() > end) throw new Error(`in vain: ${what}`);
    await wait(20);
  }
}
