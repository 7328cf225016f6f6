import { randomBytes } from 'node:crypto';
import { closeSync, fsyncSync, linkSync, openSync, rmSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Makes a file that nobody made yet, whole and on the disk before it has its name (write, fsync, link, fsync of the
 * folder). False: somebody else made it first, and theirs stays. Mode 0600.
 */
export function createOnce(path: string, content: string | Buffer): boolean {
  const draft = `${path}.${process.pid}-${randomBytes(4).toString('hex')}`;
  try {
    writeDurably(draft, content);
    linkSync(draft, path);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    // No hard links on this file system: the name is made first, so a reader may meet a file that is being written.
    if (code === 'EPERM' || code === 'ENOTSUP' || code === 'EOPNOTSUPP') return createInPlace(path, content);
    throw error;
  } finally {
    rmSync(draft, { force: true });
    syncFolder(dirname(path));
  }
}

/** A new folder entry is durable only when its folder is synced too. */
export function syncFolder(path: string): void {
  const fd = openSync(path, 'r');
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}

function createInPlace(path: string, content: string | Buffer): boolean {
  try {
    writeDurably(path, content);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    rmSync(path, { force: true });
    throw error;
  }
}

function writeDurably(path: string, content: string | Buffer): void {
  const fd = openSync(path, 'wx', 0o600);
  try {
    const bytes = Buffer.from(content);
    let written = 0;
    while (written < bytes.length) written += writeSync(fd, bytes, written);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
