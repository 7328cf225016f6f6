import { messageOf } from '../lib/errors.ts';
import { readHold } from '../store/hold.ts';
import { checkSchema } from '../store/migrate.ts';
import type { ConsoleDeps } from './deps.ts';
import { conditionOf, isListener, type ListenerState } from './listeners.ts';

export type Check = { ok: boolean; detail: string | null };
export type Readiness = {
  ready: boolean;
  /** Nothing leaves until `rootdesk resume`; mail is taken all the same. Null: the database did not say. */
  held: boolean | null;
  checks: {
    database: Check;
    /** Whether this release fits what the database has been migrated to. */
    schema: Check;
    bell: Check;
    /** Whether mail can be kept: disk and last try. */
    keeping: Check;
    /** Of the mailboxes, only some of those that are not read. */
    listeners: (Check & { name: string; how: string; state: string })[];
  };
};

/** Longest that one check may take (ms): a database that hangs is a database that does not work. */
const CHECK_MS = 3000;
/** Mailboxes that are not read, told at most. */
const MAILBOXES = 20;

/**
 * Asks what this process needs. Mailboxes of others that fail are told but leave it ready: it still takes mail by
 * every other way, and to take it out of service would stop those too.
 */
export async function checkReadiness(
  deps: Pick<ConsoleDeps, 'db' | 'bell' | 'listeners' | 'checkKeeping'>,
): Promise<Readiness> {
  const { db, bell, listeners, checkKeeping } = deps;
  let held: boolean | null = null;
  const [database, schema, doorbell, keeping] = await Promise.all([
    check(async () => {
      held = (await readHold(db)) !== null;
    }),
    check(() => checkSchema(db)),
    check(() => bell.check()),
    check(checkKeeping),
  ]);
  const ways = listeners();
  const deciding = ways.filter(isListener).map(checkOf);
  const mailboxes = ways.filter((one) => !isListener(one) && conditionOf(one.state) === 'failing');
  return {
    ready: database.ok && schema.ok && doorbell.ok && keeping.ok && deciding.every((one) => one.ok),
    held,
    checks: {
      database,
      schema,
      bell: doorbell,
      keeping,
      listeners: [...deciding, ...mailboxes.slice(0, MAILBOXES).map(checkOf)],
    },
  };
}

function checkOf({ name, how, state, detail }: ListenerState) {
  return { name, how, state, ok: conditionOf(state) === 'working', detail };
}

async function check(work: () => Promise<void>): Promise<Check> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${CHECK_MS} ms`)), CHECK_MS);
  });
  try {
    await Promise.race([work(), late]);
    return { ok: true, detail: null };
  } catch (error) {
    return { ok: false, detail: messageOf(error).slice(0, 200) };
  } finally {
    clearTimeout(timer);
  }
}
