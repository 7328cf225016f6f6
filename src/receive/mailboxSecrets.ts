import { createHmac } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { MailboxSettings } from '../settings.ts';
import type { Credentials } from './imapConnection.ts';

/** What a mailbox is logged in with. Files are read anew each time, so that a changed secret needs no restart. */
export type MailboxSecrets = {
  /** Rejects when a file cannot be read, or a token endpoint gives no token (see TokenProblem). */
  credentials(): Promise<{ auth: Credentials; secrets: string[] }>;
  /** The server refused the access token: the next login takes a new one. */
  forget(): void;
  /** Keyed hash of the secret as it is now: tells whether it was changed, and gives nothing away. */
  mark(): Promise<string>;
};

/** Takes a new access token for a refresh token; connectors/oauthToken.ts. */
export type TokenSource = (request: {
  url: string;
  clientId: string;
  clientSecret: string | null;
  refreshToken: string;
  scope: string;
}) => Promise<{ accessToken: string; lastsMs: number; refreshToken: string | null }>;

/** A token is renewed so long before it ends (ms). */
const EARLY_MS = 60_000;

/** `key`: of this installation, for marks. */
export function createMailboxSecrets(settings: MailboxSettings, key: Buffer, tokens?: TokenSource): MailboxSecrets {
  const { oauth } = settings;
  const secretOf = async (): Promise<string> => {
    if (oauth !== null) return readSecretFile(oauth.refreshTokenFile, settings.name);
    return settings.passwordFile === null
      ? (settings.password ?? '')
      : readSecretFile(settings.passwordFile, settings.name);
  };
  const mark = async () =>
    createHmac('sha256', key)
      .update(`${settings.user}\0${await secretOf()}`)
      .digest('base64url');
  let held: { accessToken: string; until: number; of: string } | null = null;

  const accessToken = async (): Promise<{ accessToken: string; secrets: string[] }> => {
    if (oauth === null || tokens === undefined) throw new Error('no token source');
    const refreshToken = await secretOf();
    const clientSecret =
      oauth.clientSecretFile === null ? null : await readSecretFile(oauth.clientSecretFile, settings.name);
    const secrets = [refreshToken, ...(clientSecret === null ? [] : [clientSecret])];
    if (held === null || held.of !== refreshToken || performance.now() > held.until) {
      const { tokenUrl: url, clientId, scope } = oauth;
      const token = await tokens({ url, clientId, clientSecret, refreshToken, scope });
      // The old one is void where the endpoint gave another (RFC 6749 §6): written before it is needed again.
      if (token.refreshToken !== null) await writeSecretFile(oauth.refreshTokenFile, token.refreshToken);
      held = {
        accessToken: token.accessToken,
        until: performance.now() + Math.max(0, token.lastsMs - EARLY_MS),
        of: token.refreshToken ?? refreshToken,
      };
    }
    return { accessToken: held.accessToken, secrets: [...secrets, held.accessToken, held.of] };
  };

  return {
    async credentials() {
      if (oauth === null) {
        const pass = await secretOf();
        return { auth: { user: settings.user, pass }, secrets: [pass] };
      }
      const { accessToken: token, secrets } = await accessToken();
      return { auth: { user: settings.user, accessToken: token }, secrets };
    },
    forget() {
      held = null;
    },
    mark,
  };
}

/** Whole or not at all. */
async function writeSecretFile(path: string, secret: string): Promise<void> {
  const beside = `${path}.${process.pid}.new`;
  await writeFile(beside, `${secret}\n`, { mode: 0o600 });
  await rename(beside, path);
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
