import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { applyPlan } from './core/applyPlan.ts';
import type { CustomersFile } from './core/customersFile.ts';
import { decide, type MailAtHand, type Plan, type Reading } from './core/decide.ts';
import { readFields } from './core/fields.ts';
import { type People, peopleOfFile } from './core/people.ts';
import { senderRulesSchema } from './core/sender.ts';
import { emptySituation, type Situation } from './core/situation.ts';
import type { Arrival, AuthResult, Reason } from './core/values.ts';
import { readMail } from './decide/readMail.ts';
import { openThreadPool } from './decide/threadPool.ts';
import { type ExplainedMail, type ExplainRecord, recordOf, tooLargeRecord } from './explainRecord.ts';
import type { Clock } from './lib/clock.ts';
import { EXIT, messageOf, RootdeskError } from './lib/errors.ts';
import type { KindFiles } from './lib/kindFiles.ts';
import type { Log } from './lib/log.ts';
import { findDestinations } from './receive/addressees.ts';
import { countTrustedReceived } from './receive/trustedReceived.ts';
import type { Settings } from './settings.ts';
import type { ListEntry } from './store/directory.ts';

export type ExplainOptions = {
  /** Addresses and accounts that are known; null: none, every mail is unrouted. */
  customers: CustomersFile | null;
  /** authserv-ids whose topmost Authentication-Results counts in these files. */
  trustedAuthservIds: string[];
  /** Checks signatures; the caller brings the resolver. */
  authenticate(raw: Buffer, arrival: Arrival): Promise<AuthResult>;
  kinds: KindFiles;
  limits: Settings['limits'];
  /** Days in which later mail of a solved ticket reopens it. */
  followUpDays: number;
  /** Ourselves: our mail joins tickets. */
  own: People;
  /** Domains of our own lists; none: the domains of the root addresses. */
  listDomains: readonly string[];
  log: Log;
  clock: Clock;
};

/** Files that are read, checked and understood at the same time. */
const AHEAD = 8;
/** `explain` tells nobody. */
const NOTIFY = { mail: false, webhook: false, least: 'critical' } as const;

type Read = { mail: ExplainedMail; customerId: number | null; reading: Reading };
type Decided = Read & { plan: Plan; ticketId: number | null };

/**
 * Explains mail files, taken as arrivals in the given order, with no database: the same functions that receive and
 * decide, over a situation that grows in memory. One record a file and customer, in order; all are decided before the
 * first is given, since a ticket goes by the key of its first mail, which may come last. Throws RootdeskError (exit 66) for a file that
 * cannot be read.
 */
export async function* explain(files: readonly string[], options: ExplainOptions): AsyncIterable<ExplainRecord> {
  const { limits, log } = options;
  const directory = directoryOf(options.customers);
  const threads = await openThreadPool({
    kinds: options.kinds,
    threads: Math.max(1, Math.min(limits.understandThreads, files.length)),
    deadlineMs: limits.understandMs,
    memoryMb: limits.understandMemoryMb,
    log,
  });
  try {
    const senders = senderRulesSchema.parse(options.kinds.senders);
    const read = (file: string) => explainFile(file, options, directory, (mail) => readMail(mail, threads, senders));
    const situation = emptySituation({
      accounts: accountsOf(options.customers),
      people: peopleOfFile(options.customers?.customers ?? []),
    });
    const decided: (Decided | ExplainRecord)[] = [];
    for await (const mails of inOrder(files, read)) {
      for (const one of mails) {
        if ('outcome' in one) {
          decided.push(one);
          continue;
        }
        const done = decideOne(one, decided.length + 1, situation, options);
        decided.push(done);
        for (const id of done.plan.again)
          decided[id - 1] = decideOne(decided[id - 1] as Decided, id, situation, options);
      }
    }
    for (const one of decided) {
      if ('outcome' in one) yield one;
      else yield recordOf(one.mail, one.reading, one.plan, threadKeyOf(one, situation));
    }
  } finally {
    await threads.close();
  }
}

function decideOne(
  { mail, customerId, reading }: Read,
  id: number,
  situation: Situation,
  { followUpDays, own }: Pick<ExplainOptions, 'followUpDays' | 'own'>,
): Decided {
  const atHand: MailAtHand = { id, customerId, sha256: mail.sha256, reading, before: null };
  const plan = decide(atHand, situation, { ...NOTIFY, followUpDays, own });
  return { mail, customerId, reading, plan, ticketId: applyPlan(situation, atHand, plan) };
}

function threadKeyOf({ ticketId }: Decided, situation: Situation): string | null {
  if (ticketId === null) return null;
  return situation.tickets.get(ticketId)?.folded.face.threadKey ?? null;
}

type Directory = ReturnType<typeof directoryOf>;

