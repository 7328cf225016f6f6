import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { projectDir } from './runCommand.ts';
import { settingsFile, settingsTable } from './settingsText.ts';

/** `npm run generate` writes the files that are made from code; `--check` only says which ones differ. */
const files: Record<string, () => string> = {
  'config/rootdesk.yaml': settingsFile,
  'docs/settings.md': settingsTable,
};

const checking = process.argv.includes('--check');
for (const [path, render] of Object.entries(files)) {
  const text = render();
  if (text === current(path)) continue;
  if (checking) {
    console.log(`${path} is not what the code makes: run "npm run generate" and commit it`);
    process.exitCode = 1;
  } else {
    writeFileSync(resolve(projectDir, path), text);
    console.log(`wrote ${path}`);
  }
}

function current(path: string): string | null {
  try {
    return readFileSync(resolve(projectDir, path), 'utf8');
  } catch {
    return null;
  }
}
