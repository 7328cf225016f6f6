import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { ensureDebian } from './debian.ts';

export type RedisServer = {
  url: string;
  port: number;
  pid(): number;
  /** Ends the server at once, as a crash does. */
  kill(): Promise<void>;
  /** Starts it again on the same port. */
  start(): Promise<void>;
  /** Runs one command. */
  command(name: string, ...args: string[]): Promise<unknown>;
  stop(): Promise<void>;
};

/** A real redis-server on a free loopback port, its folder temporary, nothing written to disk. */
export async function startRedis(): Promise<RedisServer> {
  const binary = await ensureDebian('redis-server', ['redis-server']);
  const folder = await mkdtemp(join(tmpdir(), 'rd-redis-'));
  const port = await freePort();
  let child: ChildProcess | null = null;

  async function start(): Promise<void> {
    const args = ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', folder];
    const started = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    child = started;
    let output = '';
    const ready = new Promise<void>((resolve, reject) => {
      started.stdout.on('data', (chunk: Buffer) => {
        output = (output + chunk).slice(-4000);
        if (output.includes('Ready to accept connections')) resolve();
      });
      started.stderr.resume();
      started.once('error', reject);
      started.once('exit', (code) => reject(new Error(`redis-server ended with ${code}: ${output}`)));
    });
    await ready;
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null || ending.signalCode !== null) return;
    const gone = new Promise((resolve) => ending.once('exit', resolve));
    ending.kill(signal);
    await gone;
  }

  await start();
  return {
    url: `redis://127.0.0.1:${port}/0`,
    port,
    pid: () => child!.pid!,
    kill: () => end('SIGKILL'),
    start,
    async command(name, ...args) {
      const client = new Redis(port, '127.0.0.1', { lazyConnect: true });
      try {
        await client.connect();
        return await client.call(name, ...args);
      } finally {
        client.disconnect();
      }
    },
    async stop() {
      await end('SIGTERM');
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}
