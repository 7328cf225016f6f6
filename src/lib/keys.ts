import { createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, realpathSync, rmSync, statSync } from 'node:fs';
import { basename, dirname, join, relative, resolve } from 'node:path';
import { decrypt, encrypt } from './aesGcm.ts';
import { createOnce, syncFolder } from './durableFiles.ts';
import { EXIT, messageOf, RootdeskError } from './errors.ts';
import { makeFolder } from './makeFolder.ts';

/**
 * The keys of the sealed mail, in files of one folder: the root key (32 bytes, hex) and, wrapped by it, one key a day
 * (`day-2026-11-24.key`, key id `day:2026-11-24`) and the long-lived mail key (`mail-1.key`, `mail:1`), and the keys that sign
 * our mail (`dkim-desk.example.key`, `dkim:desk.example`, PKCS #8). They are never
 * in the database: destroying a day's file makes every copy of what it sealed unreadable, also in WAL and backups.
 */
export type Keyring = {
  /** The key of an id. Throws RootdeskError `seal.key_gone` when it was destroyed or never was here. */
  find(keyId: string): Buffer;
  /**
   * The key of an id, made when it is not there (32 random bytes, or what `make` gives). Processes that make it at the same
   * time agree on one.
   */
  findOrMake(keyId: string, make?: () => Buffer): Buffer;
  /** 32 bytes for one purpose, from the root key (HKDF, RFC 5869): the same ones always, and in no file. */
  derive(purpose: string): Buffer;
  /** The ids of the day keys of all days before `day` (YYYY-MM-DD, UTC), oldest first. */
  daysBefore(day: string): string[];
  /** Destroys the day keys of all days before `day` (YYYY-MM-DD, UTC). Returns their key ids. */
  destroyDaysBefore(day: string): string[];
  /** Destroys these day keys; other ids are refused. */
  destroyDays(keyIds: readonly string[]): void;
  /** Tells this root key from another and reveals nothing about it. */
  check(): Buffer;
};

export type KeyringOptions = {
  /** Null: `dataDir/keys/root.key`. */
  keyFile: string | null;
  dataDir: string;
  /** Whether a missing root key is made. False when the database knows one already: then it must be found. */
  create: boolean;
};

const KEY_BYTES = 32;
const KEY_ID = /^(day:\d{4}-\d{2}-\d{2}|mail:\d+|dkim:[a-z0-9][a-z0-9.-]{0,252})$/;

/** Reads or makes the root key. Throws RootdeskError (exit 78) when it is missing, broken, or open to others. */
export function openKeyring(options: KeyringOptions): Keyring {
  const keyFile = resolve(options.keyFile ?? join(options.dataDir, 'keys', 'root.key'));
  const folder = dirname(keyFile);
  const root = readRoot(keyFile, options);
  const known = new Map<string, Buffer>();
  const fileOf = (keyId: string) => {
    if (!KEY_ID.test(keyId)) throw new RangeError(`${JSON.stringify(keyId)} is no key id`);
    return join(folder, `${keyId.replace(':', '-')}.key`);
  };
  const read = (keyId: string): Buffer | null => {
    const file = fileOf(keyId);
    // Another process may have destroyed the file since: its key must not live on in our memory.
    if (!existsSync(file)) {
      known.get(keyId)?.fill(0);
      known.delete(keyId);
      return null;
    }
    const cached = known.get(keyId);
    if (cached) return cached;
    const key = unwrapFile(file, root, keyId);
    known.set(keyId, key);
    return key;
  };
  const destroy = (keyIds: readonly string[]) => {
    for (const keyId of keyIds) {
      rmSync(fileOf(keyId), { force: true });
      known.get(keyId)?.fill(0);
      known.delete(keyId);
    }
    if (keyIds.length > 0) syncFolder(folder);
  };
  return {
    find(keyId) {
      const key = read(keyId);
      if (key) return key;
      throw new RootdeskError(
        'seal.key_gone',
        `the key ${keyId} is not in ${folder}: what it sealed cannot be read any more`,
        'day keys are destroyed after their time; if this one was not, restore the key folder',
        { exitCode: EXIT.data },
      );
    },
    findOrMake(keyId, make = () => randomBytes(KEY_BYTES)) {
      const isNew = !known.has(keyId);
      const there = read(keyId);
      // Whoever made it may not have synced the folder yet, and we seal with it now.
      if (there && isNew) syncFolder(folder);
      if (there) return there;
      const made = make();
      try {
        createOnce(fileOf(keyId), encrypt(root, made, bound(keyId)));
      } catch (error) {
        throw notWritable(folder, error);
      }
      return read(keyId) ?? this.find(keyId);
    },
    daysBefore: (day) => daysBefore(folder, day),
    destroyDaysBefore(day) {
      const ids = daysBefore(folder, day);
      destroy(ids);
      return ids;
    },
    destroyDays(keyIds) {
      if (!keyIds.every((keyId) => keyId.startsWith('day:'))) throw new RangeError('only keys of days are destroyed');
      destroy(keyIds);
    },
    derive: (purpose) => Buffer.from(hkdfSync('sha256', root, '', `rootdesk ${purpose}`, KEY_BYTES)),
    check: () => createHmac('sha256', root).update('rootdesk key check 1').digest(),
  };
}

