import { openBase } from '../base.ts';
import { EXIT } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { createNoticeMarks } from '../lib/noticeMarks.ts';
import { print } from '../lib/output.ts';
import { createProgress } from '../lib/progress.ts';
import { openBell } from '../queue/openBell.ts';
import { createBudget } from '../receive/budget.ts';
import { type ImportReport, importPaths } from '../receive/importPaths.ts';
import { createKeepRoom } from '../receive/keep.ts';
import { createReplies } from '../receive/replies.ts';
import { createResolver } from '../receive/resolver.ts';
import { loadSenders } from '../rules.ts';
import type { Settings } from '../settings.ts';
import { createDirectory } from '../store/directory.ts';
import { openInstance } from '../store/instance.ts';
import { noticeKey } from '../store/noticeTicket.ts';

/**
 * `rootdesk import`: keeps mail from files; a running Rootdesk decides it, or the next start. Ctrl-C stops between two
 * mails; the same command goes on from there. Exit 65 when a file could not be read.
 */
export async function importMail(settings: Settings, paths: string[]): Promise<void> {
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
    try {
      const directory = createDirectory(db);
      await directory.refresh();
      const resolver = createResolver(settings.dns.servers);
      const dnsTimeoutMs = settings.dns.timeoutMs;
      const marks = createNoticeMarks(await noticeKey(db), settings.smtp.hostname);
      const replies = createReplies(settings.notify.replyAddress, { db, marks });
      const room = createKeepRoom({ pool, directory, seal, bell, resolver, clock, senders, dnsTimeoutMs, replies });
      const progress = createProgress('Importing', 'mails', process.stderr);
      const report = await importPaths(
        paths,
        {
          room,
          budget: createBudget(settings.limits.memoryBytes),
          clock,
          mailBytes: settings.limits.mailBytes,
          authservIds: settings.trust.authservIds,
          signal: stop.signal,
        },
        ({ mails, bytes, totalBytes }) => progress.update(mails, totalBytes > 0 ? bytes / totalBytes : null),
      );
      progress.finish();
      await room.idle();
      print(describe(report));
      if (report.problems.length > 0) process.exitCode = EXIT.data;
    } finally {
      await bell.close();
    }
  } finally {
    await base.close();
  }
}

function describe(report: ImportReport): string {
  const lines = [
    `${report.mails} mails read from ${report.files} files`,
    `${report.kept} kept, ${report.known} known already, ${report.tooLarge} too large, ${report.unrouted} for no list of ours`,
  ];
  if (report.skipped > 0) lines.push(`${report.skipped} files that are no mail were passed over`);
  for (const { path, problem } of report.notes) lines.push(`note: ${path}: ${problem}`);
  for (const { path, problem } of report.problems) lines.push(`could not be read: ${path}: ${problem}`);
  if (report.isStopped) lines.push('Stopped before the end: start the same import again to go on.');
  return `${lines.join('\n')}\n`;
}
