import { setTimeout as sleep } from 'node:timers/promises';
import { createTransport } from 'nodemailer';
import { accountsOf, type CustomerAccount, copiesOf, isSettled, lateAlertsOf, noticesOf } from './account.ts';
import { chanceOf } from './chance.ts';
import { createFaults } from './faults.ts';
import { type FlowCustomer, type FlowMail, flowCustomer, MAILS_EACH, WAYS } from './flowMail.ts';
import { startFlowWorld } from './flowWorld.ts';

export type FlowOptions = {
  /** Mails that come in under faults; rounded up to whole customers. */
  mails: number;
  seed: number;
  /** Faults that happen at least; they go on while mail comes in. */
  faults: number;
  /** Pause before each fault (ms), shortest and longest. */
  pauseMs: readonly [number, number];
  /** Longest that everything may take to settle when nothing goes wrong any more (ms). */
  settleMs: number;
  onProgress?(now: { sent: number; of: number; faults: number; phase: 'calm' | 'faults' | 'settling' }): void;
  /** Told each line that a process had to complain of. */
  onComplaint?(role: string, line: string): void;
};

export type FlowReport = {
  mails: number;
  customers: number;
  faults: Record<string, number>;
  /** What is not as it is without faults, in words; empty when all is well. */
  differences: string[];
  /** Copies of a mail, and of a notice, beyond the first: SMTP could not tell. */
  extraCopies: number;
  extraNotices: number;
  /** Copies that went out as attachments because DNS had not answered for a minute. */
  uncheckedCopies: number;
  /** Times that people were told of a copy that nobody sent for minutes. */
  lateAlerts: number;
  /** Starts that failed because the database was away. */
  failedStarts: number;
  seconds: number;
};

/**
 * Mail flows through the whole product while things die. Two customers a way come first, in calm: what they look like is
 * what every other customer must look like, whose mails come in any order, some of them twice, under faults.
 */
export async function runFlow(options: FlowOptions): Promise<FlowReport> {
  const { onProgress = () => {}, onComplaint = () => {} } = options;
  const startedAt = performance.now();
  const chance = chanceOf(options.seed);
  const world = await startFlowWorld(onComplaint);
  try {
    const calm = WAYS.flatMap((way, at) => [flowCustomer(at * 2, way), flowCustomer(at * 2 + 1, way)]);
    const count = Math.ceil(options.mails / MAILS_EACH);
    const stormy = Array.from({ length: count }, (_, at) => flowCustomer(100 + at, chance.pick(WAYS)));
    await world.addCustomers([...calm, ...stormy]);
    const post = createTransport({
      host: '127.0.0.1',
      port: world.postfix.smtpPort,
      ignoreTLS: true,
      pool: true,
      maxConnections: 4,
    });
    const send = (customer: FlowCustomer, mail: FlowMail) =>
      post.sendMail({ envelope: { from: 'bounce@amazonses.test', to: customer.address }, raw: mail.raw });

    await until(() => world.roles.every((role) => role.isUp()), 120_000, 'the processes are not ready');
    onProgress({ sent: 0, of: count * MAILS_EACH, faults: 0, phase: 'calm' });
    for (const customer of calm) for (const mail of customer.mails) await send(customer, mail);
    await settle(world, calm.length * MAILS_EACH, 120_000);
    const wanted = await wantedAccount(world, calm);

    const flow = shuffled(
      stormy.flatMap((customer) => customer.mails.map((mail) => ({ customer, mail }))),
      chance,
    );
    const happened: Record<string, number> = {};
    let sent = 0;
    let faults = 0;
    let isFlowing = true;
    const flowing = (async () => {
      for (const [at, { customer, mail }] of flow.entries()) {
        await send(customer, mail);
        // Mail servers send again what they do not know to have arrived. By IMAP that is another mail with a trace of its
        // own unless the settings trust the hops before the mailbox; there a new UIDVALIDITY repeats all of them.
        if (customer.way === 'lmtp' && chance.next() < 0.1) await send(customer, mail);
        sent = at + 1;
        // Spread over the faults, so that each meets mail.
        if (faults < options.faults) {
          const due = (at + 1) / flow.length;
          while (faults / options.faults < due - 0.1) await sleep(20);
        }
      }
    })().finally(() => {
      isFlowing = false;
    });
    const fault = createFaults(world, chance);
    while (isFlowing || faults < options.faults) {
      await sleep(chance.whole(...options.pauseMs));
      const name = await fault();
      if (name === null) continue;
      faults += 1;
      happened[name] = (happened[name] ?? 0) + 1;
      onComplaint('fault', `${new Date().toISOString()} ${name}`);
      onProgress({ sent, of: flow.length, faults, phase: 'faults' });
    }
    await flowing;
    post.close();
    onProgress({ sent, of: flow.length, faults, phase: 'settling' });
    world.postfix.flush();
    await settle(world, (calm.length + stormy.length) * MAILS_EACH, options.settleMs);

    const differences = [
      ...differing(wanted, await accountsOf(world, stormy), stormy),
      ...(await countersApart(world)),
    ];
    let extraCopies = 0;
    let uncheckedCopies = 0;
    for (const { slug, member, mails } of stormy) {
      await until(
        () => mails.every(({ messageId }) => copiesOf(world, member).byMessageId.has(messageId)),
        30_000,
      ).catch(() => {});
      const { byMessageId, extra, unchecked } = copiesOf(world, member);
      extraCopies += extra;
      uncheckedCopies += unchecked;
      for (const { messageId, name } of mails)
        if (!byMessageId.has(messageId)) differences.push(`${slug}: no copy of "${name}" reached the member`);
      if (byMessageId.size > mails.length)
        differences.push(`${slug}: the member has mail that is none of the customer's`);
    }
    const lateAlerts = await lateAlertsOf(world);
    const urgent = calm.length + stormy.length + lateAlerts;
    await until(() => noticesOf(world).tickets >= urgent, 30_000).catch(() => {});
    const notices = noticesOf(world);
    if (notices.tickets !== urgent) differences.push(`${notices.tickets} urgent tickets were told of, not ${urgent}`);
    // One that is still starting has no ear for a signal yet.
    await until(() => world.roles.every((role) => role.isUp()), 120_000, 'not every process came back');
    const codes = await Promise.all(world.roles.map((role) => role.stop()));
    for (const [at, code] of codes.entries())
      if (code !== 0) differences.push(`${world.roles[at]!.name} did not stop cleanly: ${code}`);
    return {
      mails: flow.length,
      customers: stormy.length,
      faults: happened,
      differences,
      extraCopies,
      extraNotices: notices.extra,
      uncheckedCopies,
      lateAlerts,
      failedStarts: world.roles.reduce((sum, role) => sum + role.ownDeaths(), 0),
      seconds: (performance.now() - startedAt) / 1000,
    };
  } finally {
    await world.close();
  }
}

