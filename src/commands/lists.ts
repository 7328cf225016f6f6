import { randomBytes } from 'node:crypto';
import { isProbing } from '../core/probe.ts';
import { EXIT, RootdeskError } from '../lib/errors.ts';
import { print } from '../lib/output.ts';
import { ROOT_ADDRESS_BYTES } from '../lib/rootAddress.ts';
import type { Settings } from '../settings.ts';
import { createList, type ListRow, listLists, showList } from '../store/lists.ts';
import { probeNow } from '../store/probeNow.ts';
import { releaseList } from '../store/releaseList.ts';
import { actor } from './customers.ts';
import { ringAct } from './ringAct.ts';
import { withBase } from './withBase.ts';

/** `rootdesk lists create`: gives out an unguessable root address for a management account. */
export async function create(settings: Settings, slug: string, options: { account: string }): Promise<void> {
  const domain = settings.lists.rootDomain;
  if (domain === null) {
    const hint = 'set ROOTDESK_ROOT_DOMAIN, publish what rootdesk dns prints, and try again';
    throw new RootdeskError('list.domain', 'no domain for root addresses is set', hint, { exitCode: EXIT.config });
  }
  const account = options.account.replace(/^(\d{4})-(\d{4})-(\d{4})$/, '$1$2$3');
  if (!/^\d{12}$/.test(account)) {
    const hint = 'an AWS account id has 12 digits';
    throw new RootdeskError('list.account', 'the account is no AWS account id', hint, { exitCode: EXIT.usage });
  }
  const random = randomBytes(ROOT_ADDRESS_BYTES);
  await withBase(settings, async ({ db, clock }) => {
    const { address } = await createList(db, { slug, account, domain, random, actor: actor(), at: clock.now() });
    print(`${address}\n`);
  });
}

/** `rootdesk lists list`. */
export async function list(settings: Settings, options: { customer?: string; json?: boolean }): Promise<void> {
  await withBase(settings, async ({ db }) => {
    const rows = await listLists(db, options.customer ?? null);
    if (options.json) {
      for (const row of rows) print(`${JSON.stringify(jsonOf(row))}\n`);
    } else if (rows.length === 0) {
      print('There are no root addresses yet: rootdesk lists create gives one out.\n');
    } else {
      print(`${[HEADING, ...rows.map(textLine)].join('\n')}\n`);
    }
  });
}

/** `rootdesk lists show`. */
export async function show(settings: Settings, address: string, options: { json?: boolean }): Promise<void> {
  await withBase(settings, async ({ db }) => {
    const { list: row, members, deliveries } = await showList(db, address);
    if (options.json) {
      print(`${JSON.stringify({ ...jsonOf(row), memberList: members, deliveries })}\n`);
      return;
    }
    const copies = deliveries.map(({ state, count }) => `${count} ${state}`).join(', ') || 'none yet';
    const lines = [HEADING, textLine(row), '', `copies  ${copies}`, ''];
    lines.push(members.length === 0 ? 'It has no members: copies go to nobody.' : 'members');
    for (const { address: member, state, wrapped, changedAt } of members)
      lines.push(`  ${state.padEnd(10)} ${day(changedAt)}  ${member}${wrapped ? '  (copies are wrapped)' : ''}`);
    print(`${lines.join('\n')}\n`);
  });
}

/** `rootdesk lists probe`: the next probe of this address leaves at once; the health page and `lists` say when it came back. */
export async function probe(settings: Settings, address: string): Promise<void> {
  if (!isProbing(settings)) {
    const hint = 'set outgoing.host, and probes.everyMinutes above 0';
    throw new RootdeskError('list.probes', 'no probes are sent', hint, { exitCode: EXIT.config });
  }
  await withBase(settings, async ({ db, clock }) => {
    const { list: row } = await showList(db, address);
    const asked = await probeNow(db, { listId: row.id, actor: actor(), now: clock.now() });
    if (asked === 'not_probed') {
      const hint = 'released addresses and lists of other programs get no probes';
      throw new RootdeskError('list.not_probed', `${row.address} is not probed`, hint, { exitCode: EXIT.usage });
    }
    print(
      asked === 'asked'
        ? 'A probe leaves within half a minute; the health page says when it came back.\n'
        : 'A probe is on its way already.\n',
    );
  });
}

/** `rootdesk lists release`: for good, so it asks for `--yes`, and says before what follows. */
export async function release(settings: Settings, address: string, options: { yes?: boolean }): Promise<void> {
  await withBase(settings, async (base) => {
    const { list: row } = await showList(base.db, address);
    if (row.state === 'released') {
      print(`${row.address} was released before.\n`);
      return;
    }
    if (!options.yes) {
      const heard = row.lastMailAt ? `the last mail came on ${day(row.lastMailAt)}` : 'no mail has come yet';
      throw new RootdeskError(
        'list.release',
        `${row.address} would be released for good: nobody of its ${row.receiving === 1 ? 'one member' : `${row.receiving} members`} gets a copy any more (${heard}), and it is never given out again; mail that still comes is kept and becomes tickets`,
        'first give the account another root address in AWS, then repeat with --yes',
        { exitCode: EXIT.usage },
      );
    }
    const isNew = await releaseList(base.db, { listId: row.id, actor: actor(), at: base.clock.now() });
    if (isNew) await ringAct(settings, base);
    print(isNew ? `${row.address} is released; its members are told.\n` : `${row.address} was released before.\n`);
  });
}

const HEADING = `${'customer'.padEnd(20)} ${'account'.padEnd(12)} ${'state'.padEnd(8)} ${'get copies'.padStart(10)}  ${'last mail'.padEnd(10)}  address`;

function textLine(row: ListRow): string {
  const columns = [row.slug.padEnd(20), (row.account ?? '').padEnd(12), row.state.padEnd(8)];
  columns.push(`${row.receiving} of ${row.members}`.padStart(10));
  return `${columns.join(' ')}  ${(row.lastMailAt ? day(row.lastMailAt) : 'none yet').padEnd(10)}  ${row.address}`;
}

function day(at: Date): string {
  return at.toISOString().slice(0, 10);
}

function jsonOf({ address, slug, account, state, receiving, members, createdAt, lastMailAt }: ListRow) {
  return { address, customer: slug, account, state, receiving, members, createdAt, lastMailAt };
}
