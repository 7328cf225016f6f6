import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { verifyAudit } from '../../src/store/audit.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { mailedTo, stateOf } from './stage.ts';

const FILE = `
customers:
  - slug: acme
    name: Acme GmbH
    managementAccount: "111122223333"
    memberDomains: [Acme.example, BÜCHER.example]
    rootAddresses: [acme-k3j9x2m4q7w8@roots.example, acme-p5t7r2s8v4w6@roots.example]
    members: [ops@acme.example, eve@elsewhere.example]
`;
const LIST = 'acme-k3j9x2m4q7w8@roots.example';
const me = userInfo().username;

/** Each runs the command several times, and each of these starts a process. */
const PATIENCE = 240_000;

let fresh: FreshDatabase;
let folder: string;
beforeAll(async () => {
  fresh = await freshDatabase();
  folder = mkdtempSync('/tmp/rootdesk-members-');
});
afterAll(async () => {
  await fresh?.drop();
  rmSync(folder, { recursive: true, force: true });
});

function run(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  const env = {
    DATABASE_URL: fresh.url,
    ROOTDESK_DATA_DIR: folder,
    ROOTDESK_LOG_LEVEL: 'silent',
    ROOTDESK_APPROVERS: 'bob=bob@msp.example',
    ROOTDESK_RESELLER_DOMAINS: 'msp.example',
  };
  return new Promise((resolve) => {
    execFile(process.execPath, ['src/cli.ts', '--config', '/dev/null', ...args], { env }, (error, stdout, stderr) => {
      resolve({ code: typeof error?.code === 'number' ? error.code : 0, stdout, stderr });
    });
  });
}

