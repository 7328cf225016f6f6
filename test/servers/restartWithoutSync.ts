import { spawn } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { Embedded } from '../../src/store/embedded.ts';
import { findPostmaster } from '../../src/store/embeddedServer.ts';

/**
 * Stops an embedded server that nobody else uses and starts it again as it was, but waiting for no disk: whoever starts
 * the embedded server next attaches to this one. What is not synced is lost with the power of the machine only; processes
 * may be killed as ever, server and backends too, so tests of that prove the same. Suites of the embedded server itself
 * have servers of their own. Where there is no /proc nothing is done.
 */
export async function restartWithoutSync(embedded: Embedded): Promise<void> {
  const { cluster } = embedded;
  const postmaster = findPostmaster(cluster);
  const from = readIfLinux(postmaster?.pid);
  await embedded.stop();
  if (from === null) return;
  const [command = '', ...args] = from.args;
  for (const name of ['fsync', 'full_page_writes']) args.push('-c', `${name}=off`);
  const child = spawn(command, args, { ...from.user, env: from.env, cwd: cluster, detached: true, stdio: 'ignore' });
  child.unref();
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()).once('error', () => resolve()));
  let isGone = false;
  void ended.then(() => {
    isGone = true;
  });
  while (!isGone && findPostmaster(cluster)?.pid !== child.pid) await wait(10);
}

function readIfLinux(pid: number | undefined) {
  if (process.platform !== 'linux' || pid === undefined) return null;
  const lines = (file: string) => readFileSync(`/proc/${pid}/${file}`, 'utf8').split('\0').slice(0, -1);
  const { uid, gid } = statSync(`/proc/${pid}`);
  const env = Object.fromEntries(lines('environ').map((line) => line.split(/=(.*)/s, 2) as [string, string]));
  return { args: lines('cmdline'), env, user: { uid, gid } };
}
