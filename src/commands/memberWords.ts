import type { MembershipResult } from '../store/membership.ts';

/** One sentence on what became of an act. */
export function verdictText(result: MembershipResult): string {
  if (!result.ok) return REFUSALS[result.code];
  const { change, missing, asked } = result;
  if (change === 'member.removed') return 'removed; everybody on the list is told';
  if (change === 'member.suspended') return 'suspended; everybody on the list is told';
  const done = change === null ? 'proposed before' : 'proposed';
  if (missing === null) return `${done} and approved: the member is asked to confirm`;
  const who = missing === 'second' ? 'a second person' : 'a third person, because of a reset mail of the last 24 hours';
  if (asked > 0) return `${done}: waits for ${who} (${asked} asked by mail)`;
  return `${done}: waits for ${who}, and nobody can be asked: name approvers in membership.approvers (ROOTDESK_APPROVERS)`;
}

const REFUSALS: Record<Extract<MembershipResult, { ok: false }>['code'], string> = {
  bad_address: 'is no mail address that every mail server takes',
  own_address: 'is an address of ours: mail would go round',
  no_domains: 'the customer has no memberDomains yet: name them in the customers file and import it',
  domain_not_allowed: 'its domain is neither in memberDomains of the customer nor in membership.resellerDomains',
  list_released: 'the list is released',
  already_member: 'is on the list already',
  list_full: 'the list is full (50)',
  no_approver: 'may not approve',
  own_addition: 'nobody approves their own addition',
  proposer: 'nobody approves what they proposed',
  approved_already: 'approved already',
  unknown_proposer: 'who proposes is not known to the system: run the command as a user with a name',
  no_member: 'is not on the list',
  no_proposal: 'nothing is proposed',
  not_approved: 'nobody has approved yet',
  wrong_state: 'is in a state that does not allow it',
  last_member: 'is the last confirmed member of the customer on a live list: add another one first',
  no_list: 'the list does not exist',
  link_used: 'the link was used or is too old',
};
