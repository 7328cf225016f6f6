import { execFile } from 'node:child_process';
import { globSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { ENDPOINTS } from '../../src/console/api/endpoints.ts';
import { ROUTES } from '../../src/console/routes.ts';
import { peerUser } from '../../src/lib/peerUser.ts';
import { startTestConsole } from '../console/startTestConsole.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

/** One person who may use every way in, and whom the settings name as the approver of first members. */
const me = userInfo().username;
const LIST = 'acme-k3j9x2m4q7w8@roots.example';
const ENV = { ROOTDESK_APPROVERS: `${me}=me@msp.example`, ROOTDESK_RESELLER_DOMAINS: 'msp.example' };

let fresh: FreshDatabase;
let folder: string;
let pages: Awaited<ReturnType<typeof startTestConsole>>;

beforeAll(async () => {
  fresh = await freshDatabase();
  folder = mkdtempSync('/tmp/rootdesk-ways-');
  pages = await startTestConsole(fresh, {
    userOf: peerUser,
    membership: {
      resellerDomains: ['msp.example'],
      approvers: [{ address: 'me@msp.example', user: me }],
      ownDomains: [],
      ownAddresses: [],
    },
  });
});
afterAll(async () => {
  await pages?.close();
  await fresh?.drop();
  rmSync(folder, { recursive: true, force: true });
});

function rootdesk(...args: string[]): Promise<string> {
  const env = { DATABASE_URL: fresh.url, ROOTDESK_DATA_DIR: folder, ROOTDESK_LOG_LEVEL: 'silent', ...ENV };
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/cli.ts', '--config', '/dev/null', ...args], { env }, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    );
  });
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const post = (path: string, body: object, isJson = false) =>
  fetch(pages.url + path, {
    method: 'POST',
    redirect: 'manual',
    headers: {
      origin: pages.url,
      'sec-fetch-site': 'same-origin',
      ...(isJson ? { 'content-type': 'application/json' } : {}),
    },
    body: isJson ? JSON.stringify(body) : new URLSearchParams(body as Record<string, string>),
  });

it('one person alone, by every way there is, adds nobody', { timeout: 240_000 }, async () => {
  await rootdesk(
    'customers',
    'import',
    file(
      'customers.yaml',
      `customers:\n  - slug: acme\n    name: Acme\n    managementAccount: "111122223333"\n    memberDomains: [acme.example]\n    rootAddresses: [${LIST}]\n    members: [a@acme.example]\n`,
    ),
  );
  await fresh.pool.query(`update lists set state = 'live'`);
  await rootdesk('members', 'add', 'acme', 'b@acme.example', 'me@msp.example');
  await rootdesk('members', 'import', 'acme', file('table.csv', 'address\nc@acme.example\n'));
  const statuses = [
    await post('/lists/1/members', { address: 'd@acme.example' }),
    await post('/lists/1/import', { table: 'address\ne@acme.example\n', propose: '1' }),
    await post('/api/v1/lists/1/members', { address: 'f@acme.example' }, true),
    await post('/api/v1/lists/1/members/import', { table: 'address\ng@acme.example\n', dryRun: false }, true),
  ].map(({ status }) => status);
  expect(statuses).toEqual([303, 303, 200, 200]);
  const { rows: members } = await fresh.pool.query('select id, address, state from members order by address');
  expect(members.map(({ address, state }) => `${address} ${state}`)).toEqual(
    ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((name) => `${name}@acme.example invited`).concat('me@msp.example invited'),
  );
  for (const { id } of members) await post(`/members/${id}/invite`, {});
  // Nobody else is there to approve: no link is made, neither for that nor to confirm.
  expect((await fresh.pool.query('select purpose, address from links')).rows).toEqual([]);
  const { rows: proposers } = await fresh.pool.query('select distinct proposer from proposals');
  expect(proposers).toEqual([{ proposer: me }]);
  expect((await fresh.pool.query(`select from members where state <> 'invited'`)).rows).toEqual([]);
});

it('every way that could change members is known here', () => {
  const about = (path: string) => /member|lists/.test(path);
  const ways = [
    ...ROUTES.filter(({ method, path }) => method === 'POST' && about(path)).map(({ path }) => path),
    ...ENDPOINTS.filter(({ method, path }) => method === 'POST' && about(path)).map(({ path }) => `/api/v1${path}`),
  ];
  expect(ways.toSorted()).toEqual([
    '/api/v1/customers/:slug/lists',
    '/api/v1/lists/:id/members',
    '/api/v1/lists/:id/members/export',
    '/api/v1/lists/:id/members/import',
    '/api/v1/lists/:id/probe',
    '/api/v1/lists/:id/release',
    '/api/v1/members/:id/erase',
    '/api/v1/members/:id/invite',
    '/api/v1/members/:id/person',
    '/api/v1/members/:id/remove',
    '/api/v1/members/:id/suspend',
    '/customers/:slug/lists',
    '/lists/:id/address',
    '/lists/:id/export',
    '/lists/:id/import',
    '/lists/:id/members',
    '/lists/:id/probe',
    '/lists/:id/release',
    '/members/:id/erase',
    '/members/:id/invite',
    '/members/:id/person',
    '/members/:id/remove',
    '/members/:id/suspend',
  ]);
  // Approvals and confirmations are performed by links alone, and rows of members are written in five files alone.
  const holding = (text: RegExp) =>
    globSync('src/**/*.ts')
      .filter((path) => text.test(readFileSync(path, 'utf8')))
      .toSorted();
  expect(holding(/\bactByLink\(/)).toEqual(['src/public/linkRoute.ts', 'src/store/membership.ts']);
  expect(holding(/(?:insert into|update) members[^`]*?\bstate\b|insert into members|insertInto\('members'\)/)).toEqual([
    'src/store/customers.ts',
    'src/store/memberBounces.ts',
    'src/store/memberRecovery.ts',
    'src/store/person.ts',
    'src/store/writeMembership.ts',
  ]);
});
