import type { Kysely } from 'kysely';
import type pg from 'pg';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Seal } from '../lib/seal.ts';
import type { Bell } from '../queue/bell.ts';
import type { Settings } from '../settings.ts';
import type { Tables } from '../store/schema.ts';
import type { ListenerState } from './listeners.ts';
import type { SinkMail } from './pages/sinkPage.ts';

/** What the pages and the API are made of; the composition root passes it in. */
export type ConsoleDeps = {
  db: Kysely<Tables>;
  /** The pool under `db`. */
  pool: pg.Pool;
  bell: Bell;
  settings: Settings;
  log: Log;
  clock: Clock;
  /** Ways in that this process runs, asked anew for every page. */
  listeners(): ListenerState[];
  /** Rejects with what is wrong when this process, which takes mail, cannot keep it now. */
  checkKeeping(): Promise<void>;
  /** The demo's own mail server; absent otherwise, and then there is no page of it. */
  sink?: { list(): readonly SinkMail[] };
  demo: boolean;
  /** Opens raw mail when somebody looks at it; a mail with secrets is never opened here. */
  seal: Pick<Seal, 'open'>;
};
