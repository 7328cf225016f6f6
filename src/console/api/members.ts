import { z } from 'zod';
import { isProbing } from '../../core/probe.ts';
import { RootdeskError } from '../../lib/errors.ts';
import { writeMemberTable } from '../../lib/memberTable.ts';
import { noteExport } from '../../store/forgetPerson.ts';
import { actorOf, type MembershipResult } from '../../store/membership.ts';
import { probeNow } from '../../store/probeNow.ts';
import type { LineVerdict } from '../../store/proposeTable.ts';
import { readListPage } from '../../store/readListPage.ts';
import { readLists } from '../../store/readLists.ts';
import { readMembersOfList } from '../../store/readMembers.ts';
import { NotFound } from '../errors.ts';
import {
  erase,
  exportOne,
  importMembers,
  inviteAgain,
  issueAddress,
  nameSchema,
  operatorOf,
  propose,
  release,
  takeOff,
} from '../memberActs.ts';
import { idParams, parse, slugParams } from '../queries.ts';
import { lists as words } from '../words/en/lists.ts';
import { type Answer, endpoint } from './endpoint.ts';
import { conflict } from './shapes.ts';

/** Lists and members, as the pages have them. Nothing here approves or confirms. */

const refused = { status: 409, description: 'The rules refuse it; nothing was changed.', schema: conflict };
const TWO_PERSONS =
  'It only proposes: a second person approves by a link in their mail, and the member confirms by another. The proposer is the user of this system at the other end of the connection; where the system does not say who that is, it is refused.';

const done = z.strictObject({
  member: z.int(),
  address: z.string(),
  change: z.string().nullable().describe('`member.invited`, `member.removed` …; null: mails were sent again.'),
  missing: z.enum(['second', 'third']).nullable().describe('Whose approval it waits for.'),
  asked: z.int().describe('Persons who were asked to approve.'),
});

export const issueList = endpoint({
  method: 'POST',
  path: '/customers/:slug/lists',
  tag: 'Lists',
  summary: 'Issue a root address for a management account',
  description: 'Unguessable, and never given out again. It is masked here; the page of the list shows it once.',
  params: slugParams,
  body: z.strictObject({ account: z.string().regex(/^\d{12}$/, 'is no AWS account id') }),
  answer: z.strictObject({ list: z.int(), address: z.string() }),
  errors: [refused],
  async handle(deps, { params: { slug }, body }, request) {
    try {
      const { id, address } = await issueAddress(deps, request, { slug, account: body.account });
      return { body: { list: id, address } };
    } catch (error) {
      if (!(error instanceof RootdeskError)) throw error;
      if (error.code === 'list.customer') throw new NotFound();
      return { status: 409, body: { error: { code: error.code, message: error.message } } };
    }
  },
});

export const releaseAddress = endpoint({
  method: 'POST',
  path: '/lists/:id/release',
  tag: 'Lists',
  summary: 'Release a root address, for good',
  description:
    'First give the account another root address in AWS. Members are told and get no more mail of it, also none that waits; additions under way end. Mail that still comes is kept and becomes tickets. The address is never given out again and never comes back: there is no undo. `forGood` must be true.',
  params: idParams,
  body: z.strictObject({ forGood: z.literal(true) }),
  answer: z.strictObject({ released: z.boolean().describe('false: it was released before.') }),
  async handle(deps, { params: { id } }, request) {
    return { body: { released: await release(deps, request, id) } };
  },
});

export const askProbe = endpoint({
  method: 'POST',
  path: '/lists/:id/probe',
  tag: 'Lists',
  summary: 'Probe the way to a root address now',
  description: 'For whoever mended it and would have to wait for the next probe, which leaves within half a minute.',
  params: idParams,
  answer: z.strictObject({ asked: z.boolean().describe('false: one is on its way already.') }),
  errors: [refused],
  async handle(deps, { params: { id } }, request) {
    const refuse = (code: string, message: string) => ({ status: 409 as const, body: { error: { code, message } } });
    if (!isProbing(deps.settings)) return refuse('probes_off', words.probesOff);
    const by = await operatorOf(deps, request);
    const asked = await probeNow(deps.db, { listId: id, actor: actorOf(by), now: deps.clock.now() });
    if (asked === null) throw new NotFound();
    if (asked === 'not_probed') return refuse('not_probed', words.notProbed);
    return { body: { asked: asked === 'asked' } };
  },
});

export const addMember = endpoint({
  method: 'POST',
  path: '/lists/:id/members',
  tag: 'Lists',
  summary: 'Propose a member',
  description: TWO_PERSONS,
  params: idParams,
  body: z.strictObject({
    address: z.string().min(1).max(320),
    name: z.string().max(100).optional().describe('Whose address it is, for the pages of the list.'),
  }),
  answer: done,
  errors: [refused],
  async handle(deps, { params: { id }, body }, request) {
    const name = body.name === undefined ? null : parse(nameSchema, body.name);
    return answerOf(await propose(deps, request, { listId: id, address: body.address, name }));
  },
});

