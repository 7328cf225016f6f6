import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

const MAILS = 1500;
const CUSTOMERS = 3;

let folder: string;
let fresh: FreshDatabase;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'rd-import-crash-'));
  fresh = await freshDatabase();
  await fresh.pool.query(`
    insert into customers (slug, name) select 'c' || n, 'Customer ' || n from generate_series(0, ${CUSTOMERS - 1}) n;
    insert into lists (customer_id, address) select id, slug || '-7f3k@root.test' from customers`);
  const mails = Array.from({ length: MAILS }, (_, n) =>
    [
      'From sender@mail.test Fri Nov 20 10:00:00 2026',
      'From: Sender <sender@mail.test>',
      `To: c${n % CUSTOMERS}-7f3k@root.test`,
      `Subject: Mail ${n}`,
      `Message-ID: <mail-${n}@mail.test>`,
      'Date: Fri, 20 Nov 2026 10:00:00 +0000',
      '',
      `This is mail ${n}. ${'Some words. '.repeat(200)}`,
      '',
      '',
    ].join('\n'),
  );
  writeFileSync(join(folder, 'box.mbox'), mails.join(''));
});
afterAll(async () => {
  await fresh.drop();
  rmSync(folder, { recursive: true, force: true });
});

function startImport(): ChildProcess {
  const env = {
    PATH: process.env.PATH ?? '',
    DATABASE_URL: fresh.url,
    ROOTDESK_DATA_DIR: join(folder, 'data'),
    ROOTDESK_DNS_SERVERS: '127.0.0.1:1',
    ROOTDESK_LOG_LEVEL: 'error',
  };
  return spawn(process.execPath, ['src/cli.ts', 'import', join(folder, 'box.mbox')], {
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

async function count(sql: string): Promise<number> {
  const { rows } = await fresh.pool.query<{ n: number }>(`select count(*)::int as n from ${sql}`);
  return rows[0]!.n;
}

test('an import that is killed in the middle goes on where it was, and keeps each mail once', {
  timeout: 300_000,
}, async () => {
  let killed = 0;
  for (const enough of [1, MAILS / 3, (MAILS * 2) / 3]) {
    const child = startImport();
    const ended = once(child, 'exit');
    await vi.waitFor(async () => expect(child.exitCode !== null || (await count('mails')) >= enough).toBe(true), {
      timeout: 120_000,
      interval: 5,
    });
    if (child.kill('SIGKILL')) killed += 1;
    await ended;
    // Whatever was kept is whole: no mail without its bytes and its arrival.
    expect(await count('mails m where not exists (select from raws r where r.mail_id = m.id)')).toBe(0);
    expect(await count('mails m where not exists (select from arrivals a where a.mail_id = m.id)')).toBe(0);
  }
  expect(killed).toBeGreaterThan(1);

  const before = await count('mails');
  const last = startImport();
  const [report, stderr, [code]] = await Promise.all([text(last.stdout!), text(last.stderr!), once(last, 'exit')]);
  expect({ code, stderr: stderr.replace(/^Importing.*\n/gm, '') }).toEqual({ code: 0, stderr: '' });
  expect(report).toContain(`${MAILS} mails read from 1 files`);
  expect(report).toContain(`${MAILS - before} kept, ${before} known already`);
  expect(await count('mails')).toBe(MAILS);
  expect(await count('arrivals')).toBe(MAILS);
  expect(await count('raws')).toBe(MAILS);
  expect(await count('audit_heads where customer_id > 0')).toBe(CUSTOMERS);
  expect(await count(`audit where convert_from(bytes, 'UTF8') like '%mail.kept%'`)).toBe(MAILS);
  const { rows } = await fresh.pool.query<{ n: number }>(
    `select sum(value)::int as n from counters where name = 'kept.mails'`,
  );
  expect(rows[0]!.n).toBe(MAILS);
});
