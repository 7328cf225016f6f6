import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse as parseYaml } from 'yaml';
import { EXIT, messageOf, RootdeskError } from './errors.ts';
import { keptJson } from './keptJson.ts';

/** Kind files, ticket wordings and the sender list as plain data (JSON): goes to worker threads as it is. */
export type KindFiles = { files: { name: string; data: unknown }[]; senders: unknown };

/**
 * Reads `<configDir>/kinds/*.yaml`, `<configDir>/senders.yaml` and `<templatesDir>/ticket/*.yaml`. Checks nothing but
 * that they are YAML; `compileKinds` checks the rest. Throws a RootdeskError that names the file.
 */
export function readKindFiles(configDir: string, templatesDir: string): KindFiles {
  const texts = [
    ...readFolder(join(configDir, 'kinds'), 'kinds'),
    ...readFolder(join(templatesDir, 'ticket'), 'ticket'),
  ];
  const senders = sendersFile(configDir);
  return keptJson(
    'kinds',
    [...texts, senders].flatMap(({ name, text }) => [name, text]),
    () => ({
      files: texts.map((one) => ({ name: one.name, data: parse(one) })),
      senders: parse(senders),
    }),
  );
}

/** The sender list alone. Throws a RootdeskError that names the file. */
export function readSendersFile(configDir: string): unknown {
  return parse(sendersFile(configDir));
}

type Text = { name: string; path: string; text: string };

function sendersFile(configDir: string): Text {
  return readText('senders.yaml', join(configDir, 'senders.yaml'));
}

function readFolder(folder: string, label: string): Text[] {
  let names: string[];
  try {
    names = readdirSync(folder).filter((name) => /\.ya?ml$/.test(name));
  } catch (error) {
    throw wrong(folder, error);
  }
  return names.sort().map((name) => readText(`${label}/${name}`, join(folder, name)));
}

function readText(name: string, path: string): Text {
  try {
    return { name, path, text: readFileSync(path, 'utf8') };
  } catch (error) {
    throw wrong(path, error);
  }
}

function parse({ path, text }: Text): unknown {
  try {
    return parseYaml(text);
  } catch (error) {
    throw wrong(path, error);
  }
}

function wrong(path: string, error: unknown): RootdeskError {
  return new RootdeskError('kinds', `${path} cannot be read: ${messageOf(error)}`, 'mend or restore the file', {
    exitCode: EXIT.config,
  });
}
