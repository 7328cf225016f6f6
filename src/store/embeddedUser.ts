import { spawnSync } from 'node:child_process';
import { statSync } from 'node:fs';
import { EXIT, RootdeskError } from '../lib/errors.ts';

/** The user that the server runs as when we are root, which PostgreSQL refuses to run as. */
export type ServerUser = { uid: number; gid: number };

/**
 * Who runs the server of this cluster: null is this process's own user. As root: the owner of an existing cluster, else
 * `postgres`, else `nobody`.
 */
export function serverUser(cluster: string): ServerUser | null {
  if (process.getuid?.() !== 0) return null;
  const owner = statSync(cluster, { throwIfNoEntry: false });
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const user = lookUp('postgres') ?? lookUp('nobody');
  if (!user) {
    throw new RootdeskError(
      'embedded.no_user',
      'PostgreSQL does not run as root, and this machine has neither a user postgres nor nobody',
      'run Rootdesk as an ordinary user, or set DATABASE_URL',
      { exitCode: EXIT.config },
    );
  }
  if (owner) {
    throw new RootdeskError(
      'embedded.owner',
      `the database folder ${cluster} belongs to root, and PostgreSQL does not run as root`,
      `give it to another user: chown -R ${user.uid}:${user.gid} ${cluster}`,
      { exitCode: EXIT.config },
    );
  }
  return user;
}

/** Whether this user may enter the folder (the kernel answers, so ACLs and mounts count too). */
export function mayEnter(folder: string, user: ServerUser): boolean {
  const { status } = spawnSync('/bin/sh', ['-c', 'cd -- "$1"', 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' });
  return status === 0;
}

function lookUp(name: string): ServerUser | null {
  const ask = (flag: string) => Number.parseInt(spawnSync('id', [flag, name], { encoding: 'utf8' }).stdout ?? '', 10);
  const uid = ask('-u');
  const gid = ask('-g');
  return uid > 0 && gid >= 0 ? { uid, gid } : null;
}
