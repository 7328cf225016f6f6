import { createHash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { openBase } from '../base.ts';
import { decideRules } from '../decide/deciding.ts';
import { replay } from '../decide/replay.ts';
import { openThreadPool } from '../decide/threadPool.ts';
import { canonicalJson, type JsonValue } from '../lib/canonicalJson.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { createLog } from '../lib/log.ts';
import { createNoticeMarks } from '../lib/noticeMarks.ts';
import { print } from '../lib/output.ts';
import { createProgress } from '../lib/progress.ts';
import { openBell } from '../queue/openBell.ts';
import { loadRules } from '../rules.ts';
import type { Settings } from '../settings.ts';
import { openInstance } from '../store/instance.ts';
import { noticeKey } from '../store/noticeTicket.ts';
import { type ReplayFilter, readCustomerSlugs } from '../store/replays.ts';
import { replayText } from './replayText.ts';

export type ReplayArguments = {
  since?: string;
  customer?: string[];
  kind?: string[];
  dryRun?: boolean;
  json?: boolean;
};

/**
 * `rootdesk replay`: runs the rules of today over stored mail and says what changed; with `--dry-run` what would. Ctrl-C
 * stops between two pieces, and the same command goes on from there, also after it was killed.
 */
export async function replayMail(settings: Settings, version: string, given: ReplayArguments): Promise<void> {
  const log = createLog(settings.logLevel);
  const since = given.since === undefined ? null : instantOf(given.since);
  const filter: ReplayFilter = { since, customers: given.customer ?? [], kinds: given.kind ?? [] };
  const dry = given.dryRun ?? false;
  const { kinds, book } = loadRules();
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  process.once('SIGTERM', () => stop.abort());
  const base = await openBase(settings, { log, role: 'command' });
  try {
    const { pool, db, clock, databaseUrl } = base;
    const { keyFile, dataDir, redisUrl, limits } = settings;
    const slugs = await readCustomerSlugs(pool);
    const unknown = filter.customers.filter((slug) => !slugs.includes(slug));
    if (unknown.length > 0) throw wrong(`there is no customer ${unknown[0]}`, 'rootdesk customers list shows them');
    const seal = await openInstance({ db, keyFile, dataDir, clock, use: 'command' });
    const bell = await openBell({ redisUrl, pool, databaseUrl, log });
    const lanes = Math.min(limits.understandThreads, availableParallelism());
    const { understandMs: deadlineMs, understandMemoryMb: memoryMb } = limits;
    const threads = await openThreadPool({ kinds, threads: lanes, deadlineMs, memoryMb, log });
    try {
      const progress = createProgress(dry ? 'Replaying (dry run)' : 'Replaying', 'mails', process.stderr);
      const rules = decideRules(settings);
      let begun: number | null = null;
      const rulesHash = createHash('sha256')
        .update(canonicalJson([version, kinds, rules] as unknown as JsonValue))
        .digest();
      const result = await replay(
        {
          pool,
          threads,
          bell,
          seal,
          senders: book.senders,
          rules,
          // Of whatever domain: a notice proves itself by its keyed part.
          ticketOf: createNoticeMarks(await noticeKey(db), 'localhost').ticketOf,
          listDomains: settings.listDomains,
          log,
          clock,
          lanes: lanes + 1,
        },
        {
          filter,
          dry,
          rulesHash,
          signal: stop.signal,
          // Of what this run has to do: the rest of one that was cut off is done at its own pace.
          onProgress(done, total) {
            begun ??= done;
            progress.update(done, total > begun ? (done - begun) / (total - begun) : 1);
          },
        },
      );
      progress.finish();
      print(given.json ? `${JSON.stringify({ dryRun: dry, ...result })}\n` : replayText(result, dry));
      if (result.stopped) process.exitCode = EXIT.temporary;
    } finally {
      await threads.close();
      await bell.close();
    }
  } finally {
    await base.close();
  }
}

const AGO = /^(\d{1,5})(h|d)$/;

/** `2026-11-01`, an ISO 8601 instant, or `36h`, `30d` before now. */
function instantOf(text: string): string {
  const ago = AGO.exec(text);
  if (ago) return new Date(Date.now() - Number(ago[1]) * (ago[2] === 'h' ? 3_600_000 : 86_400_000)).toISOString();
  const isDate = /^\d{4}-\d{2}-\d{2}(?:T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?Z)?$/.test(text);
  const at = new Date(text);
  if (!isDate || Number.isNaN(at.getTime()) || !at.toISOString().startsWith(text.slice(0, 10)))
    throw wrong(`${JSON.stringify(text)} is no time`, 'give --since as 2026-11-01, 2026-11-01T09:00Z, 36h or 30d');
  return at.toISOString();
}

function wrong(message: string, hint: string): RootdeskError {
  return new RootdeskError('replay.arguments', message, hint, { exitCode: EXIT.usage });
}