function file(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

const confirm = (address: string) =>
  fresh.pool.query(`update members set state = 'confirmed', confirmed_at = now() where address = $1`, [address]);

it('takes members from file to export, and never past the second person', { timeout: PATIENCE }, async () => {
  const imported = await run('customers', 'import', file('customers.yaml', FILE));
  expect(imported).toMatchObject({ code: 0, stderr: '' });
  expect(imported.stdout).toContain(`ops@acme.example  ${LIST}  proposed: waits for a second person (1 asked by mail)`);
  expect(imported.stdout).toMatch(/eve@elsewhere\.example .* stays invited: its domain is neither in memberDomains/);
  expect(await stateOf(fresh, 'ops@acme.example')).toBe('invited');
  expect(new Set(await mailedTo(fresh, 'link'))).toEqual(new Set(['bob@msp.example']));

  const added = await run('members', 'add', 'acme', 'Sec@acme.example', 'noc@msp.example', '--list', LIST);
  expect(added).toMatchObject({ code: 0, stderr: '' });
  expect(await stateOf(fresh, 'sec@acme.example')).toBe('invited');
  const bad = await run('members', 'add', 'acme', 'new@acme.example', 'x@evil.example');
  expect(bad).toMatchObject({ code: 65, stderr: 'rootdesk: nothing was proposed; the lines above say why\n' });
  expect(await stateOf(fresh, 'new@acme.example')).toBe('unknown');

  const listed = await run('members', 'list', 'acme');
  expect(listed.stdout).toContain(`acme  ${LIST}`);
  expect(listed.stdout).toMatch(
    new RegExp(
      `invited +\\d{4}-\\d\\d-\\d\\d +customer +sec@acme\\.example +\\(proposed by ${me}; waits for a second person\\)`,
    ),
  );
  const json = (await run('members', 'list', '--json')).stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(json).toHaveLength(6);
  expect(json.find(({ address }) => address === 'noc@msp.example')).toMatchObject({ side: 'reseller', approvals: 0 });
});

it('rehearses a table with a verdict a line, and proposes all of it or nothing', { timeout: PATIENCE }, async () => {
  const table = file(
    'table.csv',
    `\ufeffAddress,list,note,Name\r\n"ann@acme.example",${LIST},"a ""quoted"" note","Ann, ""the"" Boss"\r\nops@acme.example,,,\r\n`,
  );
  const rehearsed = await run('members', 'import', 'acme', table, '--dry-run');
  expect(rehearsed).toMatchObject({ code: 0, stderr: '' });
  expect(rehearsed.stdout).toMatch(
    /^line 2 {2}ann@acme\.example {2}acme-k3j9x2m4q7w8@roots\.example {2}proposed: waits/,
  );
  expect(rehearsed.stdout).toMatch(/line 3 {2}ops@acme\.example .* proposed before/);
  expect(rehearsed.stdout).toContain('this was a dry run');
  expect(await stateOf(fresh, 'ann@acme.example')).toBe('unknown');

  const wrong = file(
    'wrong.csv',
    `address,list,customer,name\nann@acme.example,,,\nbad,,,\nben@acme.example,other@roots.example,,\ncai@acme.example,,kumo,\ndee@acme.example,,,=cmd\n`,
  );
  const refused = await run('members', 'import', 'acme', wrong);
  expect(refused).toMatchObject({ code: 65, stderr: 'rootdesk: nothing was proposed; the lines above say why\n' });
  expect(refused.stdout).toMatch(/line 3 {2}bad .* is no mail address/);
  expect(refused.stdout).toContain('line 4  ben@acme.example  its list is no root address of acme');
  expect(refused.stdout).toContain('line 5  cai@acme.example  belongs to another customer than acme');
  expect(refused.stdout).toContain('line 6  dee@acme.example  has a name that is none');
  expect(await stateOf(fresh, 'ann@acme.example')).toBe('unknown');

  expect(await run('members', 'import', 'acme', table)).toMatchObject({ code: 0 });
  expect(await stateOf(fresh, 'ann@acme.example')).toBe('invited');
  expect((await fresh.pool.query(`select name from members where address = 'ann@acme.example'`)).rows[0].name).toBe(
    'Ann, "the" Boss',
  );
  for (const [name, text] of Object.entries({ 'a.csv': 'name\nx\n', 'b.csv': 'address\n', 'c.csv': 'address\n"a\n' })) {
    const broken = await run('members', 'import', 'acme', file(name, text));
    expect(broken).toMatchObject({ code: 65, stdout: '' });
    expect(broken.stderr).toMatch(/^rootdesk: .* is no table of members: [^\n]+; [^\n]+\n$/);
  }
});

it('exports what a spreadsheet runs nothing of, and what can be imported again', { timeout: PATIENCE }, async () => {
  const odd = '=cmd|1@acme.example';
  expect(await run('members', 'add', 'acme', odd, '+1@acme.example', '--list', LIST)).toMatchObject({ code: 0 });
  const exported = await run('members', 'export', 'acme');
  expect(exported.stdout).toMatch(/^customer,list,account,address,name,side,state,since,confirmed,acknowledged\r\n/);
  expect(exported.stdout).toContain(`,'${odd},`);
  expect(exported.stdout).not.toMatch(/(^|,)"?[=+\-@]/m);
  const again = await run('members', 'import', 'acme', file('again.csv', exported.stdout), '--dry-run');
  expect(again.stdout).toMatch(/=cmd\|1@acme\.example .* proposed before/);
  // Whom the rules refuse is refused again.
  expect(again.stdout).toMatch(/eve@elsewhere\.example .* its domain is neither/);
  expect(again.code).toBe(65);
});

it('removes at once but for the last confirmed member, and forgets a person on request', {
  timeout: PATIENCE,
}, async () => {
  await confirm('ops@acme.example');
  expect(await run('members', 'remove', 'acme', 'ops@acme.example')).toMatchObject({
    code: 65,
    stdout: expect.stringContaining('is the last confirmed member of the customer on a live list'),
  });
  await confirm('sec@acme.example');
  const removed = await run('members', 'remove', 'acme', 'OPS@acme.example', '--list', LIST);
  expect(removed).toMatchObject({ code: 0, stdout: expect.stringContaining('removed; everybody on the list is told') });

  const erased = 'ann@acme.example';
  const person = JSON.parse((await run('members', 'export', '--person', erased)).stdout);
  expect(person).toMatchObject({ address: erased, memberships: [{ state: 'invited' }], proposals: [{ proposer: me }] });
  expect((await run('members', 'erase', erased)).code).toBe(64);
  expect(await run('members', 'erase', erased, '--yes')).toMatchObject({ code: 0, stderr: '' });
  for (const table of ['members', 'links', 'approvals', 'member_changes', 'effects', 'audit']) {
    const { rows } = await fresh.pool.query(`select * from ${table}`);
    const text = JSON.stringify(rows, (_, value) =>
      value?.type === 'Buffer' ? Buffer.from(value.data).toString() : value,
    );
    expect(text).not.toContain(erased);
  }
  const { rows } = await fresh.pool.query(`select id from customers where slug = 'acme'`);
  expect(await verifyAudit(fresh.db, rows[0].id)).toMatchObject({ ok: true });
});
