import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { randomInt } from 'node:crypto';
import { once } from 'node:events';
import { readlinkSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process on a machine of its own, as far as its network goes: it reaches us by a cable, and nothing else. */
export type Machine = {
  child: ChildProcess;
  /** Where others reach it; null: it is on this machine. */
  address: string | null;
  /** Runs a command beside it to its end, on the same machine. Its exit code. */
  run(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null>;
};

export type Machines = {
  /** Our address on every cable; null: `refused` says why this machine gives no networks of their own. */
  address: string | null;
  refused: string;
  /** Starts a process. `env` is told the address of the machine that it runs on. */
  start(
    command: string,
    args: readonly string[],
    options: { cwd: string; env: (own: string) => NodeJS.ProcessEnv },
  ): Promise<Machine>;
  /** Gives our address back; the processes are their starter's to end. */
  close(): void;
};

const LOOPBACK = '127.0.0.1';
/** For benchmarks of networks (RFC 2544, RFC 6890 §2.2.2): nobody has it as an address. */
const NETWORK = '198.18';
const PATIENCE_MS = 20_000;

/**
 * Tries network namespaces (Linux, root): each process gets one, joined to ours by a pair of veth devices, and takes it and its
 * cable along when it ends, so that nothing is left behind by whatever becomes of the test. Where they are not permitted
 * the processes start on this machine.
 */
export async function openMachines(): Promise<Machines> {
  const [own, prefix] = [`${NETWORK}.${randomInt(256)}.1`, `rd${randomInt(0xffffff).toString(16)}`];
  const refused = tryOut(`${prefix}t`);
  let count = 0;
  const plugIn = async (command: string, args: readonly string[], address: string, options: SpawnOptions) => {
    const name = `${prefix}${count}`;
    // It waits for its cable; when we end before, so does it.
    const wait = ['-n', '--', 'sh', '-c', 'read -r go && exec "$@"', 'sh', command, ...args];
    const child = spawn('unshare', wait, { ...options, stdio: 'pipe' });
    await hasOwnNetwork(child);
    const there = (...words: string[]) => must('nsenter', ['-t', String(child.pid), '-n', 'ip', ...words]);
    const [ours, theirs] = [`${name}a`, `${name}b`];
    must('ip', ['link', 'add', ours, 'type', 'veth', 'peer', 'name', theirs, 'netns', String(child.pid)]);
    must('ip', ['addr', 'add', `${own}/32`, 'peer', `${address}/32`, 'dev', ours]);
    must('ip', ['link', 'set', ours, 'up']);
    there('addr', 'add', `${address}/32`, 'peer', `${own}/32`, 'dev', theirs);
    there('link', 'set', theirs, 'up');
    there('link', 'set', 'lo', 'up');
    return child;
  };
  const addressOf = (nth: number) => own.replace(/1$/, String(nth + 2));
  // Our address is on cables only: this one is there before the servers are, and never used.
  const first = refused === '' ? await plugIn('true', [], addressOf(0), {}) : null;
  return {
    address: first && own,
    refused,
    async start(command, args, { cwd, env }) {
      if (first === null) {
        const child = spawn(command, args, { cwd, env: env(LOOPBACK), stdio: ['ignore', 'pipe', 'pipe'] });
        return { child, address: null, run: (beside, more, its) => runToEnd(beside, more, its) };
      }
      count += 1;
      const address = addressOf(count);
      const child = await plugIn(command, args, address, { cwd, env: env(address) });
      child.stdin?.end('go\n');
      const enter = ['-t', String(child.pid), '-n'];
      return { child, address, run: (beside, more, its) => runToEnd('nsenter', [...enter, beside, ...more], its) };
    },
    close() {
      first?.kill();
    },
  };
}

/** Not spawnSync: it may ask what this process answers. */
async function runToEnd(command: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number | null> {
  const [code] = await once(spawn(command, args, { env, stdio: 'ignore', timeout: PATIENCE_MS }), 'exit');
  return code as number | null;
}

/** Why a network of its own cannot be had here; empty when it can. */
function tryOut(device: string): string {
  if (process.platform !== 'linux') return `no network namespaces on ${process.platform}`;
  const made = spawnSync('unshare', ['-n', '--', 'ip', 'link', 'add', device, 'type', 'veth'], { encoding: 'utf8' });
  // In ours too: an unprivileged user may have a namespace and no cable to it.
  const joined = spawnSync('ip', ['link', 'add', device, 'type', 'veth'], { encoding: 'utf8' });
  if (joined.status === 0) spawnSync('ip', ['link', 'del', device]);
  return (
    [made, joined].map(({ status, error, stderr }) => (status === 0 ? '' : (error?.message ?? stderr))).find(Boolean) ??
    ''
  );
}

async function hasOwnNetwork(child: ChildProcess): Promise<void> {
  const end = performance.now() + PATIENCE_MS;
  while (networkOf(child.pid) === networkOf(process.pid)) {
    if (child.exitCode !== null || performance.now() > end) throw new Error('the process has no network of its own');
    await sleep(5);
  }
}

function networkOf(pid: number | undefined): string {
  return readlinkSync(`/proc/${pid}/ns/net`);
}

function must(command: string, args: readonly string[]): void {
  const { status, stderr, error } = spawnSync(command, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command} ${args.join(' ')}: ${error?.message ?? stderr}`);
}
