import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url)).replace(/\/$/, '');

export type OpenProject = { folder: string; node: string; remove(): void };

/**
 * This project where every user of the machine can read it: itself, or a copy when it stands in somebody's closed home
 * or was cloned under a strict umask.
 */
export function openProject(): OpenProject {
  if (everyoneReads(PROJECT)) return { folder: PROJECT, node: process.execPath, remove: () => {} };
  const folder = mkdtempSync('/tmp/rootdesk-open-');
  for (const part of ['package.json', 'src', 'test', 'node_modules']) {
    execFileSync('cp', ['-a', join(PROJECT, part), folder]);
  }
  execFileSync('chmod', ['-R', 'a+rX', folder]);
  chmodSync(folder, 0o755);
  return {
    folder,
    node: join(folder, 'node_modules/node/bin/node'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function everyoneReads(project: string): boolean {
  if ((statSync(join(project, 'package.json')).mode & 0o004) === 0) return false;
  for (let folder = project; ; folder = dirname(folder)) {
    if ((statSync(folder).mode & 0o001) === 0) return false;
    if (folder === dirname(folder)) return true;
  }
}
