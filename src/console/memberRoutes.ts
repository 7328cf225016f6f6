import { readMemberCopies } from '../store/readMemberCopies.ts';
import { readMemberPlace } from '../store/readMembers.ts';
import type { ChangeHandler } from './changes.ts';
import { NotFound } from './errors.ts';
import { afterProposal, refusal, saying } from './listAnswers.ts';
import { maskDeep } from './mask.ts';
import { erase as eraseOf, exportOne, inviteAgain, takeOff } from './memberActs.ts';
import type { PageHandler } from './pageHandler.ts';
import { erasePage } from './pages/forGoodPage.ts';
import { memberPage } from './pages/memberPage.ts';
import { idParams, parse } from './queries.ts';
import { viewOf } from './requestView.ts';
import { textsFor } from './words/texts.ts';

/** Pages of one member. */

const COPIES = 20;

export const showMember: PageHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const [view, member, copies] = await Promise.all([
    viewOf(deps, request),
    readMemberPlace(deps.db, id),
    readMemberCopies(deps.db, id, COPIES),
  ]);
  if (member === null) throw new NotFound();
  return memberPage(view, member, copies);
};

export const invite: ChangeHandler = async (deps, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { place, result } = await inviteAgain(deps, request, id);
  return afterProposal(reply, textsFor(request), place.listId, place.address, result);
};

const takeOffChange =
  (how: 'remove' | 'suspend'): ChangeHandler =>
  async (deps, request, reply) => {
    const { id } = parse(idParams, request.params);
    const { place, result } = await takeOff(deps, request, id, how);
    if (!result.ok) throw refusal(textsFor(request), place.listId, place.address, result.code);
    return reply.redirect(saying(place.listId, how === 'remove' ? 'removed' : 'suspended'), 303);
  };

export const remove = takeOffChange('remove');
export const suspend = takeOffChange('suspend');

/** Everything that is kept about the address of a member, as a file. */
export const exportPerson: ChangeHandler = async (deps, request, reply) => {
  const { id } = parse(idParams, request.params);
  const [view, { person }] = await Promise.all([viewOf(deps, request), exportOne(deps, request, id)]);
  return reply
    .type('application/json; charset=utf-8')
    .header('content-disposition', `attachment; filename="person-${id}.json"`)
    .send(`${JSON.stringify(maskDeep(person, view.mask), null, 2)}\n`);
};

export const showErase: PageHandler = async (deps, request) => {
  const { id } = parse(idParams, request.params);
  const [view, member] = await Promise.all([viewOf(deps, request), readMemberPlace(deps.db, id)]);
  if (member === null) throw new NotFound();
  return erasePage(view, member);
};

export const erase: ChangeHandler = async (deps, request, reply) => {
  const { id } = parse(idParams, request.params);
  const { place, done } = await eraseOf(deps, request, id);
  if (!done.ok) throw refusal(textsFor(request), place.listId, place.address, done.code);
  return reply.redirect(saying(place.listId, 'erased'), 303);
};
