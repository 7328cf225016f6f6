import type { MailboxSettings } from '../settings.ts';
import { imapClient } from './imapClient.ts';
import { mailboxProblem } from './mailboxProblem.ts';

/** The number of mails in the folder, or in one line why it cannot be watched. */
export type MailboxTry = { mails: number } | { problem: string };

const HEAD_BYTES = 64 * 1024;

/** Connects, logs in and opens the folder read-only, as the watcher does; reads and changes nothing. */
export async function tryMailbox(settings: MailboxSettings): Promise<MailboxTry> {
  const client = imapClient(settings, HEAD_BYTES);
  client.on('error', () => {}); // the command that fails says it
  try {
    await client.connect();
    if (settings.requireTls && !client.secureConnection) return { problem: 'the connection is not encrypted' };
    const { exists } = await client.mailboxOpen(settings.folder, { readOnly: true });
    return { mails: exists };
  } catch (error) {
    return { problem: mailboxProblem(error, settings) };
  } finally {
    client.close();
  }
}
