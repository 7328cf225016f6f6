import { execFileSync, spawn } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { isAlive } from '../../src/lib/processes.ts';
import { isPostmasterOf } from '../../src/store/embeddedServer.ts';
import { ask, type Running, type RunOptions, runEmbedded, serverPid, until } from './runEmbedded.ts';

/** A data folder whose cluster is made, copied for tests that are not about making one. */
let made: string;
let folder: string;
let dataDir: string;
let cluster: string;
let running: Running[];

beforeAll(async () => {
  made = mkdtempSync('/tmp/rootdesk-test-made-');
  chmodSync(made, 0o755);
  await (await runEmbedded(join(made, 'data'))).stop();
});
afterAll(() => rmSync(made, { recursive: true, force: true }));

beforeEach(() => {
  folder = mkdtempSync('/tmp/rootdesk-test-');
  chmodSync(folder, 0o755);
  dataDir = join(folder, 'data');
  cluster = join(dataDir, 'postgres');
  running = [];
});

afterEach(async () => {
  for (const one of running) if (one.child.exitCode === null && one.child.signalCode === null) await one.kill();
  const pid = serverPid(cluster);
  if (pid !== null && isPostmasterOf(pid, cluster)) {
    process.kill(pid, 'SIGQUIT');
    await until(() => !isPostmasterOf(pid, cluster), 'server down');
  }
  rmSync(folder, { recursive: true, force: true });
});

/** The folder of the server's socket. */
function socketOf(url: string): string {
  return new URL(url).searchParams.get('host') ?? '';
}

/** cp -a keeps the owner, who runs the server. */
function copyMade(): void {
  execFileSync('cp', ['-a', join(made, 'data'), dataDir]);
}

async function run(options: RunOptions = {}): Promise<Running> {
  const one = await runEmbedded(dataDir, options);
  running.push(one);
  return one;
}

