import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { withImportTable } from './importTableText.ts';
import { projectDir } from './runCommand.ts';
import { settingsFile, settingsTable } from './settingsText.ts';

/** `npm run generate` writes what is made from code; `--check` only says which files differ, and fails if one does. */
const files: Record<string, (current: string) => string> = {
  'config/rootdesk.yaml': settingsFile,
  'docs/settings.md': settingsTable,
  'ARCHITECTURE.md': withImportTable,
};

const checking = process.argv.includes('--check');
for (const [path, render] of Object.entries(files)) {
  const current = read(path);
  const text = render(current);
  if (text === current) continue;
  if (checking) {
    console.log(`${path} is not what the code makes: run "npm run generate" and commit it`);
    process.exitCode = 1;
  } else {
    writeFileSync(resolve(projectDir, path), text);
    console.log(`wrote ${path}`);
  }
}

function read(path: string): string {
  try {
    return readFileSync(resolve(projectDir, path), 'utf8');
  } catch {
    return '';
  }
}