type World = Awaited<ReturnType<typeof startFlowWorld>>;

async function settle(world: World, mails: number, ms: number): Promise<void> {
  await until(() => isSettled(world, mails).catch(() => false), ms).catch(async () => {
    const { rows } = await world.pool.query(
      `select (select count(*)::int from mails) as kept, (select count(*)::int from mails where outcome is null) as undecided,
              (select json_agg(e) from (select type, state, count(*), min(due_at) as due, now() as now from effects
                 where state in ('due', 'leased') group by 1, 2) e) as effects,
              (select json_agg(d) from (select state, count(*), min(due_at) as due from deliveries
                 where state in ('due', 'leased') group by 1) d) as copies`,
    );
    throw new Error(`not settled after ${ms} ms (wanted ${mails} mails): ${JSON.stringify(rows[0])}`);
  });
}

/** The account that all calm customers have; they must agree, or the drill could prove nothing. */
async function wantedAccount(world: World, calm: readonly FlowCustomer[]): Promise<CustomerAccount> {
  const accounts = [...(await accountsOf(world, calm)).values()];
  const wanted = accounts[0]!;
  if (wanted.filter((fact) => fact.startsWith('mail ')).length !== MAILS_EACH)
    throw new Error(`the calm customers are not whole: ${wanted.join('; ')}`);
  const other = accounts.find((account) => account.join('\n') !== wanted.join('\n'));
  if (other) {
    const apart = other.filter((fact, at) => fact !== wanted[at]);
    throw new Error(`the calm customers differ: ${apart.join('; ')}`);
  }
  return wanted;
}

function differing(
  wanted: CustomerAccount,
  found: ReadonlyMap<string, CustomerAccount>,
  customers: readonly FlowCustomer[],
): string[] {
  return customers.flatMap(({ slug, way }) => {
    const account = found.get(slug) ?? [];
    const missing = wanted.filter((fact) => !account.includes(fact)).map((fact) => `${slug} (${way}) lacks: ${fact}`);
    const more = account.filter((fact) => !wanted.includes(fact)).map((fact) => `${slug} (${way}) has: ${fact}`);
    return [...missing, ...more];
  });
}

/** Counters are kept with the outcome: they must count what is there. */
async function countersApart(world: World): Promise<string[]> {
  const { rows } = await world.pool.query<{ outcome: string; counted: number; real: number }>(
    `select coalesce(c.outcome, r.outcome) as outcome, coalesce(c.n, 0) as counted, coalesce(r.n, 0) as real
       from (select substr(name, 7) as outcome, sum(value)::int as n from counters where name like 'mails.%' group by 1) c
       full join (select outcome, count(*)::int as n from mails group by 1) r using (outcome)
      where coalesce(c.n, 0) <> coalesce(r.n, 0)`,
  );
  return rows.map(({ outcome, counted, real }) => `the counter of ${outcome} says ${counted}, there are ${real}`);
}

function shuffled<T>(items: readonly T[], chance: { whole(from: number, to: number): number }): T[] {
  const all = [...items];
  for (let at = all.length - 1; at > 0; at--) {
    const other = chance.whole(0, at);
    [all[at], all[other]] = [all[other]!, all[at]!];
  }
  return all;
}

async function until(holds: () => Promise<boolean> | boolean, ms: number, why = ''): Promise<void> {
  const end = performance.now() + ms;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(why || `still not so after ${ms} ms`);
    await sleep(100);
  }
}
