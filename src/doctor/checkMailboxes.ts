import { tryMailbox } from '../receive/tryMailbox.ts';
import type { MailboxSettings, Settings } from '../settings.ts';
import type { Finding } from './finding.ts';

/** Whether every IMAP mailbox of the settings lets us in. Nothing in it is read or changed. */
export async function checkMailboxes({ mailboxes }: Settings): Promise<Finding[]> {
  return await Promise.all(mailboxes.map(checkMailbox));
}

async function checkMailbox(mailbox: MailboxSettings): Promise<Finding> {
  const { name, host, port, folder, user } = mailbox;
  const place = `${name}: ${folder} of ${user} at ${host}:${port}`;
  const tried = await tryMailbox(mailbox);
  if ('mails' in tried) return { name: 'mailbox', state: 'ok', text: `${place}, ${tried.mails} mails` };
  const { problem } = tried;
  const hint = /certificate/i.test(problem)
    ? 'start with NODE_EXTRA_CA_CERTS=FILE that holds the certificate of its issuer (PEM)'
    : 'check host, port, user, passwordFile and folder of this mailbox in the settings file';
  return { name: 'mailbox', state: 'bad', text: `${place}: ${problem}`, hint };
}
