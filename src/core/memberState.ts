/**
 * The states of a member of a list, the ways between them, and the rule that a live list keeps a confirmed member of the
 * customer. Whoever is on a list holds one of the factors by which root can be recovered.
 */
export const MEMBER_STATES = ['invited', 'confirmed', 'bouncing', 'suspended', 'removed'] as const;
export type MemberState = (typeof MEMBER_STATES)[number];

/** Whose person it is: of the customer, or of the reseller who runs the lists. */
export type MemberSide = 'customer' | 'reseller';

/** `bounce` and `recover` are what mail servers report; the others are acts of persons. */
export type MemberEvent = 'propose' | 'confirm' | 'bounce' | 'recover' | 'suspend' | 'remove';

export type ListState = 'draft' | 'live' | 'released';

export type MemberFact = { id: number; address: string; side: MemberSide; state: MemberState };

/** At most so many on one list, invited and suspended ones counted. */
export const MOST_MEMBERS = 50;

/** A suspended or removed member comes back only as a new addition, with all that it asks for. */
const WAYS: Record<MemberEvent, Partial<Record<MemberState, MemberState>>> = {
  propose: { invited: 'invited', suspended: 'invited', removed: 'invited' },
  confirm: { invited: 'confirmed' },
  bounce: { confirmed: 'bouncing', bouncing: 'bouncing' },
  recover: { bouncing: 'confirmed', confirmed: 'confirmed' },
  suspend: { confirmed: 'suspended', bouncing: 'suspended' },
  remove: { invited: 'removed', confirmed: 'removed', bouncing: 'removed', suspended: 'removed' },
};

/** The state after an event, or null when there is no such way. `from` null: there is no row yet. */
export function nextState(from: MemberState | null, event: MemberEvent): MemberState | null {
  if (from === null) return event === 'propose' ? 'invited' : null;
  return WAYS[event][from] ?? null;
}

/** Whether mail of the list is sent to a member in this state. */
export function receives(state: MemberState): boolean {
  return state === 'confirmed' || state === 'bouncing';
}

/**
 * Whether a member may be removed or suspended. On a live list, which AWS writes to, someone of the customer must stay
 * confirmed; who receives nothing (invited, suspended) and who is of the reseller leaves no gap.
 */
export function mayLeave(list: ListState, members: readonly MemberFact[], memberId: number): boolean {
  if (list !== 'live') return true;
  const leaving = members.find(({ id }) => id === memberId);
  if (leaving === undefined || leaving.side !== 'customer' || !receives(leaving.state)) return true;
  return members.some((other) => other.id !== memberId && isConfirmedCustomer(other));
}

function isConfirmedCustomer({ side, state }: MemberFact): boolean {
  return side === 'customer' && state === 'confirmed';
}
