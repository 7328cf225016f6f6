import type { Kysely } from 'kysely';
import type pg from 'pg';
import type { MembershipRules } from '../core/membershipRules.ts';
import type { Clock } from '../lib/clock.ts';
import type { Log } from '../lib/log.ts';
import type { Connection } from '../lib/peerUser.ts';
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
  /** What the settings say about who may be on lists. */
  membership: MembershipRules;
  /** The user of this system at the other end of a connection; null where the system does not say. Never guessed. */
  userOf(connection: Connection): Promise<string | null>;
  /** The demo's own mail server; absent otherwise, and then there is no page of it. */
  sink?: { list(): readonly SinkMail[] };
  demo: boolean;
  /** Opens raw mail when somebody looks at it; a mail with secrets is never opened here. */
  seal: Pick<Seal, 'open'>;
};