async function explainFile(
  file: string,
  options: ExplainOptions,
  directory: Directory,
  understand: (mail: { auth: AuthResult; arrival: Arrival; open(): Uint8Array }) => Promise<Reading | null>,
): Promise<(Read | ExplainRecord)[]> {
  const raw = await openFile(file, options.limits.mailBytes);
  if (raw.bytes === null) return [tooLargeRecord(file, raw.sha256, raw.size, options.limits.mailBytes)];
  const bytes = raw.bytes;
  const { sha256 } = raw;
  const fields = readFields(bytes);
  const arrival = arrivalOf(file, options, countTrustedReceived(fields, options.trustedAuthservIds));
  const auth = await options.authenticate(raw.bytes, arrival);
  const destinations = await findDestinations(fields, arrival, directory);
  // Each customer's mail is read by itself, as the service does: what vouches for it there is the customer's own list.
  return Promise.all(
    destinations.map(async ({ customerId, addressees }) => {
      const roots = customerId === null ? [] : addressees.map(({ address }) => address).filter((one) => one !== null);
      const own = { ...arrival, roots, listDomains: [...options.listDomains] };
      const reading = await understand({ auth, arrival: own, open: () => Uint8Array.from(bytes) });
      if (reading === null) throw new Error('the rulebook threads were closed');
      const arrivalReasons = [...addressees.map(({ reason }) => reason), ...authReasons(auth)];
      const customer = customerId === null ? null : directory.slugOf(customerId);
      const list = customerId === null ? null : (addressees[0]?.address ?? null);
      return { mail: { file, sha256, customer, list, arrivalReasons }, customerId, reading };
    }),
  );
}

/** Bytes (null above the limit: such a file is only hashed), size and SHA-256 of a file. */
async function openFile(file: string, limit: number): Promise<{ bytes: Buffer | null; size: number; sha256: string }> {
  const hash = createHash('sha256');
  const kept: Buffer[] = [];
  let size = 0;
  try {
    for await (const chunk of createReadStream(file) as AsyncIterable<Buffer>) {
      hash.update(chunk);
      size += chunk.length;
      if (size <= limit) kept.push(chunk);
      else kept.length = 0;
    }
  } catch (error) {
    throw new RootdeskError(
      'explain.file',
      `${file} cannot be read: ${messageOf(error)}`,
      'name a readable mail file',
      {
        exitCode: EXIT.noInput,
        cause: error,
      },
    );
  }
  return { bytes: size <= limit ? Buffer.concat(kept) : null, size, sha256: hash.digest('hex') };
}

function authReasons(auth: AuthResult): Reason[] {
  if (auth.state !== 'temperror') return [];
  const text = 'DNS did not answer. The running service waits and asks again for up to an hour before it decides.';
  return [{ code: 'auth.temperror', text }];
}

function arrivalOf(file: string, options: ExplainOptions, trustedReceived: number): Arrival {
  return {
    transport: 'file',
    arrivedAt: options.clock.now().toISOString(),
    envelopeFrom: null,
    envelopeTo: [],
    clientIp: null,
    helo: null,
    tls: false,
    trustedAuthservIds: options.trustedAuthservIds,
    trustedReceived,
    source: `file:${file}`,
    uidValidity: null,
    uid: null,
  };
}

/** The customers of the file under numbers from 1, as the database would give them. */
function directoryOf(file: CustomersFile | null) {
  const customers = file?.customers ?? [];
  const entries = new Map<string, ListEntry>();
  for (const [index, { slug, rootAddresses }] of customers.entries()) {
    for (const { address, account } of rootAddresses) {
      entries.set(address, { listId: entries.size + 1, customerId: index + 1, slug, account, state: 'live' });
    }
  }
  return {
    find: async (address: string) => entries.get(address.toLowerCase()) ?? null,
    slugOf: (customerId: number) => customers[customerId - 1]?.slug ?? null,
  };
}

function accountsOf(file: CustomersFile | null): Map<string, number> {
  const accounts = new Map<string, number>();
  for (const [index, customer] of (file?.customers ?? []).entries()) {
    for (const account of [...customer.managementAccounts, ...customer.memberAccounts])
      accounts.set(account, index + 1);
  }
  return accounts;
}

/** Runs `work` for up to AHEAD items at once and gives the results in the order of the items. */
async function* inOrder<T, R>(items: readonly T[], work: (item: T) => Promise<R>): AsyncIterable<R> {
  const running: Promise<R>[] = [];
  for (const item of items) {
    const one = work(item);
    // Awaited later; until then its failure must not count as unhandled.
    one.catch(() => {});
    running.push(one);
    if (running.length >= AHEAD) yield await running.shift()!;
  }
  for (const one of running) yield await one;
}
