import type { Base } from '../base.ts';
import { openBell } from '../queue/openBell.ts';
import type { Settings } from '../settings.ts';

/** Wakes whoever sends mail, after a command that left some. */
export async function ringAct({ redisUrl }: Pick<Settings, 'redisUrl'>, base: Base): Promise<void> {
  const { pool, databaseUrl, log } = base;
  const bell = await openBell({ redisUrl, pool, databaseUrl, log });
  await bell.ring('act').finally(() => bell.close());
}