const line = z.strictObject({
  line: z.int(),
  address: z.string(),
  ok: z.boolean(),
  code: z.string().describe('`proposed`, `known`, or why not.'),
  verdict: z.string(),
});

export const importTable = endpoint({
  method: 'POST',
  path: '/lists/:id/members/import',
  tag: 'Lists',
  summary: 'Propose every line of a CSV table, or none',
  description: `Columns: address and, where they are there, name, list and customer. With dryRun nothing is written. ${TWO_PERSONS}`,
  params: idParams,
  body: z.strictObject({ table: z.string().min(1).max(60_000), dryRun: z.boolean() }),
  answer: z.strictObject({ applied: z.boolean(), lines: z.array(line) }),
  async handle(deps, { params: { id }, body }, request) {
    const list = await readListPage(deps.db, { listId: id, now: deps.clock.now() });
    if (list === null) throw new NotFound();
    const what = { slug: list.customer, listId: id, table: body.table, dryRun: body.dryRun };
    const { applied, verdicts } = await importMembers(deps, request, what);
    return { body: { applied, lines: verdicts.map(lineOf) } };
  },
});

export const exportTable = endpoint({
  method: 'POST',
  path: '/lists/:id/members/export',
  tag: 'Lists',
  summary: 'The members as a CSV table',
  description:
    'Safe to open in a spreadsheet. The column list is left empty, because root addresses are masked here. The log of the customer says who took it.',
  params: idParams,
  answer: z.strictObject({ table: z.string() }),
  async handle(deps, { params: { id } }, request) {
    if ((await readLists(deps.db, { id }, null, 1)).length === 0) throw new NotFound();
    await noteExport(deps.db, { lists: [id], actor: actorOf(await operatorOf(deps, request)), at: deps.clock.now() });
    const rows = await readMembersOfList(deps.db, id);
    return { body: { table: writeMemberTable(rows.map((row) => ({ ...row, list: '' }))) } };
  },
});

export const sendAgain = endpoint({
  method: 'POST',
  path: '/members/:id/invite',
  tag: 'Lists',
  summary: 'Send the mails of an addition again',
  params: idParams,
  answer: done,
  errors: [refused],
  async handle(deps, { params: { id } }, request) {
    return answerOf((await inviteAgain(deps, request, id)).result);
  },
});

const takeOffBy = (how: 'remove' | 'suspend', summary: string) =>
  endpoint({
    method: 'POST',
    path: `/members/:id/${how}`,
    tag: 'Lists',
    summary,
    description: 'At once, by one person. The last confirmed member of the customer on a live list stays.',
    params: idParams,
    answer: done,
    errors: [refused],
    async handle(deps, { params: { id } }, request) {
      return answerOf((await takeOff(deps, request, id, how)).result);
    },
  });

export const remove = takeOffBy('remove', 'Remove a member');
export const suspend = takeOffBy('suspend', 'Suspend a member');

export const exportPerson = endpoint({
  method: 'POST',
  path: '/members/:id/person',
  tag: 'Lists',
  summary: 'All that is kept about the person behind a member',
  description:
    'About the address, on lists of all customers; no text of any mail, and root addresses are masked. The log of each customer says who took it.',
  params: idParams,
  answer: z.strictObject({ person: z.record(z.string(), z.unknown()) }),
  async handle(deps, { params: { id } }, request) {
    return { body: { person: (await exportOne(deps, request, id)).person } };
  },
});

export const erasePerson = endpoint({
  method: 'POST',
  path: '/members/:id/erase',
  tag: 'Lists',
  summary: 'Take the person behind a member off every list and erase them',
  description:
    'All or nothing: the last confirmed member of the customer on a live list stays. Numbers stay, so that the log verifies. There is no undo. `forGood` must be true.',
  params: idParams,
  body: z.strictObject({ forGood: z.literal(true) }),
  answer: z.strictObject({ memberships: z.int().describe('That were erased.') }),
  errors: [refused],
  async handle(deps, { params: { id } }, request) {
    const { done: erased } = await erase(deps, request, id);
    if (erased.ok) return { body: { memberships: erased.count } };
    return { status: 409, body: { error: { code: erased.code, message: words.refusals[erased.code] } } };
  },
});

function answerOf(result: MembershipResult): Answer {
  if (result.ok) {
    const { memberId: member, address, change, missing, asked } = result;
    return { body: { member, address, change, missing, asked } };
  }
  if (result.code === 'no_list' || result.code === 'no_member') throw new NotFound();
  return { status: 409, body: { error: { code: result.code, message: words.refusals[result.code] } } };
}

function lineOf({ line: number, address, result }: LineVerdict): z.output<typeof line> {
  if (!result.ok) {
    const { code } = result;
    return { line: number, address, ok: code === 'already_member', code, verdict: words.refusals[code] };
  }
  const code = result.change === null ? ('known' as const) : ('proposed' as const);
  return { line: number, address, ok: true, code, verdict: words.verdictOk[code === 'known' ? 'known' : 'new'] };
}
