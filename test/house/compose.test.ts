import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { parse } from 'yaml';
import { projectDir } from '../../scripts/runCommand.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { startHealthServer } from '../../src/healthServer.ts';
import { plainMail } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { freePort } from '../servers/freePort.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';

/** The processes of docker-compose.yml, started as it says but without Docker: over one PostgreSQL and one Redis. */
type Service = {
  image?: string;
  environment: Record<string, string>;
  entrypoint: string[];
  command: string[];
  healthcheck: { test: string[] };
};
type Compose = { services: Record<string, Service> };
const text = readFileSync(join(projectDir, 'docker-compose.yml'), 'utf8');
const compose = parse(text, { merge: true }) as Compose;
const ours = Object.entries(compose.services).filter(([, service]) => service.image === undefined);

let database: FreshDatabase;
let redis: RedisServer;
let dns: DnsServer;
const dataDir = mkdtempSync(join(tmpdir(), 'rd-compose-'));
const running: ReturnType<typeof startService>[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  redis = await startRedis();
  dns = await startDnsServer([]);
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  await redis?.stop();
  await dns?.close();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** As the file says, but on ports that are free here. */
function startService(name: string, service: Service, ports: Record<string, string>) {
  const env = {
    PATH: process.env.PATH ?? '',
    ...service.environment,
    ...ports,
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    ROOTDESK_DATA_DIR: dataDir,
    ROOTDESK_HTTP_PORT: '0',
    ROOTDESK_DNS_SERVERS: dns.server,
    ROOTDESK_LOG_LEVEL: 'warn',
  };
  const [command, ...args] = [...service.entrypoint, ...service.command];
  const child = spawn(command!, args, { cwd: projectDir, env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [, ...probe] = service.healthcheck.test;
  return {
    name,
    child,
    env,
    gone,
    output: () => output,
    /** The very command of its health check. */
    isHealthy: () => spawnSync(process.execPath, probe.slice(1), { env, timeout: 20_000 }).status === 0,
  };
}

it('names two that take mail, two that decide, and one of each other role', () => {
  const files = ours.map(([, { command }]) => command.join(' ')).sort();
  expect(files).toEqual([
    'workers/act.ts',
    'workers/console.ts',
    'workers/decide.ts',
    'workers/decide.ts',
    'workers/deliver.ts',
    'workers/public.ts',
    'workers/receive.ts',
    'workers/receive.ts',
  ]);
  expect(Object.keys(compose.services)).toEqual(expect.arrayContaining(['database', 'redis']));
  // Compose replaces ${NAME} and $NAME itself: nothing but the password may look like that.
  expect(new Set(text.match(/\$+\{?\w+/g))).toEqual(new Set(['${POSTGRES_PASSWORD']));
  const ports = ours.flatMap(([, { environment }]) =>
    Object.entries(environment).flatMap(([key, value]) => (key.endsWith('_PORT') ? [value] : [])),
  );
  expect(new Set(ports).size).toBe(ports.length);
});

it('starts them all, each healthy by its own check, makes a ticket and stops cleanly', {
  timeout: 300_000,
}, async () => {
  await database.pool.query(`
    insert into customers (slug, name) values ('acme', 'Acme');
    insert into lists (customer_id, address) values (1, 'acme-x@root.test')`);
  const lmtpPorts: number[] = [];
  for (const [name, service] of ours) {
    const ports: Record<string, string> = {};
    for (const key of Object.keys(service.environment).filter((one) => one.endsWith('_PORT')))
      ports[key] = String(await freePort());
    if (ports.ROOTDESK_LMTP_PORT) lmtpPorts.push(Number(ports.ROOTDESK_LMTP_PORT));
    running.push(startService(name, service, ports));
  }
  for (const service of running) {
    await until(() => {
      if (service.child.exitCode !== null) throw new Error(`${service.name} ended: ${service.output()}`);
      return service.isHealthy();
    }, 120_000);
  }
  expect(lmtpPorts).toHaveLength(2);
  for (const [at, port] of lmtpPorts.entries()) {
    const lmtp = createTransport({ host: '127.0.0.1', port, lmtp: true, ignoreTLS: true });
    const raw = plainMail({ Subject: `by receiver ${at}`, To: 'acme-x@root.test' });
    await lmtp.sendMail({ envelope: { from: 'x@aws.test', to: 'acme-x@root.test' }, raw });
    lmtp.close();
  }
  await until(async () => {
    const { rows } = await database.pool.query('select count(*)::int as n from mails where outcome is not null');
    return rows[0].n === 2;
  });

  // Without its database a process says so, and goes on by itself when it is back: no supervisor need restart it.
  const decide = running.find(({ name }) => name.startsWith('decide'))!;
  await redis.kill();
  await until(() => !decide.isHealthy());
  await redis.start();
  await until(() => decide.isHealthy());

  for (const { child } of running) child.kill('SIGTERM');
  for (const service of running) expect(await service.gone, service.output()).toBe(0);
});

it('answers nothing but the two questions, and says it when its port is taken', async () => {
  let ready = true;
  const server = await startHealthServer(0, async () => ({ ready }));
  const ask = async (path: string, method = 'GET') =>
    (await fetch(`http://127.0.0.1:${server.port}${path}`, { method })).status;
  expect(await ask('/healthz')).toBe(200);
  expect(await ask('/readyz?x')).toBe(200);
  ready = false;
  expect(await ask('/readyz')).toBe(503);
  expect(await ask('/')).toBe(404);
  expect(await ask('/readyz', 'POST')).toBe(405);
  await server.close();

  const taken = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => taken.once('listening', resolve));
  const { port } = taken.address() as AddressInfo;
  await expect(startHealthServer(port, async () => ({ ready }))).rejects.toMatchObject({ code: 'listen.busy' });
  taken.close();
});