function daysBefore(folder: string, day: string): string[] {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) throw new RangeError(`${JSON.stringify(day)} is no day`);
  return readdirSync(folder)
    .map((name) => /^day-(\d{4}-\d{2}-\d{2})\.key$/.exec(name)?.[1])
    .filter((found) => found !== undefined && found < day)
    .map((found) => `day:${found}`)
    .sort();
}

function readRoot(keyFile: string, options: KeyringOptions): Buffer {
  refusePostgresFolder(keyFile, options.dataDir);
  if (!existsSync(keyFile)) {
    if (!options.create || hasOtherKeys(dirname(keyFile))) throw missing(keyFile);
    makeRoot(keyFile);
  }
  let text: string;
  try {
    refuseOpenToOthers(keyFile);
    text = readFileSync(keyFile, 'utf8').trim();
  } catch (error) {
    if (error instanceof RootdeskError) throw error;
    throw wrong('key.unreadable', `the key file ${keyFile} cannot be read: ${messageOf(error)}`, 'check its owner');
  }
  if (/^[0-9a-f]{64}$/i.test(text)) return Buffer.from(text, 'hex');
  throw wrong(
    'key.broken',
    `the key file ${keyFile} does not hold 32 bytes as 64 hex digits`,
    'restore it from its backup; a new one is made with: openssl rand -hex 32',
  );
}

function makeRoot(keyFile: string): void {
  const folder = dirname(keyFile);
  try {
    if (makeFolder(folder)) syncFolder(dirname(folder));
    createOnce(keyFile, `${randomBytes(KEY_BYTES).toString('hex')}\n`);
  } catch (error) {
    throw notWritable(folder, error);
  }
}

/** Keys that a lost root key wrapped: a new root key beside them would hide the loss. */
function hasOtherKeys(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).some((name) => /^(day|mail|dkim)-.*\.key$/.test(name));
}

function refuseOpenToOthers(keyFile: string): void {
  for (const [path, bits, mode] of [
    [keyFile, 0o077, '600'],
    [dirname(keyFile), 0o022, '700'],
  ] as const) {
    if ((statSync(path).mode & bits) === 0) continue;
    throw wrong('key.permissions', `others may use ${path}, which keeps the sealed mail`, `chmod ${mode} ${path}`);
  }
}

/** A copy of the database's folder must never carry the key along. */
function refusePostgresFolder(keyFile: string, dataDir: string): void {
  const folder = join(realPath(dataDir), 'postgres');
  const way = relative(folder, join(realPath(dirname(keyFile)), basename(keyFile)));
  if (way.startsWith('..')) return;
  throw wrong('key.place', `the key file ${keyFile} lies in the database's folder`, 'keep it outside of it');
}

/** The real path of what exists of it. */
function realPath(path: string): string {
  if (existsSync(path)) return realpathSync(path);
  const parent = dirname(path);
  return parent === path ? path : join(realPath(parent), basename(path));
}

function unwrapFile(file: string, root: Buffer, keyId: string): Buffer {
  const wrapped = readFileSync(file);
  try {
    return decrypt(root, wrapped, bound(keyId));
  } catch (error) {
    throw new RootdeskError(
      'key.mismatch',
      `the key ${file} does not open with the root key beside it`,
      'bring back the root key that it was made with, or restore the whole key folder',
      { exitCode: EXIT.config, cause: error },
    );
  }
}

function bound(keyId: string): Buffer {
  return Buffer.from(`rootdesk ${keyId}`);
}

/** The refusal of a start whose root key is not where it must be. */
function missing(keyFile: string): RootdeskError {
  return wrong(
    'key.missing',
    `the key file ${keyFile} is missing: without it the kept mail cannot be read`,
    'restore it from its backup, or name its place with ROOTDESK_KEY_FILE',
  );
}

function notWritable(folder: string, error: unknown): RootdeskError {
  return new RootdeskError(
    'key.folder',
    `a key cannot be written to ${folder}: ${messageOf(error)}`,
    'give Rootdesk a key folder that it may write, with space left',
    { exitCode: EXIT.io, cause: error },
  );
}

function wrong(code: string, message: string, hint: string): RootdeskError {
  return new RootdeskError(code, message, hint, { exitCode: EXIT.config });
}
