import type { FastifyReply } from 'fastify';
import { z } from 'zod';
import { isProbing } from '../core/probe.ts';
import { RootdeskError } from '../lib/errors.ts';
import { writeMemberTable } from '../lib/memberTable.ts';
import { noteExport } from '../store/forgetPerson.ts';
import { showAddress } from '../store/lists.ts';
import { actorOf } from '../store/membership.ts';
import { probeNow } from '../store/probeNow.ts';
import { readListPage } from '../store/readListPage.ts';
import { readLists } from '../store/readLists.ts';
import { readMembersOfList } from '../store/readMembers.ts';
import type { ChangeHandler } from './changes.ts';
import type { ConsoleDeps } from './deps.ts';
import { Conflict, NotFound } from './errors.ts';
import type { Html } from './html.ts';
import { afterProposal, SAID, saying } from './listAnswers.ts';
import { importMembers, issueAddress, nameSchema, operatorOf, propose, release as releaseOf } from './memberActs.ts';
import type { PageHandler } from './pageHandler.ts';
import { releasePage } from './pages/forGoodPage.ts';
import { importPage } from './pages/importPage.ts';
import { listPage } from './pages/listPage.ts';
import { listsPage } from './pages/listsPage.ts';
import { idKeySchema, packedKey } from './pagingKey.ts';
import { emptyIsAbsent, idParams, parse, slugParams } from './queries.ts';
import { viewOf } from './requestView.ts';
import { textsFor } from './words/texts.ts';

/** Pages of lists and members. Whatever adds somebody only proposes. */

const LISTS = 100;

export const showLists: PageHandler = async (deps, request) => {
  const { after } = parse(z.object({ after: emptyIsAbsent(packedKey(idKeySchema)) }), request.query);
  const [view, rows] = await Promise.all([viewOf(deps, request), readLists(deps.db, {}, after?.id ?? null, LISTS + 1)]);
  const last = rows[LISTS - 1];
  const next = rows.length > LISTS && last ? { id: last.id } : null;
  return listsPage(view, rows.slice(0, LISTS), next);
};

const listQuery = z.object({ said: emptyIsAbsent(z.enum(SAID)), history: emptyIsAbsent(z.literal('all')) });

export const showList: PageHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const { said, history } = parse(listQuery, request.query);
  const [view, list] = await Promise.all([viewOf(deps, request), findList(deps, id, history === 'all')]);
  const isProbed = isProbing(deps.settings);
  return listPage(view, list, { said: said === undefined ? null : view.t.lists.said[said], shown: null, isProbed });
};

export const showImport: PageHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const [view, list] = await Promise.all([viewOf(deps, request), findList(deps, id)]);
  return importPage(view, list, null);
};

const importForm = z.object({ table: z.string().max(60_000), propose: emptyIsAbsent(z.literal('1')) });

/** The first time a verdict a line, the second time the proposals; refused lines propose nothing. */
export const takeImport: ChangeHandler = async (deps, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { table, propose: sure } = parse(importForm, request.body);
  const list = await findList(deps, id);
  const what = { slug: list.customer, listId: id, table, dryRun: sure === undefined };
  const done = await importMembers(deps, request, what);
  if (done.applied) return reply.redirect(saying(id, 'imported'), 303);
  return sendPage(reply, importPage(await viewOf(deps, request), list, { table, ...done }));
};

/** A table of this list, for a spreadsheet. Root addresses are whole in it, since it can be imported: the log says so. */
export const exportMembers: ChangeHandler = async (deps, request, reply) => {
  const { id } = parse(idParams, request.params);
  const [by, rows] = await Promise.all([operatorOf(deps, request), readMembersOfList(deps.db, id)]);
  const noted = { actor: actorOf(by), at: deps.clock.now() };
  if ((await showAddress(deps.db, { listId: id, ...noted })) === null) throw new NotFound();
  await noteExport(deps.db, { lists: [id], ...noted });
  return reply
    .type('text/csv; charset=utf-8')
    .header('content-disposition', `attachment; filename="members-${id}.csv"`)
    .send(writeMemberTable(rows));
};

const addressForm = z.object({
  address: z.string().trim().min(1).max(320),
  name: emptyIsAbsent(nameSchema),
});

export const proposeOne: ChangeHandler = async (deps, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { address, name } = parse(addressForm, request.body);
  const result = await propose(deps, request, { listId: id, address, name: name ?? null });
  if (!result.ok && result.code === 'no_list') throw new NotFound();
  return afterProposal(reply, textsFor(request), id, address, result);
};

/** The root address whole, on this one answer; the log of the customer says who saw it. */
export const showOnce: ChangeHandler = async (deps, request, reply) => {
  const { id } = parse(idParams, request.params);
  const by = await operatorOf(deps, request);
  const shown = await showAddress(deps.db, { listId: id, actor: actorOf(by), at: deps.clock.now() });
  if (shown === null) throw new NotFound();
  const [view, list] = await Promise.all([viewOf(deps, request), findList(deps, id)]);
  return sendPage(
    reply,
    listPage({ ...view, here: `/lists/${id}` }, list, { said: null, shown, isProbed: isProbing(deps.settings) }),
  );
};

const accountForm = z.object({ account: z.string().regex(/^\d{12}$/, 'is no AWS account id') });

export const issue: ChangeHandler = async (deps, request, reply) => {
  const { slug } = parse(slugParams, request.params);
  const { account } = parse(accountForm, request.body);
  try {
    const { id } = await issueAddress(deps, request, { slug, account });
    return await reply.redirect(saying(id, 'issued'), 303);
  } catch (error) {
    if (error instanceof RootdeskError)
      throw new Conflict(error.message, `/customers/${slug}`, textsFor(request).lists.back);
    throw error;
  }
};

export const showRelease: PageHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const [view, list] = await Promise.all([viewOf(deps, request), findList(deps, id)]);
  if (list.state === 'released')
    throw new Conflict(view.t.lists.refusals.list_released, `/lists/${id}`, view.t.lists.back);
  return releasePage(view, list);
};

/** For whoever mended the way to an address and would have to wait for the next probe. */
export const probe: ChangeHandler = async (deps, request, reply) => {
  const { id } = parse(idParams, request.params);
  const t = textsFor(request);
  const refuse = (why: string) => new Conflict(why, `/lists/${id}`, t.lists.back);
  if (!isProbing(deps.settings)) throw refuse(t.lists.probesOff);
  const by = await operatorOf(deps, request);
  const asked = await probeNow(deps.db, { listId: id, actor: actorOf(by), now: deps.clock.now() });
  if (asked === null) throw new NotFound();
  if (asked === 'not_probed') throw refuse(t.lists.notProbed);
  return reply.redirect(saying(id, asked === 'asked' ? 'probed' : 'probing'), 303);
};

/** For good: nothing takes it back, so no line offers to. */
export const release: ChangeHandler = async (deps, request, reply) => {
  const { id } = parse(idParams, request.params);
  const t = textsFor(request);
  const isNew = await releaseOf(deps, request, id);
  if (!isNew) throw new Conflict(t.lists.refusals.list_released, `/lists/${id}`, t.lists.back);
  return reply.redirect(saying(id, 'released'), 303);
};

async function findList(deps: ConsoleDeps, listId: number, allHistory = false) {
  const list = await readListPage(deps.db, { listId, now: deps.clock.now(), allHistory });
  if (list === null) throw new NotFound();
  return list;
}

function sendPage(reply: FastifyReply, page: Html): FastifyReply {
  return reply.type('text/html; charset=utf-8').send(page.text);
}
