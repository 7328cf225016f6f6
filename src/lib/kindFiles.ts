import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { EXIT, messageOf, RootdeskError } from './errors.ts';

/** Kind files, ticket wordings and the sender list as plain data (JSON): goes to worker threads as it is. */
export type KindFiles = { files: { name: string; data: unknown }[]; senders: unknown };

/**
 * Reads `<configDir>/kinds/*.yaml`, `<configDir>/senders.yaml` and `<templatesDir>/ticket/*.yaml`. Checks nothing but
 * that they are YAML; `compileKinds` checks the rest. Throws a RootdeskError that names the file.
 */
export function readKindFiles(configDir: string, templatesDir: string): KindFiles {
  return {
    files: [...readFolder(join(configDir, 'kinds'), 'kinds'), ...readFolder(join(templatesDir, 'ticket'), 'ticket')],
    senders: readSendersFile(configDir),
  };
}

/** The sender list alone. Throws a RootdeskError that names the file. */
export function readSendersFile(configDir: string): unknown {
  return readYaml(join(configDir, 'senders.yaml'));
}

function readFolder(folder: string, label: string): { name: string; data: unknown }[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  } catch (error) {
    throw wrong(folder, error);
  }
  return names.sort().map((name) => ({ name: `${label}/${name}`, data: readYaml(join(folder, name)) }));
}

function readYaml(path: string): unknown {
  try {
    return parseYaml(readFileSync(path, 'utf8'));
  } catch (error) {
    throw wrong(path, error);
  }
}

function wrong(path: string, error: unknown): RootdeskError {
  return new RootdeskError('kinds', `${path} cannot be read: ${messageOf(error)}`, 'mend or restore the file', {
    exitCode: EXIT.config,
  });
}
