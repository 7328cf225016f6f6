import type { ManyMails } from '../store/acts/manyMails.ts';
import type { ActBy } from '../store/acts/recordAct.ts';
import { retryParkedMails } from '../store/acts/retryParked.ts';
import { reviewMails } from '../store/acts/reviewMail.ts';
import type { ConsoleDeps } from './deps.ts';

/** What a page and the API can do with many held or parked mails at once. */
export type MailsAct = ActBy & {
  act: 'reject' | 'release' | 'retry';
  ids: readonly number[];
  reason?: string | undefined;
};

/** The caller rings 'decide' after a release and a retry. */
export function changeMails(db: ConsoleDeps['db'], { act, ids, reason, at, actor }: MailsAct): Promise<ManyMails> {
  if (act === 'retry') return retryParkedMails(db, { ids, at, actor });
  const said = act === 'reject' ? 'rejected' : 'not_aws';
  return reviewMails(db, { ids, said, reason: reason ?? null, at, actor });
}
