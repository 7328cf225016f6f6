import type { Base } from './base.ts';
import type { NotifyRules } from './core/effect.ts';
import { probeTimes } from './core/probe.ts';
import type { SenderRules } from './core/sender.ts';
import type { NoticeMarks } from './lib/noticeMarks.ts';
import type { ProbeMarks } from './lib/probeMarks.ts';
import type { RecentMail } from './lib/recentMail.ts';
import type { Seal } from './lib/seal.ts';
import type { Verp } from './lib/verp.ts';
import type { Bell } from './queue/bell.ts';
import { createBudget } from './receive/budget.ts';
import type { Mailbox } from './receive/imap.ts';
import { createKeepRoom } from './receive/keep.ts';
import { createKeepHealth } from './receive/keepHealth.ts';
import { startLmtp } from './receive/lmtp.ts';
import { createLoginTurns } from './receive/loginTurns.ts';
import { createMailboxSecrets, type TokenSource } from './receive/mailboxSecrets.ts';
import { createOwnMailRoom } from './receive/ownMail.ts';
import { createProbeRoom } from './receive/probes.ts';
import { startReauthentication } from './receive/reauthenticate.ts';
import { createReplies } from './receive/replies.ts';
import { createResolver } from './receive/resolver.ts';
import { createReturnedRoom } from './receive/returned.ts';
import { startSesQueue } from './receive/sesQueue.ts';
import { startSmtp } from './receive/smtp.ts';
import { superviseMailboxes } from './receive/superviseMailboxes.ts';
import { cloudOptions } from './sesCloud.ts';
import type { MailboxSettings } from './settings.ts';
import { sesRegion } from './sourceSettings.ts';
import { createDirectory } from './store/directory.ts';
import { createListDomains } from './store/listDomains.ts';
import { createBounceRecorder } from './store/memberBounces.ts';
import { registerSesQueues } from './store/sesQueues.ts';

/** One way in, as the health page shows it. */
export type ListenerState = {
  name: string;
  how: string;
  address: string;
  state: string;
  lastSuccessAt: string | null;
  detail: string | null;
};

export type Receiving = {
  smtpPort: number | null;
  lmtpPort: number | null;
  /** Rejects with what is wrong when mail cannot be kept now. */
  checkKeeping(): Promise<void>;
  close(): Promise<void>;
};

export type ReceivingOptions = {
  base: Base;
  seal: Seal;
  bell: Bell;
  senders: SenderRules;
  /** null: no copies are sent. */
  verp: Verp | null;
  notify: NotifyRules;
  /** Knows the Message-IDs of our own notices. */
  marks: NoticeMarks;
  /** Knows the probes that we sent. */
  probeMarks: ProbeMarks;
  /** null: mail is decided by other processes. */
  recent: RecentMail | null;
  /** Filled here, read by the pages. */
  listeners: ListenerState[];
};

