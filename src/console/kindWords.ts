/** Words for kinds of mail. A kind is data, so an unknown one is made readable from its code. */
export function kindWord(words: Record<string, string>, kind: string | null): string {
  if (kind === null) return '–';
  const own = words[kind];
  if (own !== undefined && Object.hasOwn(words, kind)) return own;
  const tail = kind.slice(kind.lastIndexOf('.') + 1).replaceAll('_', ' ');
  return tail.charAt(0).toUpperCase() + tail.slice(1);
}

export type DeadlineVerb =
  | 'answer'
  | 'pay'
  | 'confirm'
  | 'expires'
  | 'awsStops'
  | 'awsStarts'
  | 'awsCloses'
  | 'awsBlocks'
  | 'awsActs';

/** Who acts, and how: from the sort of the deadline and the group of the kind. */
export function deadlineVerb(kind: string, sort: 'respond' | 'awsActs'): DeadlineVerb {
  if (sort === 'awsActs') {
    if (kind === 'health.scheduled_change') return 'awsStops';
    if (kind === 'health.lifecycle') return 'awsBlocks';
    if (kind.startsWith('support.') || kind === 'quota.increase' || kind.startsWith('account.clos')) return 'awsCloses';
    if (kind === 'account.suspended' || kind === 'billing.suspension_warning') return 'awsCloses';
    if (kind === 'account.service_notice') return 'awsStarts';
    return 'awsActs';
  }
  if (kind.startsWith('billing.') || kind === 'account.suspended') return 'pay';
  if (kind === 'org.invitation' || kind === 'auth.identity_center_invite') return 'expires';
  if (/verification|validation|renewal|registrant/.test(kind)) return 'confirm';
  return 'answer';
}
