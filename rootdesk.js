#!/usr/bin/env node
// Starts src/cli.ts with the Node that the project brings: the caller's own may be too old to run TypeScript, and npm
// links this file into folders from which TypeScript is not run at all.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { fileURLToPath } from 'node:url';

const node = fileURLToPath(new URL('./node_modules/node/bin/node', import.meta.url));
const cli = fileURLToPath(new URL('./src/cli.ts', import.meta.url));

if (!existsSync(node)) {
  console.error(`rootdesk: ${node} is missing; run "npm ci" in the project's folder with install scripts allowed`);
  process.exit(69);
}

// Space for young objects (MiB), of the process and of each rulebook thread: left alone it grows to 128 MiB, and makes nothing
// quicker here. V8 takes it at start only; package.json and the Dockerfile say the same.
const child = spawn(node, ['--max-semi-space-size=4', cli, ...process.argv.slice(2)], { stdio: 'inherit' });

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGUSR2']) {
  process.on(signal, () => {
    // A terminal sends Ctrl-C to the whole group: the child has it already, and a second one would mean "at once".
    if (signal === 'SIGINT' && process.stdin.isTTY) return;
    child.kill(signal);
  });
}

child.on('error', (error) => {
  console.error(`rootdesk: ${node} cannot be started: ${error.message}`);
  process.exit(70);
});
child.on('exit', (code, signal) => {
  process.exit(signal === null ? code : 128 + constants.signals[signal]);
});
