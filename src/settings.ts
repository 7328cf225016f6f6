import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { LineCounter, parseDocument } from 'yaml';
import type { z } from 'zod';
import { EXIT, messageOf, RootdeskError } from './lib/errors.ts';
import { leaves, type Settings, settingsSchema } from './settingsSchema.ts';

export type { Settings } from './settingsSchema.ts';
export type { MailboxSettings, SesQueueSettings } from './sourceSettings.ts';

/**
 * Reads the configuration, and is the only reader of the environment. Order: default, file, environment, command line.
 * A secret is also read from the file that `<NAME>_FILE` names.
 */

type Tree = Record<string, unknown>;
type Environment = Record<string, string | undefined>;

const DEFAULT_FILE = 'config/rootdesk.yaml';

/**
 * Reads settings from a YAML file and the environment. `file` null: the one that ROOTDESK_CONFIG names, else
 * `config/rootdesk.yaml` when it exists. By dotted path: `presets` go before the file but behind the environment, and
 * `overrides` before everything.
 *
 * Throws RootdeskError (exit code 78) that names every wrong key and what it must be, and repeats no value.
 */
export function loadSettings(
  options: {
    file?: string | null;
    env?: Environment;
    presets?: Record<string, unknown>;
    overrides?: Record<string, unknown>;
  } = {},
): Settings {
  const env = options.env ?? process.env;
  const file = options.file || env.ROOTDESK_CONFIG || null;
  const tree = readFile(file);
  const putAll = (values: Record<string, unknown> = {}) => {
    for (const [path, value] of Object.entries(values)) put(tree, path.split('.'), value);
  };
  putAll(options.presets);
  const fromEnvironment = applyEnvironment(tree, env);
  putAll(options.overrides);
  const result = settingsSchema.safeParse(tree);
  if (!result.success) {
    const problems = result.error.issues.map((issue) => problemText(issue, fromEnvironment));
    throw wrong(
      `settings are wrong: ${problems.join('; ')}`,
      `mend them in ${file ?? DEFAULT_FILE} or the environment`,
    );
  }
  return finish(result.data);
}

/** Puts what the environment says over the file. Returns the environment name by dotted path, for messages. */
function applyEnvironment(tree: Tree, env: Environment): Map<string, string> {
  const known = new Set(['ROOTDESK_CONFIG']);
  const taken = new Map<string, string>();
  for (const { path, meta } of leaves()) {
    if (meta.env === undefined) continue;
    known.add(meta.env);
    let name = meta.env;
    let value = env[name];
    if (meta.secret) {
      const fileName = `${meta.env}_FILE`;
      known.add(fileName);
      if (env[fileName] && value) throw wrong(`${name} and ${fileName} are both set`, 'set only one of them');
      if (env[fileName]) {
        value = readSecret(env[fileName], fileName);
        name = fileName;
      }
    }
    if (value === undefined || value === '') continue;
    put(tree, path, value);
    taken.set(path.join('.'), name);
  }
  const unknown = Object.keys(env).filter((name) => name.startsWith('ROOTDESK_') && !known.has(name));
  if (unknown.length > 0) throw wrong(`not a setting: ${unknown.join(', ')}`, `the names stand in ${DEFAULT_FILE}`);
  return taken;
}

function problemText(issue: z.core.$ZodIssue, fromEnvironment: Map<string, string>): string {
  const path = issue.path.join('.');
  const name = fromEnvironment.get(path);
  const where = name ? `${path} (${name})` : path || 'settings';
  return `${where}: ${issue.message}`;
}

function finish(settings: Settings): Settings {
  settings.dataDir = resolve(settings.dataDir);
  for (const mailbox of settings.mailboxes) {
    if (mailbox.passwordFile)
      mailbox.password = readSecret(mailbox.passwordFile, `mailboxes.${mailbox.name}.passwordFile`);
  }
  for (const queue of settings.ses) {
    if (queue.secretAccessKeyFile)
      queue.secretAccessKey = readSecret(queue.secretAccessKeyFile, `ses.${queue.name}.secretAccessKeyFile`);
  }
  return settings;
}

function readFile(file: string | null): Tree {
  const path = file ?? DEFAULT_FILE;
  if (file === null && !existsSync(path)) return {};
  try {
    return parseFile(readFileSync(path, 'utf8'));
  } catch (error) {
    throw wrong(
      `settings file ${path} cannot be read: ${messageOf(error)}`,
      'mend the file, or name another with ROOTDESK_CONFIG',
    );
  }
}

/** The parser's own pretty errors quote the line, which may hold a password: only its number and the rule are told. */
function parseFile(source: string): Tree {
  const lines = new LineCounter();
  const document = parseDocument(source, { prettyErrors: false, lineCounter: lines });
  const [problem] = document.errors;
  if (problem) throw new Error(`line ${lines.linePos(problem.pos[0]).line}: ${problem.code.toLowerCase()}`);
  const tree: unknown = document.toJS() ?? {};
  if (typeof tree !== 'object' || tree === null || Array.isArray(tree)) throw new Error('it must be a map of settings');
  return withoutEmptySections(tree as Tree);
}

/** A section whose keys are all commented out reads as null; it means "all defaults". */
function withoutEmptySections(tree: Tree): Tree {
  const sections = new Set(leaves().flatMap(({ path }) => (path.length > 1 ? [path[0]] : [])));
  return Object.fromEntries(Object.entries(tree).filter(([key, value]) => value !== null || !sections.has(key)));
}

function readSecret(path: string, name: string): string {
  let secret: string;
  try {
    secret = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
  } catch (error) {
    throw wrong(`${name} cannot be read: ${messageOf(error)}`, 'check the path and its permissions');
  }
  if (secret === '') throw wrong(`${name} names an empty file`, 'write the secret into it');
  return secret;
}

function put(tree: Tree, path: string[], value: unknown): void {
  let node = tree;
  for (const key of path.slice(0, -1)) {
    if (typeof node[key] !== 'object' || node[key] === null) node[key] = {};
    node = node[key] as Tree;
  }
  node[path.at(-1) as string] = value;
}

function wrong(message: string, hint: string): RootdeskError {
  return new RootdeskError('settings', message, hint, { exitCode: EXIT.config });
}
