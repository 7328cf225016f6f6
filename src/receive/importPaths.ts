import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { readFields } from '../core/fields.ts';
import type { Arrival } from '../core/values.ts';
import type { Clock } from '../lib/clock.ts';
import type { Budget } from './budget.ts';
import type { KeepRoom, KeptMail } from './keep.ts';
import { type FileProblem, findMailFiles, type MailFile, readable } from './mailFiles.ts';
import { HEAD_BYTES, type MboxFacts, readMbox } from './mbox.ts';
import { countTrustedReceived } from './trustedReceived.ts';

export type ImportDeps = {
  room: Pick<KeepRoom, 'keep' | 'keepTooLarge'>;
  budget: Budget;
  clock: Clock;
  /** Largest mail that is taken (bytes). */
  mailBytes: number;
  /** authserv-ids whose Authentication-Results counts in these files. */
  authservIds: readonly string[];
  /** Stops between two mails; what was kept stays kept. */
  signal?: AbortSignal;
};

export type ImportProgress = {
  files: number;
  totalFiles: number;
  /** Bytes of files that were read, of how many. */
  bytes: number;
  totalBytes: number;
  /** Mails that were read. */
  mails: number;
};

export type ImportReport = {
  files: number;
  /** Mails that were read. */
  mails: number;
  /** Rows that are new: a mail for two customers counts twice. */
  kept: number;
  /** Mails that were known already. */
  known: number;
  tooLarge: number;
  /** Mails that no list of ours is named in. */
  unrouted: number;
  /** Files of folders that are no mail. */
  skipped: number;
  problems: FileProblem[];
  /** Things to know about single files, such as how an mbox file is quoted. */
  notes: FileProblem[];
  /** True when it was stopped before its end: start it again to go on. */
  isStopped: boolean;
};

/** Mails under way at once: their commits share transactions. */
const MAX_UNDER_WAY = 16;

/**
 * Imports .eml files, mbox files and Maildir folders. Mails that were kept before are found by their identity and not
 * kept twice, so that the same import can be started again after a stop or a crash and goes on where it ended. Memory
 * is that of a few mails, whatever the size of a file. Rejects when mail cannot be kept (database away); what was kept
 * until then stays kept.
 */
export async function importPaths(
  paths: readonly string[],
  deps: ImportDeps,
  onProgress: (progress: ImportProgress) => void = () => {},
): Promise<ImportReport> {
  const { files, problems, skipped } = await findMailFiles(paths);
  const report: ImportReport = {
    files: 0,
    mails: 0,
    kept: 0,
    known: 0,
    tooLarge: 0,
    unrouted: 0,
    skipped,
    problems,
    notes: [],
    isStopped: false,
  };
  const totalBytes = files.reduce((sum, file) => sum + file.size, 0);
  let doneBytes = 0;
  let toldBytes = 0;
  const tell = (bytes: number) => {
    // Mails end in any order; progress only grows.
    toldBytes = Math.max(toldBytes, bytes);
    onProgress({ files: report.files, totalFiles: files.length, bytes: toldBytes, totalBytes, mails: report.mails });
  };
  const pipe = createPipe(MAX_UNDER_WAY);

  const offer = async (mail: FoundMail, file: MailFile): Promise<void> => {
    await deps.budget.take(mail.raw.length);
    const end = doneBytes + mail.offset;
    const work = keepFound(mail, file, deps).then(
      (kept) => {
        count(report, kept, mail.isTooLarge);
        deps.budget.give(mail.raw.length);
        tell(end);
      },
      (error: unknown) => {
        deps.budget.give(mail.raw.length);
        throw error;
      },
    );
    await pipe.add(work);
  };

  tell(0);
  for (const file of files) {
    if (deps.signal?.aborted) break;
    try {
      for await (const mail of readMails(file, deps.mailBytes, report)) {
        await offer(mail, file).catch((error: unknown) => {
          throw new KeepFailed(error);
        });
        if (deps.signal?.aborted) break;
      }
    } catch (error) {
      if (error instanceof KeepFailed) {
        await pipe.settle();
        throw error.cause;
      }
      report.problems.push({ path: file.path, problem: readable(error) });
    }
    report.files += 1;
    doneBytes += file.size;
  }
  await pipe.drain();
  report.isStopped = deps.signal?.aborted ?? false;
  tell(report.isStopped ? doneBytes : totalBytes);
  return report;
}

