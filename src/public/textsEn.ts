/** English. The shape of this object is the shape of every catalogue. */
export const en = {
  lang: 'en',
  title: 'Root mail list',
  customer: 'Customer',
  account: 'AWS account',
  list: 'List',
  address: 'Address',
  proposed: 'Proposed by',
  state: 'State',
  since: 'On the list since',
  arrived: 'Mail arrived last',
  never: 'not said yet',
  ofReseller: 'a person of the service provider',
  states: {
    invited: 'invited',
    confirmed: 'confirmed',
    bouncing: 'mail comes back',
    suspended: 'suspended',
    removed: 'removed',
  },
  power:
    'This list receives every mail that AWS sends to the root user of the account: sign-in codes and password reset links too. Whoever reads it holds one of the factors by which the root user can be recovered, together with the phone number and the MFA devices.',
  approve: {
    title: 'May this person receive root mail?',
    text: 'Every addition to this list needs a second person. Agree only if you know this person and know why they should be on it. You do not have to.',
    yes: 'Agree',
    no: 'Refuse',
  },
  confirm: {
    title: 'Do you want to receive root mail?',
    text: 'You were proposed for this list, and a second person agreed. If you confirm, mail begins at once. You can leave later.',
    yes: 'Confirm',
    no: 'Decline',
  },
  acknowledge: {
    title: 'Does mail of this list reach you?',
    text: 'One click tells us that it does.',
    yes: 'It reached me',
  },
  manage: {
    title: 'Your place on this list',
    text: 'If you leave, you get no more mail of it, and the other members are told.',
    yes: 'Leave the list',
  },
  ask: {
    title: 'Root mail list',
    text: 'Members can see or end their membership by a link that is sent to their own address. Enter it here. The mail that brought you here may have been forwarded, so this page changes nothing by itself.',
    yes: 'Send me the link',
  },
  done: {
    approve: 'You agreed. The person is asked to confirm.',
    approveThird:
      'You agreed. One more person must agree, because root mail of the last 24 hours says that access is being reset.',
    approveMore: 'You agreed. Somebody of the customer must agree too.',
    refuse: 'You refused. The person is not added, and the members are told.',
    confirm: 'You are on the list now.',
    confirmThird:
      'Not yet: root mail of the last 24 hours says that access is being reset. One more person must agree first and was asked. Use this link again then, or tomorrow.',
    decline: 'You declined. You get no mail of this list.',
    acknowledge: 'Thank you. We know now that mail reaches you.',
    leave: 'You left the list. The other members are told.',
    ask: 'If this address is on the list, a link is on its way to it. It works for one hour.',
  },
  refused: {
    last_member:
      'You are the last confirmed person of the customer on this list, and AWS writes to it. Another person must be added before you can leave.',
    proposer: 'You proposed this yourself: somebody else has to agree.',
    own_addition: 'This is about you: somebody else has to agree.',
    approved_already: 'You agreed already.',
    no_approver: 'You cannot agree any more: your own address is no longer confirmed.',
    full: 'The list is full.',
    other: 'This is no longer possible. Nothing was changed.',
  },
  gone: {
    title: 'This link has ended',
    used: 'It was used already. Nothing was changed now.',
    expired: 'It is too old. Nothing was changed.',
    closed: 'What it was for is settled or withdrawn. Nothing was changed.',
  },
  unknown: { title: 'There is nothing here', text: 'Check that the whole link of the mail was opened.' },
  busy: { title: 'Too many requests', text: 'Please try again in a minute.' },
  ours: { title: 'This did not work', text: 'The fault is ours, and nothing was changed. Please try again later.' },
};

export type Texts = typeof en;