/** Opens every way in that the settings name: SMTP, LMTP, the mailboxes, and the new tries of authentication. */
export async function startReceiving(options: ReceivingOptions): Promise<Receiving> {
  const { base, seal, bell, senders, verp, listeners } = options;
  const { settings, log, clock, pool, db } = base;
  const directory = createDirectory(db);
  await directory.refresh();
  const resolver = createResolver(settings.dns.servers);
  const replies = createReplies(settings.notify.replyAddress, { db, marks: options.marks });
  const room = createKeepRoom({
    pool,
    directory,
    seal,
    bell,
    resolver,
    clock,
    senders,
    dnsTimeoutMs: settings.dns.timeoutMs,
    replies,
    ...(options.recent && { recent: options.recent }),
  });
  const budget = createBudget(settings.limits.memoryBytes);
  const domains = createListDomains(pool, settings.listDomains);
  const health = createKeepHealth(clock, base.cluster === null ? [] : [settings.dataDir, base.cluster]);
  const keep = health.watch(room.keep);
  const heard =
    (state: ListenerState): typeof room.keep =>
    async (...mail) => {
      const kept = await keep(...mail);
      state.lastSuccessAt = clock.now().toISOString();
      return kept;
    };
  const ring = () => {
    void bell.ring('act');
    void bell.ring('deliver');
  };
  const recordBounce = createBounceRecorder({ pool, clock, notify: options.notify, ring });
  const times = probeTimes(settings.probes);
  const returned = createOwnMailRoom(
    createProbeRoom({ pool, marks: options.probeMarks, times, ring, clock, log }),
    verp && createReturnedRoom({ pool, db, verp, directory, recordBounce, ring, clock, log }),
  );
  const replyAddress = replies?.address ?? null;
  const marksKey = seal.derive('mailbox secrets');
  const { mailBytes } = settings.limits;
  const shared = { budget, clock, log, mailBytes, directory, domains, returned, replyAddress };
  const closes: (() => Promise<void>)[] = [];
  const close = async () => {
    await Promise.all(closes.map((one) => one()));
    await room.idle();
  };
  const announce = (how: string, address: string, name = how): ListenerState => {
    const state = { name, how, address, state: 'starting', lastSuccessAt: null, detail: null };
    listeners.push(state);
    return state;
  };

  try {
    let smtpPort: number | null = null;
    if (settings.smtp.enabled) {
      const state = announce('SMTP', settings.smtp.bind);
      const listener = await startSmtp(settings.smtp, { ...shared, keep: heard(state) });
      closes.push(listener.close);
      smtpPort = listener.port;
      Object.assign(state, { state: 'listening', address: `${settings.smtp.bind}:${listener.port}` });
    }
    let lmtpPort: number | null = null;
    if (settings.lmtp.enabled) {
      const state = announce('LMTP', settings.lmtp.bind);
      const listener = await startLmtp(settings.lmtp, settings.smtp.hostname, { ...shared, keep: heard(state) });
      closes.push(listener.close);
      lmtpPort = listener.port;
      Object.assign(state, { state: 'listening', address: `${settings.lmtp.bind}:${listener.port}` });
    }
    if (settings.mailboxes.length > 0) {
      // Loaded by who watches a mailbox only: an idle process without one holds less.
      const { startMailbox } = await import('./receive/imap.ts');
      const refreshToken: TokenSource = async (request) =>
        (await import('./connectors/oauthToken.ts')).refreshToken(request);
      const turns = createLoginTurns();
      const start = (mailbox: MailboxSettings, fence: number): Mailbox => {
        const state = announce('IMAP', `${mailbox.host}:${mailbox.port}`, mailbox.name);
        const watched = startMailbox(mailbox, {
          room: { keep, keepTooLarge: room.keepTooLarge },
          returned,
          pool,
          db,
          fence,
          secrets: createMailboxSecrets(mailbox, marksKey, refreshToken),
          turns,
          notify: options.notify,
          ring,
          budget,
          clock,
          log,
          mailBytes,
          onState(now, detail, success) {
            Object.assign(state, { state: now, detail, ...(success && { lastSuccessAt: success.toISOString() }) });
          },
        });
        const close = async () => {
          await watched.close();
          // Another process has it from now on: its row says how it goes.
          listeners.splice(listeners.indexOf(state), 1);
        };
        return { close };
      };
      const { mailboxes } = settings;
      closes.push((await superviseMailboxes({ pool, db, clock, log, mailboxes, start })).close);
    }
    if (settings.ses.length > 0) {
      // The SDK costs half a second and 36 MB: only where a queue is read.
      const { openAwsMailQueue } = await import('./connectors/awsMailQueue.ts');
      await registerSesQueues(
        db,
        settings.ses.map(({ name }) => name),
        clock.now(),
      );
      for (const queue of settings.ses) {
        const cloud = openAwsMailQueue(cloudOptions(queue));
        const state = announce('SES', sesRegion(queue) ?? '', queue.name);
        const reading = startSesQueue(queue, {
          cloud,
          room: { keep, keepTooLarge: room.keepTooLarge },
          returned,
          pool,
          db,
          notify: options.notify,
          ring,
          budget,
          clock,
          log,
          mailBytes,
          onState(now, detail, success) {
            Object.assign(state, { state: now, detail, ...(success && { lastSuccessAt: success.toISOString() }) });
          },
        });
        closes.push(reading.close);
      }
    }
    closes.push(startReauthentication({ pool, seal, bell, resolver, clock, log }).close);
    return { smtpPort, lmtpPort, checkKeeping: health.check, close };
  } catch (error) {
    await close();
    throw error;
  }
}
