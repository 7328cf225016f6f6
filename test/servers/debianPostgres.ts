import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ensureDebian, MissingPackage } from './debian.ts';

/** Debian's own PostgreSQL with its tools, as operators run it: the embedded one brings no pg_dump. Needs root. */
export type DebianPostgres = {
  /** Of a database on it, by default one that is made empty. */
  url(database?: string): string;
  /** Runs one of its tools against this server, as the user postgres. */
  run(tool: 'pg_dump' | 'pg_restore' | 'pg_basebackup' | 'createdb', ...args: string[]): void;
  /** A folder that the user postgres may write. */
  folder: string;
  /** Starts a server of its own on a folder of data, such as a base backup. */
  another(data: string): Promise<DebianPostgres>;
  remove(): Promise<void>;
};

const PACKAGE = 'postgresql-15';

export async function startDebianPostgres(): Promise<DebianPostgres> {
  await ensureDebian('pg_dump', [PACKAGE]);
  const versions = readdirSync('/usr/lib/postgresql').sort((a, b) => Number(b) - Number(a));
  if (process.getuid?.() !== 0 || !versions[0])
    throw new MissingPackage('pg_dump', [PACKAGE], 'it is there, but only root may run it');
  const bin = `/usr/lib/postgresql/${versions[0]}/bin`;
  const [uid, gid] = ['-u', '-g'].map((flag) => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8' })));
  const as = { uid: uid!, gid: gid!, cwd: '/', env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8' } };
  const folder = mkdtempSync('/tmp/rd-pg-');
  execFileSync('chown', ['postgres', folder]);
  chmodSync(folder, 0o755);
  const first = join(folder, 'data');
  execFileSync(join(bin, 'initdb'), ['-D', first, '-A', 'trust', '-E', 'UTF8', '--locale=C.UTF-8', '--no-sync'], as);
  let serial = 0;
  const start = async (data: string): Promise<DebianPostgres> => {
    const socket = join(folder, `s${++serial}`);
    mkdirSync(socket);
    execFileSync('chown', ['postgres', socket]);
    const args = ['-D', data, '-k', socket, '-c', 'listen_addresses=', '-c', 'unix_socket_permissions=0777'];
    const server = spawn(join(bin, 'postgres'), args, { ...as, stdio: 'ignore' });
    const url = (database = 'rootdesk') => `postgresql://postgres@localhost/${database}?host=${socket}`;
    for (;;) {
      if (server.exitCode !== null) throw new Error(`postgres ended with ${server.exitCode}`);
      const client = new pg.Client({ connectionString: url('postgres') });
      const isUp = await client.connect().then(
        () => true,
        () => false,
      );
      await client.end().catch(() => {});
      if (isUp) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    const run: DebianPostgres['run'] = (tool, ...rest) =>
      void execFileSync(join(bin, tool), ['-h', socket, ...rest], as);
    return {
      url,
      run,
      folder,
      another: start,
      async remove() {
        const gone = new Promise((resolve) => server.once('exit', resolve));
        if (server.exitCode === null) {
          server.kill('SIGINT');
          await gone;
        }
        if (data === first) rmSync(folder, { recursive: true, force: true });
      },
    };
  };
  const server = await start(first);
  server.run('createdb', 'rootdesk');
  return server;
}
