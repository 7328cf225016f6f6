import type { Kysely } from 'kysely';
import type { Pool } from 'pg';
import { openOutboundMail } from '../connectors/outboundMail.ts';
import type { NotifyRules } from '../core/effect.ts';
import { isProbing, probeTimes } from '../core/probe.ts';
import type { Clock } from '../lib/clock.ts';
import { messageOf } from '../lib/errors.ts';
import type { LinkTokens } from '../lib/linkTokens.ts';
import type { Log } from '../lib/log.ts';
import type { NoticeMarks } from '../lib/noticeMarks.ts';
import type { ProbeMarks } from '../lib/probeMarks.ts';
import type { SigningKey } from '../lib/signingKey.ts';
import type { Bell } from '../queue/bell.ts';
import type { Settings } from '../settings.ts';
import { nextEffectAt } from '../store/effects.ts';
import { createGoneOwners } from '../store/goneOwners.ts';
import { openLeaseOwner } from '../store/leaseOwner.ts';
import type { Tables } from '../store/schema.ts';
import { actOnDue } from './actOnDue.ts';
import type { Handler } from './handler.ts';
import { startHeartbeats } from './heartbeats.ts';
import { memberMail } from './memberMail.ts';
import { createNoticePace } from './noticePace.ts';
import { notifyMail } from './notifyMail.ts';
import { notifyMembers } from './notifyMembers.ts';
import { notifyWebhook } from './notifyWebhook.ts';
import { sendProbe } from './sendProbe.ts';
import { startProbes } from './startProbes.ts';
import { startSweep } from './sweep.ts';
import { tellProbe } from './tellProbe.ts';
import type { Templates } from './templates.ts';

export type ActingDeps = {
  db: Kysely<Tables>;
  pool: Pool;
  bell: Bell;
  settings: Pick<Settings, 'outgoing' | 'notify' | 'public' | 'membership' | 'probes'>;
  /** Makes the tokens of links in mails to members. */
  tokens: LinkTokens;
  /** Of what we send: Message-IDs, loop marker, webhook ids. */
  marks: NoticeMarks;
  templates: Templates;
  log: Log;
  clock: Clock;
  /** Signs our mail; null: no sender is set. */
  signing: SigningKey | null;
  /** Base of links to tickets when notify.consoleUrl is unset; null: notices hold no link. */
  consoleUrl: string | null;
  /** Marks what probes the way to root addresses, and who is told of one that is late; null: none is sent. */
  probing?: { marks: ProbeMarks; notify: NotifyRules } | null;
};

export type Acting = { close(): Promise<void> };

/** Longest until the next look at what falls due (ms); the sweep looks as often. */
const LONGEST_WAIT_MS = 30_000;

/**
 * Starts the role that lets effects leave the house: hears 'act', wakes by itself when a retry falls due, a lease ends or its owner seems dead,
 * and sweeps. `close` claims nothing more and waits for the handlers that run.
 */
export async function startActing(deps: ActingDeps): Promise<Acting> {
  const { db, pool, bell, log, clock } = deps;
  const handlers = await createHandlers(deps);
  const owner = await openLeaseOwner(pool, log);
  const gone = createGoneOwners(db, 'effects');
  let closed = false;
  let timer: NodeJS.Timeout | null = null;
  let answering = Promise.resolve();

  async function answer(): Promise<void> {
    if (closed) return;
    if (timer) clearTimeout(timer);
    timer = null;
    try {
      await actOnDue({ db, handlers, clock, log, chance: Math.random, owner, gone, stopping: () => closed });
    } finally {
      await planNext();
    }
  }

  /** Retries are due to the second, not to the next sweep. */
  async function planNext(): Promise<void> {
    const now = clock.now();
    const next = await nextEffectAt(db, now).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'when the next effect is due could not be read');
      return null;
    });
    const waits = [gone.nextLookMs(), next && next.getTime() - now.getTime()].filter((one) => one !== null);
    if (closed || waits.length === 0) return;
    const wait = Math.min(Math.max(Math.min(...waits) + 5, 50), LONGEST_WAIT_MS);
    timer = setTimeout(() => void bell.ring('act'), wait);
  }

  await bell.listen('act', () => {
    answering = answer();
    return answering;
  });
  const sweep = startSweep({ db, bell, clock, log });
  const heartbeats = startHeartbeats({ db, bell, clock, log, days: deps.settings.membership.heartbeatDays });
  const probes = startProbing(deps);

  return {
    async close() {
      closed = true;
      await sweep.close();
      await heartbeats.close();
      await probes?.close();
      await answering.catch(() => {});
      if (timer) clearTimeout(timer);
      await owner.close();
      for (const handler of handlers.values()) handler.close?.();
    },
  };
}

function startProbing({ db, pool, bell, clock, log, settings, probing }: ActingDeps) {
  const { everyMinutes } = settings.probes;
  if (!probing || !isProbing(settings)) return null;
  const { notify } = probing;
  return startProbes({
    db,
    pool,
    bell,
    clock,
    log,
    everyMs: everyMinutes * 60_000,
    times: probeTimes(settings.probes),
    notify,
  });
}

async function createHandlers(deps: ActingDeps): Promise<Map<string, Handler>> {
  const { db, settings, templates, marks, clock } = deps;
  const { outgoing, notify } = settings;
  const signing = deps.signing && {
    ...deps.signing,
    privateKey: deps.signing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
  };
  const consoleUrl = notify.consoleUrl ?? deps.consoleUrl;
  const { host, from } = outgoing;
  const { webhookUrl: url, webhookSecret: secret, webhookAllowPrivate: allowPrivate } = notify;
  const mail = host !== null && from !== null ? openOutboundMail({ ...outgoing, host, from, signing }) : null;
  // Its HTTP client is loaded by who uses it only.
  const webhook =
    url === null || secret === null
      ? null
      : (await import('../connectors/webhook.ts')).openWebhook({ url, secret, allowPrivate });
  const handlers: Handler[] = [
    notifyMembers({ db, mail, marks }),
    ...(deps.probing ? [sendProbe({ db, mail, marks, probeMarks: deps.probing.marks, clock })] : []),
    tellProbe({ db, mail, marks }),
    notifyMail({
      db,
      mail,
      addresses: [...new Set(notify.addresses)],
      replyAddress: notify.replyAddress,
      templates,
      marks,
      consoleUrl,
      pace: createNoticePace(notify.mostMails),
      clock,
    }),
    notifyWebhook({
      db,
      webhook,
      marks,
      consoleUrl,
      clock,
    }),
    memberMail({
      db,
      mail,
      templates,
      marks,
      tokens: deps.tokens,
      publicUrl: settings.public.url,
      clock,
    }),
  ];
  return new Map(handlers.map((handler) => [handler.type, handler]));
}