class KeepFailed extends Error {
  constructor(cause: unknown) {
    super('a mail could not be kept', { cause });
  }
}

type FoundMail = { raw: Buffer; size: number; isTooLarge: boolean; offset: number };

async function* readMails(file: MailFile, limit: number, report: ImportReport): AsyncGenerator<FoundMail> {
  if (file.form !== 'mbox') {
    yield await readWhole(file, limit);
    return;
  }
  const facts: MboxFacts = { unquotedMails: 0, hasDeepQuotes: false };
  yield* readMbox(file.path, limit, facts);
  if (facts.unquotedMails > 0 && !facts.hasDeepQuotes) {
    report.notes.push({
      path: file.path,
      problem: `">From " lines were unquoted in ${facts.unquotedMails} mails as mboxrd says; if ${basename(file.path)} is mboxo, a line that began with ">From " in the mail itself lost its ">" too, and a signature over it fails`,
    });
  }
}

async function readWhole(file: MailFile, limit: number): Promise<FoundMail> {
  const isTooLarge = file.size > limit;
  const chunks: Buffer[] = [];
  const end = (isTooLarge ? Math.min(HEAD_BYTES, limit) : limit) - 1;
  for await (const chunk of createReadStream(file.path, { end }) as AsyncIterable<Buffer>) chunks.push(chunk);
  return { raw: Buffer.concat(chunks), size: file.size, isTooLarge, offset: file.size };
}

function keepFound(mail: FoundMail, file: MailFile, deps: ImportDeps): Promise<KeptMail[]> {
  const arrival: Arrival = {
    transport: 'file',
    arrivedAt: deps.clock.now().toISOString(),
    envelopeFrom: null,
    envelopeTo: [],
    clientIp: null,
    helo: null,
    tls: false,
    trustedAuthservIds: [...deps.authservIds],
    trustedReceived: deps.authservIds.length === 0 ? 0 : countTrustedReceived(readFields(mail.raw), deps.authservIds),
    source: file.source,
    uidValidity: null,
    uid: null,
  };
  return mail.isTooLarge
    ? deps.room.keepTooLarge(mail.raw, mail.size, arrival)
    : deps.room.keep(mail.raw, arrival, { skipKnown: true });
}

function count(report: ImportReport, kept: readonly KeptMail[], isTooLarge: boolean): void {
  report.mails += 1;
  const fresh = kept.filter(({ isNew }) => isNew);
  report.kept += fresh.length;
  if (fresh.length === 0) report.known += 1;
  if (isTooLarge) report.tooLarge += 1;
  if (kept.some(({ customerId }) => customerId === null)) report.unrouted += 1;
}

/** Lets `limit` pieces of work run at once; the first failure is reported to whoever adds or drains next. */
function createPipe(limit: number): {
  add(work: Promise<void>): Promise<void>;
  drain(): Promise<void>;
  settle(): Promise<void>;
} {
  const underWay = new Set<Promise<void>>();
  let failure: { error: unknown } | null = null;
  const check = () => {
    if (failure) throw failure.error;
  };
  return {
    async add(work) {
      const done: Promise<void> = work
        .catch((error: unknown) => {
          failure ??= { error };
        })
        .finally(() => underWay.delete(done));
      underWay.add(done);
      if (underWay.size >= limit) await Promise.race(underWay);
      check();
    },
    async drain() {
      await Promise.all(underWay);
      check();
    },
    async settle() {
      await Promise.all(underWay);
    },
  };
}
