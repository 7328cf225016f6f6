import { openBase } from '../base.ts';
import { refreshToken } from '../connectors/oauthToken.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { createNoticeMarks } from '../lib/noticeMarks.ts';
import { print } from '../lib/output.ts';
import { createProgress } from '../lib/progress.ts';
import { createOwnVerp } from '../ownDomains.ts';
import { openBell } from '../queue/openBell.ts';
import { backfillMailbox } from '../receive/backfill.ts';
import { createBudget } from '../receive/budget.ts';
import { createKeepRoom } from '../receive/keep.ts';
import { createMailboxSecrets } from '../receive/mailboxSecrets.ts';
import { createReplies } from '../receive/replies.ts';
import { createResolver } from '../receive/resolver.ts';
import { createReturnedRoom } from '../receive/returned.ts';
import { loadSenders } from '../rules.ts';
import type { Settings } from '../settings.ts';
import { createDirectory } from '../store/directory.ts';
import { openInstance } from '../store/instance.ts';
import { openLeaseOwner } from '../store/leaseOwner.ts';
import { registerMailboxes } from '../store/mailboxes.ts';
import { noticeKey } from '../store/noticeTicket.ts';

export type BackfillArguments = { oldestFirst?: boolean; rate?: number; openDays: number };

/**
 * `rootdesk backfill`: keeps the mail that a mailbox held before it was watched; a running Rootdesk decides it, or the next
 * start. Ctrl-C stops between two mails, and the same command goes on from there, also after it was killed: exit 75.
 */
export async function backfill(settings: Settings, name: string, given: BackfillArguments): Promise<void> {
  const mailbox = settings.mailboxes.find((one) => one.name === name);
  if (!mailbox) {
    const known = settings.mailboxes.map((one) => one.name).join(', ') || 'none';
    throw new RootdeskError('backfill.mailbox', `there is no mailbox ${name} in the settings`, `they name: ${known}`, {
      exitCode: EXIT.usage,
    });
  }
  const log = createLog(settings.logLevel);
  const senders = loadSenders();
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const base = await openBase(settings, { log, role: 'command' });
  try {
    const { pool, db, clock, databaseUrl } = base;
    const { keyFile, dataDir, redisUrl } = settings;
    const seal = await openInstance({ db, keyFile, dataDir, clock, use: 'command' });
    const bell = await openBell({ redisUrl, pool, databaseUrl, log });
    const owner = await openLeaseOwner(pool, log);
    try {
      await registerMailboxes(db, [mailbox], clock.now());
      const directory = createDirectory(db);
      await directory.refresh();
      const resolver = createResolver(settings.dns.servers);
      const dnsTimeoutMs = settings.dns.timeoutMs;
      const marks = createNoticeMarks(await noticeKey(db), settings.smtp.hostname);
      const replies = createReplies(settings.notify.replyAddress, { db, marks });
      const room = createKeepRoom({ pool, directory, seal, bell, resolver, clock, senders, dnsTimeoutMs, replies });
      const verp = createOwnVerp(settings, seal);
      // Old reports say nothing about a member of today.
      const recordBounce = async () => null;
      const returned =
        verp && createReturnedRoom({ pool, db, verp, directory, recordBounce, ring: () => {}, clock, log });
      const progress = createProgress(`Reading ${name}`, 'mails', process.stderr);
      let begun: number | null = null;
      const report = await backfillMailbox(
        mailbox,
        { newestFirst: !given.oldestFirst, rate: given.rate ?? null, openDays: given.openDays },
        {
          room,
          returned,
          db,
          budget: createBudget(settings.limits.memoryBytes),
          clock,
          log,
          mailBytes: settings.limits.mailBytes,
          secrets: createMailboxSecrets(mailbox, seal.derive('mailbox secrets'), refreshToken),
          owner: owner.draw(),
          signal: stop.signal,
          // Of what this run has to do: the rest of one that was cut off is done at its own pace.
          onProgress(done, total) {
            begun ??= done;
            progress.update(done, total > begun ? (done - begun) / (total - begun) : 1);
          },
        },
      );
      progress.finish();
      await room.idle();
      const { done, total, isStopped } = report;
      print(
        isStopped
          ? `${done} of ${total} mails of ${name} are read. Start the same command again to go on.\n`
          : `All ${total} mails that ${name} held are here.\n`,
      );
      if (isStopped) process.exitCode = EXIT.temporary;
    } finally {
      await owner.close();
      await bell.close();
    }
  } finally {
    await base.close();
  }
}
