import { type Base, openBase } from '../base.ts';
import { createLog } from '../lib/log.ts';
import type { Settings } from '../settings.ts';

/** Opens what a command stands on (database, clock, keys of the queue) and closes it again, whatever becomes of the work. */
export async function withBase<T>(settings: Settings, work: (base: Base) => Promise<T>): Promise<T> {
  const base = await openBase(settings, { log: createLog(settings.logLevel), role: 'command' });
  try {
    return await work(base);
  } finally {
    await base.close();
  }
}