// Starting and stopping servers is slow on a busy machine.
describe('the embedded server', { timeout: 180_000 }, () => {
  it('has the encoding, locale, durability and closed doors that it must have', async () => {
    const halfMade = join(dataDir, 'postgres.new-999999999-abcdef');
    mkdirSync(halfMade, { recursive: true });
    const app = await run();
    // What a start left that was killed while it made the database.
    expect(existsSync(halfMade)).toBe(false);
    const [settings] = await ask(
      app.url,
      `select current_setting('server_encoding') as encoding, current_setting('synchronous_commit') as commit,
              current_setting('fsync') as fsync, current_setting('listen_addresses') as tcp,
              current_setting('unix_socket_permissions') as socket, current_setting('data_checksums') as checksums,
              (select datcollate || ' ' || datctype from pg_database where datname = 'rootdesk') as locale`,
    );
    expect(settings).toEqual({
      encoding: 'UTF8',
      commit: 'on',
      fsync: 'on',
      tcp: '',
      socket: '0700',
      checksums: 'on',
      locale: 'C.UTF-8 C.UTF-8',
    });
    await ask(app.url, 'create extension pg_trgm');
    expect((await ask(app.url, `select cardinality(show_trgm('請求書のお知らせ')) as n`))[0]?.n).toBeGreaterThan(5);
    for (const path of [cluster, socketOf(app.url)]) expect(statSync(path).mode & 0o777).toBe(0o700);
    expect(statSync(join(dataDir, 'postgres.log')).mode & 0o777).toBe(0o600);
    expect(app.url).not.toMatch(/:[^/@]*@/);
  });

  it('has a process group of its own and nothing of our environment', async () => {
    copyMade();
    const app = await run();
    const pid = serverPid(cluster)!;
    const [group, session] = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]!.split(' ').slice(2, 4);
    expect([Number(group), Number(session)]).toEqual([pid, pid]);
    expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).not.toContain('/nonexistent');
    await app.stop();
    expect(isPostmasterOf(pid, cluster)).toBe(false);
  });

  it('keeps values of rows out of its log', async () => {
    copyMade();
    const app = await run();
    await ask(app.url, 'create table secrets (code text primary key check (length(code) < 20))');
    await ask(app.url, `insert into secrets values ('code-493817')`);
    for (const sql of [
      `insert into secrets values ('code-493817')`,
      `insert into secrets values ('code-493817-code-493817')`,
      `select 'code-493817'::int`,
    ]) {
      await expect(ask(app.url, sql)).rejects.toThrow();
    }
    await app.stop();
    const log = readFileSync(join(dataDir, 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('493817');
  });

  it('outlives kill -9 of the app with everything that was committed, and the next start attaches to it', async () => {
    copyMade();
    const first = await run();
    await ask(first.url, 'create table kept as select 42 as n');
    const pid = serverPid(cluster);
    await first.kill();
    expect(isPostmasterOf(pid!, cluster)).toBe(true);
    const second = await run();
    expect(second).toMatchObject({ attached: true, url: first.url });
    expect(await ask(second.url, 'select n from kept')).toEqual([{ n: 42 }]);
    await second.stop();
    expect(isPostmasterOf(pid!, cluster)).toBe(false);
    const third = await run();
    expect(third.attached).toBe(false);
    expect(await ask(third.url, 'select n from kept')).toEqual([{ n: 42 }]);
  });

  it('refuses a second start with the pid of the first, and lets the first go on', async () => {
    copyMade();
    const first = await run();
    const second = await run();
    expect(second.refused).toMatchObject({ code: 'data.in_use', exitCode: 75 });
    expect(second.refused?.message).toContain(`process ${first.pid}`);
    expect(second.refused?.message).toContain(dataDir);
    expect(await ask(first.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('serves a command beside the app, and alone for its own time', async () => {
    copyMade();
    const alone = await run({ role: 'command' });
    expect(alone.attached).toBe(false);
    const pid = serverPid(cluster)!;
    const app = await run();
    expect(app.attached).toBe(true);
    await alone.stop();
    expect(isPostmasterOf(pid, cluster)).toBe(true);
    const other = await run({ role: 'command' });
    await app.stop();
    expect(await ask(other.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await other.stop();
    expect(isPostmasterOf(pid, cluster)).toBe(false);
  });

  it('is one server for users that come and go at the same time', async () => {
    const users = await Promise.all([run(), run({ role: 'command' })]);
    expect(users.map((user) => user.refused)).toEqual([undefined, undefined]);
    expect(users.filter((user) => !user.attached)).toHaveLength(1);
    await Promise.all([users[0]!.stop(), users[1]!.stop(), run({ role: 'command' }).then((one) => one.stop())]);
    expect(serverPid(cluster)).toBeNull();
    expect(existsSync(join(cluster, 'PG_VERSION'))).toBe(true);
    expect(statSync(dataDir).mode & 0o066).toBe(0);
  });

  it('is brought back when it dies under the app', async () => {
    copyMade();
    const app = await run();
    await ask(app.url, 'create table kept as select 42 as n');
    const pid = serverPid(cluster)!;
    process.kill(pid, 'SIGKILL');
    await until(
      () =>
        ask(app.url, 'select n from kept').then(
          () => true,
          () => false,
        ),
      'database back',
    );
    expect(serverPid(cluster)).not.toBe(pid);
    expect((await run()).refused?.code).toBe('data.in_use');
    await app.stop();
    expect(serverPid(cluster)).toBeNull();
  });

  it('is not disturbed by a server whose data folder was deleted under it', async () => {
    copyMade();
    const first = await run();
    const old = serverPid(cluster)!;
    await first.kill();
    rmSync(dataDir, { recursive: true });
    copyMade();
    const next = await run();
    expect(next).toMatchObject({ attached: false, refused: undefined });
    // What it does by itself within a minute, if it has not done so yet: it ends and removes its socket.
    if (isAlive(old)) process.kill(old, 'SIGINT');
    await until(() => !isAlive(old), 'the old server gone');
    expect(await ask(next.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await next.stop();
  });

  it('starts over lock files that a crash left, also when their pid is another process of its user now', async () => {
    copyMade();
    const { uid, gid } = statSync(cluster);
    const bystander = spawn('sleep', ['1000'], process.getuid?.() === 0 ? { uid, gid, cwd: '/' } : {});
    try {
      const first = await run();
      const text = readFileSync(join(cluster, 'postmaster.pid'), 'utf8');
      const socketLock = join(socketOf(first.url), '.s.PGSQL.5432.lock');
      const socketText = readFileSync(socketLock, 'utf8');
      await first.stop();
      for (const pid of ['999999999', String(bystander.pid), '']) {
        writeFileSync(join(cluster, 'postmaster.pid'), pid === '' ? '' : text.replace(/^\d+/, pid));
        writeFileSync(socketLock, socketText.replace(/^\d+/, pid));
        const next = await run();
        expect(next).toMatchObject({ attached: false, refused: undefined });
        await next.stop();
      }
    } finally {
      bystander.kill();
    }
  });

  it('uses a socket in /tmp when the path of the data folder cannot hold one, and takes it away', async () => {
    dataDir = join(folder, `long, "odd" %41 ü${'-'.repeat(80)}`);
    cluster = join(dataDir, 'postgres');
    copyMade();
    const app = await run();
    const socket = socketOf(app.url);
    expect(socket).toMatch(/^\/tmp\/rootdesk-\w{6}$/);
    expect(statSync(socket).mode & 0o777).toBe(0o700);
    await app.kill();
    const again = await run();
    expect(again).toMatchObject({ attached: true, url: app.url });
    process.kill(serverPid(cluster)!, 'SIGKILL');
    await until(
      () =>
        ask(again.url, 'select 1').then(
          () => true,
          () => false,
        ),
      'database back at the same place',
    );
    await again.stop();
    expect(existsSync(socket)).toBe(false);
  });

  it('refuses the files of another PostgreSQL major, and leaves them alone', async () => {
    copyMade();
    writeFileSync(join(cluster, 'PG_VERSION'), '17\n');
    const { refused } = await run();
    expect(refused).toMatchObject({ code: 'embedded.major', exitCode: 78 });
    expect(refused?.message).toContain('PostgreSQL 17');
    expect(refused?.hint).toContain('pg_upgrade');
    expect(serverPid(cluster)).toBeNull();
  });

  it('says what the server said when it cannot start', async () => {
    copyMade();
    writeFileSync(join(cluster, 'postgresql.conf'), 'shared_buffers = nonsense\n', { flag: 'a' });
    const { refused } = await run();
    expect(refused).toMatchObject({ code: 'embedded.start', exitCode: 69 });
    expect(refused?.message).toMatch(/postgresql\.conf|shared_buffers/);
    expect(refused?.hint).toContain(join(dataDir, 'postgres.log'));
  });

  it('names a data folder that cannot be made', async () => {
    writeFileSync(join(folder, 'file'), '');
    dataDir = join(folder, 'file', 'data');
    expect((await run()).refused).toMatchObject({ code: 'data.folder', exitCode: 74 });
  });
});
