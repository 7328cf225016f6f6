import type { FastifyRequest } from 'fastify';
import { readAct } from '../store/acts/readActs.ts';
import { readAddressesToMask } from '../store/readCustomers.ts';
import { countFailingMailboxes } from '../store/readMailboxes.ts';
import { readNav } from '../store/readNav.ts';
import { readSesQueues } from '../store/sesQueues.ts';
import type { ConsoleDeps } from './deps.ts';
import { conditionOf, isListener, otherQueues } from './listeners.ts';
import { createMasker, type Masker } from './mask.ts';
import { preferencesOf } from './preferences.ts';
import { idSchema } from './queries.ts';
import { Times } from './times.ts';
import type { View } from './view.ts';
import { textsFor } from './words/texts.ts';

/** What a page is drawn with: the reader's language, this machine's zone, the counts of the frame. */
export async function viewOf(deps: ConsoleDeps, request: FastifyRequest): Promise<View> {
  const t = textsFor(request);
  const now = deps.clock.now();
  const did = idSchema.safeParse((request.query as { done?: unknown }).done);
  const [nav, failing, queues, mask, done] = await Promise.all([
    readNav(deps.db),
    countFailingMailboxes(deps.db),
    readSesQueues(deps.db),
    maskerOf(deps),
    did.success ? readAct(deps.db, did.data, now) : null,
  ]);
  const listeners = deps.listeners();
  const ways = [...listeners.filter(isListener), ...otherQueues({ queues, listeners }, now)];
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return {
    t,
    here: request.url.slice(0, 1000),
    times: new Times(now, zone, t.times),
    nav,
    down: ways.filter((one) => conditionOf(one.state) === 'failing').length + failing,
    demo: deps.demo,
    sink: deps.demo && deps.sink !== undefined,
    done,
    mask,
    preferences: preferencesOf(request.headers.cookie),
  };
}

/** Masks every root address that is known, and all addresses of our own list domains, wherever they stand. */
export async function maskerOf({ db, settings }: Pick<ConsoleDeps, 'db' | 'settings'>): Promise<Masker> {
  return createMasker(await readAddressesToMask(db, null), settings.listDomains);
}
