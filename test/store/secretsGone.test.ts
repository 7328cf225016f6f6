import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { decrypt } from '../../src/lib/aesGcm.ts';
import { createLog } from '../../src/lib/log.ts';
import { openDatabase } from '../../src/store/database.ts';
import { destroyDayKeys } from '../../src/store/destroyDayKeys.ts';
import { startEmbedded } from '../../src/store/embedded.ts';
import { migrate } from '../../src/store/migrate.ts';
import { openPool } from '../../src/store/pool.ts';
import { caseMail, type Desk, openDesk, PROVEN } from '../decide/desk.ts';
import { type DataFolder, makeDataFolder } from '../servers/dataFolder.ts';

/**
 * What somebody has who took the database, its log and the long-lived keys after the time of a mail with a secret. On a
 * server of its own, so that its log holds nothing else.
 */
const DAY_MS = 86_400_000;
const CODE = '482913';
const TOKEN = 'resettokenfake0123456789';

let folder: DataFolder;
let embedded: Awaited<ReturnType<typeof startEmbedded>>;
let desk: Desk;

beforeAll(async () => {
  folder = makeDataFolder();
  const log = createLog('silent');
  embedded = await startEmbedded({ dataDir: folder.path, log });
  const pool = openPool(embedded.url, { max: 8 });
  await migrate(pool, log);
  const drop = () => pool.end();
  desk = await openDesk({ url: embedded.url, pool, db: openDatabase(pool), drop });
});
afterAll(async () => {
  await desk?.close();
  await embedded?.stop();
  folder?.remove();
});

it('neither the database nor its log nor the long-lived keys open a mail with a secret after its time', async () => {
  const start = await lsn();
  const code = await desk.keep(secretMail(`Verification code: ${CODE}`), { auth: PROVEN('signin.aws') });
  const link = await desk.keep(secretMail(`https://signin.aws.amazon.com/resetpassword?token=${TOKEN}`), {
    auth: PROVEN('signin.aws'),
  });
  const plain = await desk.keep(caseMail({ caseId: '176508697500328', minute: 0, text: 'Please send the logs.' }));
  await desk.start();
  await desk.settled();
  const { rows: raws } = await desk.pool.query('select mail_id, bytes, wrapped_key, key_id from raws order by mail_id');
  expect(raws.map(({ mail_id, key_id }) => [mail_id, key_id.split(':')[0]])).toEqual([
    [code, 'day'],
    [link, 'day'],
    [plain, 'mail'],
  ]);
  for (const { bytes, wrapped_key, key_id } of raws) desk.seal.open(bytes, wrapped_key, key_id);

  const destroyIn = (days: number) => {
    const clock = { now: () => new Date(Date.now() + days * DAY_MS) };
    return destroyDayKeys({ pool: desk.pool, seal: desk.seal, clock, days: 7 });
  };
  expect(await destroyIn(5)).toEqual([]);
  expect(await destroyIn(8)).toHaveLength(1);

  for (const { mail_id, bytes, wrapped_key, key_id } of raws) {
    const open = () => desk.seal.open(bytes, wrapped_key, key_id);
    if (mail_id === plain) expect(open().toString()).toContain('Please send the logs.');
    else expect(open).toThrow(/cannot be read any more/);
  }
  const log = await logSince(start);
  expect(readdirSync(desk.keys).toSorted()).toEqual(['mail-1.key', 'root.key']);
  const root = Buffer.from(readFileSync(join(desk.keys, 'root.key'), 'utf8').trim(), 'hex');
  const mailKey = decrypt(root, readFileSync(join(desk.keys, 'mail-1.key')), Buffer.from('rootdesk mail:1'));
  // Only the wrapped key of the plain mail ever was under a key that still exists.
  const opened = wrappedIn(log, mailKey);
  expect(opened.length).toBeGreaterThan(0);
  for (const dataKey of opened) {
    for (const { mail_id, bytes } of raws) {
      const sealed = () => decrypt(dataKey, bytes.subarray(5), bytes.subarray(0, 5));
      if (mail_id === plain) expect(sealed).not.toThrow();
      else expect(sealed).toThrow();
    }
  }
  const files = [log, ...filesBelow(await setting('data_directory'))];
  expect(files.some((bytes) => bytes.includes('176508697500328'))).toBe(true);
  for (const bytes of files) for (const secret of [CODE, TOKEN]) expect(bytes.includes(secret)).toBe(false);
});

function secretMail(text: string): string {
  return [
    'From: Amazon Web Services <no-reply@signin.aws>',
    'To: kumo-7f3k@roots.example',
    'Subject: Verify your identity',
    `Message-ID: <${text.length}@signin.aws>`,
    `Date: ${new Date().toUTCString()}`,
    '',
    text,
  ].join('\r\n');
}

async function lsn(): Promise<string> {
  return (await desk.pool.query('select pg_current_wal_lsn() as lsn')).rows[0].lsn;
}

async function setting(name: string): Promise<string> {
  return (await desk.pool.query('select current_setting($1) as value', [name])).rows[0].value;
}

/** The bytes of the write-ahead log from a place on, as they lie in its segments. */
async function logSince(from: string): Promise<Buffer> {
  const { rows } = await desk.pool.query(
    `select (pg_walfile_name_offset($1)).file_name as first, (pg_walfile_name_offset($1)).file_offset as at,
            (pg_walfile_name_offset(pg_current_wal_flush_lsn())).file_offset as "to",
            (pg_walfile_name_offset(pg_current_wal_flush_lsn())).file_name as last`,
    [from],
  );
  const { first, at, last, to } = rows[0];
  const wal = join(await setting('data_directory'), 'pg_wal');
  const names = readdirSync(wal).filter((name) => name >= first && name <= last && /^[0-9A-F]{24}$/.test(name));
  return Buffer.concat(
    names.toSorted().map((name) => {
      const bytes = readFileSync(join(wal, name));
      return bytes.subarray(name === first ? at : 0, name === last ? to : bytes.length);
    }),
  );
}

/** Every data key in these bytes that the key opens, wherever it lies. */
function wrappedIn(bytes: Buffer, key: Buffer): Buffer[] {
  const found: Buffer[] = [];
  for (let at = 0; at + 60 <= bytes.length; at++) {
    try {
      found.push(decrypt(key, bytes.subarray(at, at + 60), Buffer.from('rootdesk data key mail:1')));
    } catch {}
  }
  return found;
}

function filesBelow(folder: string): Buffer[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .map((name) => join(folder, name))
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path));
}
