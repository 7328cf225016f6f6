import type { Kysely } from 'kysely';
import type { MembershipRules } from '../core/membershipRules.ts';
import type { Clock } from '../lib/clock.ts';
import type { LinkTokens } from '../lib/linkTokens.ts';
import type { Log } from '../lib/log.ts';
import type { Bell } from '../queue/bell.ts';
import type { Tables } from '../store/schema.ts';

/** What the public pages stand on. */
export type PublicDeps = {
  db: Kysely<Tables>;
  bell: Pick<Bell, 'ring'>;
  clock: Clock;
  log: Log;
  tokens: LinkTokens;
  rules: MembershipRules;
};
