import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { ensureDebian } from './debian.ts';
import { answers, freePort } from './freePort.ts';

export type DovecotServer = {
  imapPort: number;
  /** IMAP over TLS; null without `tls`. */
  imapsPort: number | null;
  /** Of the master process; all others are below it. */
  pid(): number;
  /** Delivers to any user: the mailbox is made at the first mail. */
  lmtpPort: number;
  /** The folder of a user's mail (Maildir). */
  maildir(user: string): string;
  /** Forgets the UIDs of a user's INBOX: the server gives new ones under another UIDVALIDITY. */
  renumber(user: string): void;
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Stops it and removes its folder. */
  remove(): Promise<void>;
};

export type DovecotOptions = {
  /** What it says that it can do, in place of all. */
  capability?: string;
  /** Where it asks whether an access token holds (XOAUTH2, OAUTHBEARER), beside passwords. */
  introspectUrl?: string;
  /** SASL mechanisms that it offers, in place of all. */
  mechanisms?: string;
  /** Key and certificate (PEM): it listens with TLS too. */
  tls?: { key: Buffer; cert: Buffer };
  /** Connections at once, when they are many. Its mail belongs to a user of its own then: inotify is short a user. */
  sessions?: number;
};

export const DOVECOT_PASSWORD = 'secret';

/** A private Dovecot (IMAP and LMTP in clear text on loopback); every user has the password DOVECOT_PASSWORD. */
export async function startDovecot(options: DovecotOptions = {}): Promise<DovecotServer> {
  const binary = await ensureDebian('dovecot', ['dovecot-imapd', 'dovecot-lmtpd']);
  await ensureDebian('/usr/lib/dovecot/lmtp', ['dovecot-imapd', 'dovecot-lmtpd']);
  // Socket paths are short: at most 108 bytes.
  const folder = mkdtempSync('/tmp/rd-dc-');
  chmodSync(folder, 0o755);
  const isRoot = process.getuid?.() === 0;
  mkdirSync(join(folder, 'mail'));
  if (isRoot) chownSync(join(folder, 'mail'), options.sessions ? MANY : NOBODY, NOGROUP);
  const imapPort = await freePort();
  const imapsPort = options.tls ? await freePort() : null;
  const lmtpPort = await freePort();
  const config = join(folder, 'dovecot.conf');
  writeFileSync(config, configFor(folder, isRoot, { imapPort, imapsPort, lmtpPort }, options));
  let child: ChildProcess | null = null;

  const start = async () => {
    const log = join(folder, 'dovecot.log');
    const started = spawn(binary, ['-c', config, '-F'], { stdio: ['ignore', 'ignore', 'pipe'] });
    child = started;
    let output = '';
    started.stderr.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });
    const failed = () =>
      started.exitCode === null ? null : `dovecot ended with ${started.exitCode}: ${output} ${readQuietly(log)}`;
    await answers(imapPort, failed);
    await answers(lmtpPort, failed);
  };
  const stop = async () => {
    const ending = child;
    child = null;
    if (!ending || ending.exitCode !== null) return;
    const gone = once(ending, 'exit');
    ending.kill('SIGTERM');
    await gone;
  };

  await start();
  return {
    imapPort,
    imapsPort,
    lmtpPort,
    pid: () => child!.pid!,
    maildir: (user) => join(folder, 'mail', user, 'Maildir'),
    renumber(user) {
      const maildir = join(folder, 'mail', user, 'Maildir');
      for (const file of ['dovecot-uidlist', 'dovecot.index', 'dovecot.index.log', 'dovecot.index.cache']) {
        rmSync(join(maildir, file), { force: true });
      }
    },
    start,
    stop,
    async remove() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

const NOBODY = 65534;
const NOGROUP = 65534;
/** A user that owns nothing else. */
const MANY = 64999;

function configFor(
  folder: string,
  isRoot: boolean,
  { imapPort, imapsPort, lmtpPort }: Pick<DovecotServer, 'imapPort' | 'imapsPort' | 'lmtpPort'>,
  options: DovecotOptions,
): string {
  const { username } = userInfo();
  const owner = isRoot ? (options.sessions ? String(MANY) : 'nobody') : username;
  const group = isRoot ? 'nogroup' : String(userInfo().gid);
  return `
base_dir = ${folder}/run
state_dir = ${folder}/state
log_path = ${folder}/dovecot.log
protocols = imap lmtp
listen = 127.0.0.1
default_internal_user = ${isRoot ? 'dovecot' : username}
default_login_user = ${isRoot ? 'dovenull' : username}
mail_uid = ${owner}
mail_gid = ${group}
first_valid_uid = 1
mail_location = maildir:${folder}/mail/%u/Maildir
disable_plaintext_auth = no
auth_mechanisms = ${options.mechanisms ?? `plain login${options.introspectUrl ? ' xoauth2 oauthbearer' : ''}`}
auth_failure_delay = 0
${tlsSettings(folder, options)}${oauthPassdb(folder, options)}passdb {
  driver = static
  args = password=${DOVECOT_PASSWORD}
  mechanisms = plain login
}
userdb {
  driver = static
  args = uid=${owner} gid=${group} home=${folder}/mail/%u allow_all_users=yes
}
namespace inbox {
  inbox = yes
}
service imap-login {
  chroot =
  inet_listener imap {
    address = 127.0.0.1
    port = ${imapPort}
  }
  inet_listener imaps {
    port = ${imapsPort ?? 0}
    ssl = yes
  }
  ${options.sessions ? 'service_count = 0\n  vsz_limit = 2 G' : ''}
}
service lmtp {
  inet_listener lmtp {
    address = 127.0.0.1
    port = ${lmtpPort}
  }
}
${options.capability ? `imap_capability = ${options.capability}` : ''}
service anvil {
  chroot =
  # No growing pauses after refused logins: all tests come from one address.
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
${options.sessions ? `default_client_limit = ${2 * options.sessions + 500}\ndefault_process_limit = ${options.sessions + 200}\nservice imap {\n  process_limit = ${options.sessions + 200}\n}\n` : ''}`;
}

function tlsSettings(folder: string, { tls }: DovecotOptions): string {
  if (!tls) return 'ssl = no\n';
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  writeFileSync(key, tls.key, { mode: 0o600 });
  writeFileSync(cert, tls.cert);
  return `ssl = yes\nssl_cert = <${cert}\nssl_key = <${key}\n`;
}

function oauthPassdb(folder: string, { introspectUrl }: DovecotOptions): string {
  if (introspectUrl === undefined) return '';
  const file = join(folder, 'oauth2.conf.ext');
  writeFileSync(
    file,
    `introspection_url = ${introspectUrl}\nintrospection_mode = post\nusername_attribute = username\nactive_attribute = active\nactive_value = true\n`,
  );
  return `passdb {\n  driver = oauth2\n  mechanisms = xoauth2 oauthbearer\n  args = ${file}\n}\n`;
}

function readQuietly(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-2000);
  } catch {
    return '';
  }
}
