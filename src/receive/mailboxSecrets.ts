import { createHmac } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { MailboxSettings } from '../settings.ts';
import type { Credentials } from './imapConnection.ts';

/** What a mailbox is logged in with. Files are read anew each time, so that a changed secret needs no restart. */
export type MailboxSecrets = {
  /** Rejects when a file cannot be read. */
  credentials(): Promise<{ auth: Credentials; secrets: string[] }>;
  /** Keyed hash of the secret as it is now: tells whether it was changed, and gives nothing away. */
  mark(): Promise<string>;
};

/** `key`: of this installation, for marks. */
export function createMailboxSecrets(settings: MailboxSettings, key: Buffer): MailboxSecrets {
  const password = async (): Promise<string> =>
    settings.passwordFile === null ? (settings.password ?? '') : readSecretFile(settings.passwordFile, settings.name);
  return {
    async credentials() {
      const pass = await password();
      return { auth: { user: settings.user, pass }, secrets: [pass] };
    },
    async mark() {
      return createHmac('sha256', key)
        .update(`${settings.user}\0${await password()}`)
        .digest('base64url');
    },
  };
}

/** The secret that a file holds, without its line end. */
async function readSecretFile(path: string, mailbox: string): Promise<string> {
  const hint = 'write the secret into the file and let this user read it';
  let secret: string;
  try {
    secret = (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
  } catch (error) {
    const message = `the secret of mailbox ${mailbox} cannot be read: ${messageOf(error)}`;
    throw new RootdeskError('mailbox.secret', message, hint, { exitCode: EXIT.config });
  }
  if (secret === '') {
    throw new RootdeskError('mailbox.secret', `the file with the secret of mailbox ${mailbox} is empty`, hint, {
      exitCode: EXIT.config,
    });
  }
  return secret;
}
