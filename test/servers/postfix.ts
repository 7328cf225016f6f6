import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureDebian, MissingPackage } from './debian.ts';
import { answers, freePort } from './freePort.ts';

export type PostfixServer = {
  /** Takes mail for the domain and hands it over by LMTP. */
  smtpPort: number;
  /** What it calls itself: in Received and LHLO. */
  hostname: string;
  /** Its mail log. */
  log(): string;
  /** Tries everything in its queue now. */
  flush(): void;
  remove(): Promise<void>;
};

export type PostfixOptions = {
  domain: string;
  lmtpPort: number;
  /** Further domains that it takes mail for, each with its transport: `smtp:[127.0.0.1]:25`, `error:5.1.1 gone`. */
  routes?: Readonly<Record<string, string>>;
  /** Domains all of whose mail goes into one mailbox, with X-Original-To on top. */
  catchAll?: Readonly<Record<string, string>>;
  /** The same, but the local part goes behind a + and nothing else tells: `rootmail+$1@mb.test`. */
  catchAllPlus?: Readonly<Record<string, string>>;
  /** Lines at the end of main.cf: what they set goes before. */
  lines?: string;
};

/** A private Postfix that takes mail for `domain` and hands it over by LMTP to `lmtpPort`. Needs root. */
export async function startPostfix(options: PostfixOptions): Promise<PostfixServer> {
  const binary = await ensureDebian('postfix', ['postfix']);
  if (process.getuid?.() !== 0)
    throw new MissingPackage('postfix', ['postfix'], 'it is there, but only root may run it');
  const folder = mkdtempSync('/tmp/rd-pf-');
  chmodSync(folder, 0o755);
  const etc = join(folder, 'etc');
  for (const part of ['etc', 'queue', 'data']) mkdirSync(join(folder, part));
  const { status } = spawnSync('chown', ['postfix', join(folder, 'data')]);
  if (status !== 0) throw new Error('the user postfix does not exist');
  const smtpPort = await freePort();
  const hostname = 'mx.root.test';
  writeFileSync(join(etc, 'main.cf'), lastOfEach(mainConfig(folder, hostname, options)));
  const catchAll = Object.entries(options.catchAll ?? {});
  writeFileSync(
    join(etc, 'virtual'),
    [...catchAll, ...Object.entries(options.catchAllPlus ?? {})]
      .map(([domain, box]) => `/^(.+)@${domain.replaceAll('.', '\\.')}$/ ${box}\n`)
      .join(''),
  );
  writeFileSync(join(etc, 'master.cf'), masterConfig(smtpPort, catchAll.length > 0));
  const run = (...args: string[]) => spawnSync(binary, ['-c', etc, ...args], { encoding: 'utf8' });
  run('check');
  const started = spawn(binary, ['-c', etc, 'start-fg'], { stdio: ['ignore', 'ignore', 'pipe'] });
  let output = '';
  started.stderr.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const log = () => {
    try {
      return readFileSync(join(folder, 'mail.log'), 'utf8');
    } catch {
      return '';
    }
  };
  await answers(smtpPort, () =>
    started.exitCode === null ? null : `postfix ended with ${started.exitCode}: ${output} ${log()}`,
  );
  return {
    smtpPort,
    hostname,
    log,
    flush: () => void run('flush'),
    async remove() {
      const gone = new Promise((resolve) =>
        started.exitCode === null ? started.once('exit', resolve) : resolve(null),
      );
      run('stop');
      await gone;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function mainConfig(
  folder: string,
  hostname: string,
  { domain, lmtpPort, routes = {}, lines = '' }: PostfixOptions,
): string {
  const all = { [domain]: `lmtp:inet:127.0.0.1:${lmtpPort}`, ...routes };
  const transports = Object.entries(all).map(([name, transport]) => `{ ${name} = ${transport} }`);
  return `
compatibility_level = 3.6
queue_directory = ${folder}/queue
data_directory = ${folder}/data
meta_directory = /etc/postfix
maillog_file = ${folder}/mail.log
maillog_file_prefixes = ${folder}
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = ${hostname}
mydestination =
mynetworks =
alias_maps =
local_recipient_maps =
relay_domains = ${Object.keys(all).join(' ')}
relay_recipient_maps =
virtual_alias_maps = regexp:${folder}/etc/virtual
lmtp_destination_recipient_limit = 1
transport_maps = inline:{ ${transports.join(', ')} }
smtpd_relay_restrictions = reject_unauth_destination
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtp_tls_security_level = none
minimal_backoff_time = 2s
maximal_backoff_time = 4s
queue_run_delay = 2s
lmtp_connection_cache_on_demand = no
bounce_queue_lifetime = 0
${lines}
`;
}

/** Each name once, as set last: a Postfix that has to warn of a name set twice before its log daemon runs never comes up. */
function lastOfEach(config: string): string {
  const lines = new Map<string, string>();
  for (const line of config.split('\n')) {
    const name = /^([a-z0-9_]+) *=/i.exec(line)?.[1];
    if (name) lines.set(name, line);
  }
  return `${[...lines.values()].join('\n')}\n`;
}

function masterConfig(smtpPort: number, tellsOriginal: boolean): string {
  const services: [string, string, string, string][] = [
    ['pickup', 'unix', '60 1', 'pickup'],
    ['cleanup', 'unix', '- 0', 'cleanup'],
    ['qmgr', 'unix', '300 1', 'qmgr'],
    ['rewrite', 'unix', '- -', 'trivial-rewrite'],
    ['bounce', 'unix', '- 0', 'bounce'],
    ['defer', 'unix', '- 0', 'bounce'],
    ['trace', 'unix', '- 0', 'bounce'],
    ['verify', 'unix', '- 1', 'verify'],
    ['flush', 'unix', '1000? 0', 'flush'],
    ['proxymap', 'unix', '- -', 'proxymap'],
    ['tlsmgr', 'unix', '1000? 1', 'tlsmgr'],
    ['smtp', 'unix', '- -', 'smtp'],
    ['relay', 'unix', '- -', 'smtp'],
    ['error', 'unix', '- -', 'error'],
    ['retry', 'unix', '- -', 'error'],
    ['discard', 'unix', '- -', 'discard'],
    // X-Original-To and Delivered-To: who a mail was for before it went into one mailbox with others.
    ['lmtp', 'unix', '- -', tellsOriginal ? 'lmtp flags=DO' : 'lmtp'],
    ['anvil', 'unix', '- 1', 'anvil'],
    ['scache', 'unix', '- 1', 'scache'],
  ];
  const isPublic = new Set(['pickup', 'cleanup', 'qmgr', 'flush']);
  const lines = services.map(([name, type, times, command]) => {
    const visible = isPublic.has(name) ? 'n' : '-';
    return `${name} ${type} ${visible} - n ${times} ${command}`;
  });
  return [`127.0.0.1:${smtpPort} inet n - n - - smtpd`, ...lines, 'postlog unix-dgram n - n - 1 postlogd', ''].join(
    '\n',
  );
}
