import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { type Kysely, sql } from 'kysely';
import type { Clock } from '../lib/clock.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { openSeal, type Seal } from '../lib/seal.ts';
import { hasCluster } from './embeddedCluster.ts';
import type { Tables } from './schema.ts';

/** `command`: an import or another command that works on whatever installation this is. */
export type InstanceUse = 'start' | 'demo' | 'command';

export type InstanceOptions = {
  db: Kysely<Tables>;
  keyFile: string | null;
  dataDir: string;
  clock: Clock;
  use: InstanceUse;
};

const KEY_CHECK = 'key_check';
const DEMO = 'demo';

/** What the demo remembers of itself, in its data folder. */
export const DEMO_FILE = 'demo.json';

/**
 * Opens the keys and proves that they, the data folder and the database belong together. At the first start the root key
 * is made and its check value written; afterwards a missing or different key refuses (exit 78), a demo's data refuses a
 * start, and a real installation's data refuses a demo. Call it after `migrate`, before anything is kept.
 */
export async function openInstance(options: InstanceOptions): Promise<Seal> {
  const { db, keyFile, dataDir, clock, use } = options;
  // With a database elsewhere the folder may be a demo's although the database is not.
  refuseKind((await read(db, DEMO)) ?? (existsSync(join(dataDir, DEMO_FILE)) || null), use, dataDir);
  const known = await read(db, KEY_CHECK);
  const seal = openSeal({ keyFile, dataDir, clock, create: known === null });
  const check = seal.keyCheck().toString('hex');
  await db.transaction().execute(async (tx) => {
    // Two first starts at once: the second one finds what the first one wrote.
    await sql`lock table instance in exclusive mode`.execute(tx);
    await put(tx, DEMO, use === 'demo');
    await put(tx, KEY_CHECK, check);
  });
  refuseKind(await read(db, DEMO), use, dataDir);
  if ((await read(db, KEY_CHECK)) !== check) throw otherKey();
  return seal;
}

/**
 * Refuses to make a demo's database (exit 78) in a folder that holds the keys of a database elsewhere. Where the folder
 * has a database of its own, `openInstance` asks that.
 */
export function refuseKeysOfAnother(dataDir: string): void {
  const isOurs = existsSync(join(dataDir, DEMO_FILE)) || hasCluster(dataDir);
  if (!isOurs && existsSync(join(dataDir, 'keys'))) refuseKind(false, 'demo', dataDir);
}

/** Whether this database was made by the demo; null when it is new. */
export async function isDemo(db: Kysely<Tables>): Promise<boolean | null> {
  const value = await read(db, DEMO);
  return value === null ? null : value === true;
}

/** Whether this root key is the one that the database was made with; null when it knows none yet. */
export async function isKeyOf(db: Kysely<Tables>, seal: Pick<Seal, 'keyCheck'>): Promise<boolean | null> {
  const known = await read(db, KEY_CHECK);
  return known === null ? null : known === seal.keyCheck().toString('hex');
}

async function read(db: Kysely<Tables>, name: string): Promise<unknown> {
  const row = await db.selectFrom('instance').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value ?? null;
}

async function put(tx: Kysely<Tables>, name: string, value: unknown): Promise<void> {
  await tx
    .insertInto('instance')
    .values({ name, value: JSON.stringify(value) })
    .onConflict((conflict) => conflict.column('name').doNothing())
    .execute();
}

function refuseKind(demo: unknown, use: InstanceUse, dataDir: string): void {
  if (use === 'start' && demo === true) {
    throw new RootdeskError(
      'instance.demo',
      `the data in ${dataDir} was made by the demo: its samples are signed with sample keys`,
      'start with a data folder of its own (ROOTDESK_DATA_DIR) or another DATABASE_URL',
      { exitCode: EXIT.config },
    );
  }
  if (use === 'demo' && demo === false) {
    throw new RootdeskError(
      'instance.real',
      `the data in ${dataDir} belongs to a real installation, and the demo would write samples into it`,
      'run the demo on a data folder of its own (ROOTDESK_DATA_DIR)',
      { exitCode: EXIT.config },
    );
  }
}

function otherKey(): RootdeskError {
  return new RootdeskError(
    'key.wrong',
    'the root key is not the one that this database was made with: the kept mail cannot be read with it',
    'bring back the right key file, or name its place with ROOTDESK_KEY_FILE',
    { exitCode: EXIT.config },
  );
}
