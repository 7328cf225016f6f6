import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { type AddressInfo, connect, createServer as createTcpServer, type Server } from 'node:net';
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
import { type Machine, openMachines } from '../servers/machines.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { type RedisServer, startRedis } from '../servers/redis.ts';

/**
 * The processes of docker-compose.yml, started as it says but without Docker: over one PostgreSQL and one Redis. Where this
 * machine permits it each has a network of its own, as on a machine of its own; elsewhere they share one.
 */
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
const machines = await openMachines();
/** Where the servers are, seen from the processes. */
const here = machines.address ?? '127.0.0.1';
const dataDir = mkdtempSync(join(tmpdir(), 'rd-compose-'));
const running: Running[] = [];
const doors: Server[] = [];

beforeAll(async () => {
  database = await freshDatabase();
  redis = await startRedis();
});
afterAll(async () => {
  for (const { child } of running) child.kill('SIGKILL');
  for (const door of doors) door.close();
  machines.close();
  await redis?.stop();
  await dns?.close();
  await database?.drop();
  rmSync(dataDir, { recursive: true, force: true });
});

/** A port on our address that leads to a server of this machine. */
async function openDoor(target: { path: string } | { port: number; host: string }): Promise<number> {
  const door = createTcpServer((client) => {
    const server = connect(target);
    for (const [one, other] of [[client, server] as const, [server, client] as const]) {
      one.on('error', () => other.destroy()).on('close', () => other.destroy());
      one.pipe(other);
    }
  }).listen(0, here);
  doors.push(door);
  await once(door, 'listening');
  return (door.address() as AddressInfo).port;
}

type Running = Awaited<ReturnType<typeof startService>>;

/** As the file says; ports are as in the file too where each has a network of its own, else free ones. */
async function startService(name: string, service: Service, servers: Record<string, string>) {
  const ports: Record<string, string> = {};
  for (const key of Object.keys(service.environment).filter((one) => one.endsWith('_PORT')))
    ports[key] = machines.address === null ? String(await freePort()) : service.environment[key]!;
  let env: NodeJS.ProcessEnv = {};
  const [command, ...args] = [...service.entrypoint, ...service.command];
  const machine: Machine = await machines.start(command!, args, {
    cwd: projectDir,
    env(own) {
      env = {
        PATH: process.env.PATH ?? '',
        ...service.environment,
        ...ports,
        ...servers,
        ROOTDESK_DATA_DIR: dataDir,
        ROOTDESK_HTTP_PORT: '0',
        ROOTDESK_LMTP_BIND: own,
        ROOTDESK_LOG_LEVEL: 'warn',
      };
      return env;
    },
  });
  const { child, address } = machine;
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
  const gone = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const [, ...probe] = service.healthcheck.test;
  return {
    name,
    child,
    gone,
    output: () => output,
    lmtp: ports.ROOTDESK_LMTP_PORT && { host: address ?? '127.0.0.1', port: Number(ports.ROOTDESK_LMTP_PORT) },
    /** The very command of its health check. */
    isHealthy: async () => (await machine.run(process.execPath, probe.slice(1), env)) === 0,
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

it('gives each a network of its own, or says why this machine does not', () => {
  if (machines.address !== null) return expect(machines.address).toMatch(/^198\.18\./);
  // What the kernel or the system says; a mistake of ours would read otherwise.
  expect(machines.refused).toMatch(
    /not permitted|Permission denied|No space left|ENOENT|not supported|Unknown device type|no network namespaces/,
  );
});

it('starts them all, each healthy by its own check, makes a ticket and stops cleanly', {
  timeout: 480_000,
}, async () => {
  await database.pool.query(`
    insert into customers (slug, name) values ('acme', 'Acme');
    insert into lists (customer_id, address) values (1, 'acme-x@root.test')`);
  // On a machine of its own each has only what comes over the network: no socket of the database, no loopback port.
  dns = await startDnsServer([], here);
  const url = new URL(database.url);
  const postgres =
    machines.address === null
      ? database.url
      : `postgres://rootdesk@${here}:${await openDoor({ path: `${url.searchParams.get('host')}/.s.PGSQL.5432` })}${url.pathname}`;
  const servers = {
    DATABASE_URL: postgres,
    // Through a door that opens and shuts again while Redis is away, as balancers and Docker's own proxy do.
    REDIS_URL: `redis://${here}:${await openDoor({ host: '127.0.0.1', port: redis.port })}/0`,
    ROOTDESK_DNS_SERVERS: dns.server,
  };
  for (const [name, service] of ours) running.push(await startService(name, service, servers));
  for (const service of running) {
    await until(() => {
      if (service.child.exitCode !== null) throw new Error(`${service.name} ended: ${service.output()}`);
      return service.isHealthy();
    }, 120_000);
  }
  const receivers = running.flatMap(({ lmtp }) => lmtp || []);
  expect(receivers).toHaveLength(2);
  for (const [at, { host, port }] of receivers.entries()) {
    const lmtp = createTransport({ host, port, lmtp: true, ignoreTLS: true });
    const raw = plainMail({ Subject: `by receiver ${at}`, To: 'acme-x@root.test' });
    await lmtp.sendMail({ envelope: { from: 'x@aws.test', to: 'acme-x@root.test' }, raw });
    lmtp.close();
  }
  await until(async () => {
    const { rows } = await database.pool.query('select count(*)::int as n from mails where outcome is not null');
    return rows[0].n === 2;
  });

  // Without its Redis a process says so, and goes on by itself when it is back: no supervisor need restart it.
  const decide = running.find(({ name }) => name.startsWith('decide'))!;
  await redis.kill();
  await until(async () => !(await decide.isHealthy()));
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
