import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { projectDir } from '../scripts/runCommand.ts';
import { settingsFile, settingsTable } from '../scripts/settingsText.ts';
import { EXIT, RootdeskError } from '../src/lib/errors.ts';
import { loadSettings } from '../src/settings.ts';
import { leaves } from '../src/settingsSchema.ts';
import { sesRegion } from '../src/sourceSettings.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'rootdesk-settings-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let files = 0;
function write(text: string): string {
  const path = join(folder, `file-${files++}`);
  writeFileSync(path, text);
  return path;
}

const empty = () => write('');

function load(yaml: string, env: Record<string, string> = {}) {
  return loadSettings({ file: write(yaml), env });
}

/** The error of a load that must fail, as one text. */
function refusal(yaml: string, env: Record<string, string> = {}): string {
  try {
    load(yaml, env);
  } catch (error) {
    expect(error).toBeInstanceOf(RootdeskError);
    const { message, hint, exitCode } = error as RootdeskError;
    expect(exitCode).toBe(EXIT.config);
    expect(hint).not.toBe('');
    expect(message).not.toContain('\n');
    return message;
  }
  throw new Error('the settings were taken');
}

describe('order', () => {
  test('defaults alone are a whole configuration', () => {
    const settings = loadSettings({ file: empty(), env: {} });
    expect(settings.dataDir).toBe(resolve('data'));
    expect(settings.databaseUrl).toBeNull();
    expect(settings.http).toEqual({ bind: '127.0.0.1', port: 8480 });
    expect(settings.limits.mailBytes).toBe(25 * 1024 * 1024);
    expect(settings.mailboxes).toEqual([]);
  });

  test('presets of a command go before the file, and the environment before them', () => {
    const file = write('dataDir: /srv/real\nlogLevel: debug');
    const presets = { dataDir: '/srv/demo', logLevel: 'warn' };
    const settings = loadSettings({ file, env: { ROOTDESK_LOG_LEVEL: 'error' }, presets });
    expect([settings.dataDir, settings.logLevel]).toEqual(['/srv/demo', 'error']);
  });

  test('a webhook without the key of its signature is refused', () => {
    expect(refusal('notify: { webhookUrl: "https://hooks.test/x" }')).toContain('notify.webhookSecret: must be set');
  });

  test('the file goes before the default, the environment before the file, the command line before both', () => {
    const yaml = 'http: { port: 1001 }\nsmtp: { port: 1002 }\nlmtp: { port: 1003 }';
    const env = { ROOTDESK_SMTP_PORT: '2002', ROOTDESK_LMTP_PORT: '2003' };
    const settings = loadSettings({ file: write(yaml), env, overrides: { 'lmtp.port': 0, dataDir: '/tmp/x' } });
    expect([settings.http.port, settings.smtp.port, settings.lmtp.port]).toEqual([1001, 2002, 0]);
    expect(settings.dataDir).toBe('/tmp/x');
  });

  test('ROOTDESK_CONFIG names the file, an argument goes before it', () => {
    const named = write('logLevel: debug');
    expect(loadSettings({ env: { ROOTDESK_CONFIG: named } }).logLevel).toBe('debug');
    expect(loadSettings({ file: write('logLevel: warn'), env: { ROOTDESK_CONFIG: named } }).logLevel).toBe('warn');
  });

  test('an empty name in the environment is not set', () => {
    expect(load('smtp: { port: 1002 }', { ROOTDESK_SMTP_PORT: '' }).smtp.port).toBe(1002);
  });

  test('loading does not change what the next load gives', () => {
    load('listDomains: [a.example]', { ROOTDESK_DNS_SERVERS: '127.0.0.1:5353' });
    const settings = loadSettings({ file: empty(), env: {} });
    expect(settings.listDomains).toEqual([]);
    expect(settings.dns.servers).toEqual([]);
  });

  test('a section whose keys are all commented out means its defaults', () => {
    expect(load('http:\n  # port: 1\nsmtp:\n').http.port).toBe(8480);
  });

  test('every environment name sets its own key, over the file that holds all defaults', () => {
    const samples: Record<string, string> = {
      ROOTDESK_LOG_LEVEL: 'warn',
      ROOTDESK_HTTP_BIND: '::1',
      ROOTDESK_NOTIFY_URGENCY: 'critical',
      DATABASE_URL: 'postgresql://db.example/rootdesk',
      REDIS_URL: 'rediss://redis.example',
      ROOTDESK_SMTP_TRUSTED_NETWORKS: '10.0.0.0/8',
      ROOTDESK_DNS_SERVERS: '192.0.2.1',
      ROOTDESK_OUTGOING_FROM: 'desk@example.com',
      ROOTDESK_NOTIFY_ADDRESSES: 'team@example.com',
      ROOTDESK_REPLY_ADDRESS: 'answers@example.com',
      ROOTDESK_WEBHOOK_URL: 'https://hooks.example/x',
      ROOTDESK_CONSOLE_URL: 'https://desk.example',
      ROOTDESK_ROOT_DOMAIN: 'roots.example',
      ROOTDESK_BOUNCE_DOMAIN: 'bounces.example',
      ROOTDESK_MX: 'mx.example',
      ROOTDESK_PUBLIC_URL: 'https://lists.example',
      ROOTDESK_HEALTH_PORT: '0',
      ROOTDESK_PUBLIC_PORT: '8481',
      ROOTDESK_PUBLIC_TRUSTED_PROXIES: '192.0.2.2',
      ROOTDESK_APPROVERS: 'bob=bob@msp.example',
      ROOTDESK_OUTGOING_SPF: 'ip4:192.0.2.7, include:_spf.example',
      ROOTDESK_MAIL_BYTES: '1000',
      ROOTDESK_MEMORY_BYTES: '209715200',
      ROOTDESK_PROBES_LATE_MINUTES: '66',
      ROOTDESK_SMTP_PROXY_FROM: '192.0.2.8',
    };
    const env: Record<string, string> = {};
    for (const { meta, default: value } of leaves()) {
      if (!meta.env) continue;
      const flipped = typeof value === 'boolean' ? String(!value) : typeof value === 'number' ? '77' : 'some-text';
      env[meta.env] = samples[meta.env] ?? flipped;
    }
    const plain = loadSettings({ file: write(settingsFile()), env: {} });
    const changed = loadSettings({ file: write(settingsFile()), env });
    for (const { path, meta } of leaves()) {
      if (!meta.env) continue;
      const at = (tree: unknown) => path.reduce((node, key) => (node as Record<string, unknown>)[key], tree);
      expect(at(changed), meta.env).not.toEqual(at(plain));
    }
  });
});

describe('secrets', () => {
  test('come from the file that *_FILE names, without its last line break', () => {
    const env = { DATABASE_URL_FILE: write('postgres://u:p@db/x\n'), ROOTDESK_WEBHOOK_SECRET_FILE: write(' s p \r\n') };
    const settings = load('', env);
    expect(settings.databaseUrl).toBe('postgres://u:p@db/x');
    expect(settings.notify.webhookSecret).toBe(' s p ');
  });

  test('only one of NAME and NAME_FILE', () => {
    const message = refusal('', { REDIS_URL: 'redis://a', REDIS_URL_FILE: write('redis://b') });
    expect(message).toBe('REDIS_URL and REDIS_URL_FILE are both set');
  });

  test('a file that is missing or empty is told by its name', () => {
    expect(refusal('', { DATABASE_URL_FILE: join(folder, 'gone') })).toContain(
      'DATABASE_URL_FILE cannot be read: ENOENT',
    );
    expect(refusal('', { DATABASE_URL_FILE: write('\n') })).toBe('DATABASE_URL_FILE names an empty file');
  });

  test('what is no secret has no *_FILE', () => {
    expect(refusal('', { ROOTDESK_HTTP_PORT_FILE: '/x' })).toBe('not a setting: ROOTDESK_HTTP_PORT_FILE');
  });

  test('no error repeats a value', () => {
    const value = 'hunter2-hunter2';
    const messages = [
      refusal(`databaseUrl: ${value}`),
      refusal('', { DATABASE_URL: value, REDIS_URL: value, ROOTDESK_WEBHOOK_URL: value }),
      refusal('', { DATABASE_URL_FILE: write(value) }),
      refusal(`http: { port: ${value} }`),
      refusal(`outgoing:\n  password: "${value}`),
      refusal(`outgoing:\n  password: ${value}: x\n  user: [`),
      refusal(`notify: { urgency: ${value}, addresses: [${value}] }`),
    ];
    for (const message of messages) expect(message).not.toContain('hunter2');
  });
});

describe('a mailbox', () => {
  const mailbox = (more: string) => `mailboxes: [{ name: root, host: imap.example, user: u, ${more} }]`;

  test('has defaults, and takes its password from a file', () => {
    const [read] = load(mailbox(`passwordFile: ${write('pw\n')}`)).mailboxes;
    expect(read).toMatchObject({ port: 993, secure: true, requireTls: true, folder: 'INBOX', password: 'pw' });
  });

  test('needs exactly one password, a name of its own and known keys', () => {
    expect(refusal(mailbox('port: 143'))).toContain('mailboxes.0.passwordFile: set either passwordFile or password');
    expect(refusal(mailbox('password: a, passwordFile: b'))).toContain('set either');
    expect(refusal(mailbox('password: a, tls: true'))).toContain('mailboxes.0: Unrecognized key: "tls"');
    expect(refusal(mailbox(`passwordFile: ${join(folder, 'gone')}`))).toContain(
      'mailboxes.root.passwordFile cannot be',
    );
    const twice = '{ name: a, host: h, user: u, password: p }';
    expect(refusal(`mailboxes: [${twice}, ${twice}]`)).toContain('mailboxes.1.name: must not be given twice');
  });
});

describe('a queue of SES', () => {
  const url = 'https://sqs.eu-west-1.amazonaws.com/111122223333/root-mail';
  const queue = (more = '', at = url) => `ses: [{ name: root-mail, queueUrl: "${at}"${more} }]`;

  test('has defaults, takes its Region from the URL and its secret from a file', () => {
    const [read] = load(queue()).ses;
    expect(read).toMatchObject({ region: null, bucket: null, accessKeyId: null, endpoint: null });
    expect(sesRegion(read!)).toBe('eu-west-1');
    const [keyed] = load(queue(`, accessKeyId: AKIAEXAMPLE, secretAccessKeyFile: ${write('hidden\n')}`)).ses;
    expect(keyed).toMatchObject({ accessKeyId: 'AKIAEXAMPLE', secretAccessKey: 'hidden' });
  });

  test('needs a Region, a whole key or none, a name of its own, and TLS', () => {
    expect(refusal(queue('', 'https://queue.internal/1/root-mail'))).toContain('ses.0.region: must be set');
    expect(refusal(queue(', accessKeyId: AKIAEXAMPLE'))).toContain('ses.0.secretAccessKeyFile: accessKeyId and');
    expect(refusal(queue(', secretAccessKey: hidden'))).toContain('belong together');
    expect(refusal(queue(', secretAccessKey: hidden'))).not.toContain('hidden');
    expect(refusal(queue('', 'http://sqs.eu-west-1.amazonaws.com/1/q'))).toContain(
      'ses.0.queueUrl: must be an https://',
    );
    expect(refusal(queue(', bucket: "Not A Bucket"'))).toContain('ses.0.bucket: must be the name of a bucket');
    expect(refusal(queue(', region: Ireland'))).toContain('ses.0.region: must be an AWS Region');
    const mailbox = 'mailboxes: [{ name: root-mail, host: h, user: u, password: p }]';
    expect(refusal(`${mailbox}\n${queue()}`)).toContain('ses.0.name: must not be given twice');
  });
});

describe('refused, with the key and what it must be', () => {
  test.each([
    ['htttp: { port: 1 }', 'settings: Unrecognized key: "htttp"'],
    ['http: { prot: 1 }', 'http: Unrecognized key: "prot"'],
    ['http: 8480', 'http:'],
    ['http: [8480]', 'http:'],
    ['- http', 'it must be a map of settings'],
    ['just text', 'it must be a map of settings'],
    ['http: { port: 65536 }', 'http.port: must be a whole number from 0 to 65535'],
    ['http: { port: -1 }', 'http.port: must be'],
    ['http: { port: 1.5 }', 'http.port: must be'],
    ['http: { port: }', 'http.port: must be'],
    ['http: { port: "" }', 'http.port: must be'],
    ['http: { port: true }', 'http.port: must be'],
    ['http: { port: 0x1F }\nsmtp: { port: "0x1F" }', 'smtp.port: must be'],
    ['http: { bind: 0.0.0.0 }', 'http.bind: must be a loopback address'],
    ['http: { bind: "127.0.0.1.evil.example" }', 'http.bind: must be a loopback address'],
    ['outgoing: { port: 0 }', 'outgoing.port: must be a whole number from 1 to 65535'],
    ['smtp: { enabled: perhaps }', 'smtp.enabled: must be true or false'],
    ['dns: { timeoutMs: 3000000000 }', 'dns.timeoutMs: must be'],
    ['limits: { mailBytes: 2000000000 }', 'limits.mailBytes: must be'],
    ['limits: { memoryBytes: 1000 }', 'limits.memoryBytes: must not be below limits.mailBytes'],
    ['dns: { servers: [dns.example] }', 'dns.servers: each must be an IP address'],
    ['dns: { servers: ["127.0.0.1:0"] }', 'dns.servers: each must be an IP address'],
    ['dns: { servers: ["127.0.0.1:70000"] }', 'dns.servers: each must be an IP address'],
    ['dns: { servers: ["127.0.0.1:"] }', 'dns.servers: each must be an IP address'],
    ['dns: { servers: ["[127.0.0.1]:53"] }', 'dns.servers: each must be an IP address'],
    ['dns: { servers: ["[::1:53"] }', 'dns.servers: each must be an IP address'],
    ['dns: { servers: 5 }', 'dns.servers: must be a list'],
    ['smtp: { trustedNetworks: [10.0.0.0/33] }', 'smtp.trustedNetworks: each must be an address or a network'],
    ['smtp: { trustedNetworks: ["::/129"] }', 'smtp.trustedNetworks: each must be'],
    ['smtp: { trustedNetworks: [10.0.0.0/] }', 'smtp.trustedNetworks: each must be'],
    ['smtp: { trustedNetworks: [mail.example] }', 'smtp.trustedNetworks: each must be'],
    ['smtp: { tlsKeyFile: a.pem }', 'smtp.tlsKeyFile and smtp.tlsCertFile belong together'],
    ['databaseUrl: mysql://db', 'databaseUrl: must start with postgres:// or postgresql://'],
    ['redisUrl: redis.example:6379', 'redisUrl: must start with redis:// or rediss://'],
    ['notify: { webhookUrl: "file:///etc/passwd" }', 'notify.webhookUrl: must be an http:// or https:// address'],
    ['notify: { addresses: ["a@b.example, c"] }', 'notify.addresses.0: must be a mail address'],
    ['notify: { addresses: ["a@b.example\\r\\nBcc: c@d"] }', 'notify.addresses.0: must be a mail address'],
    ['outgoing: { host: smtp.example }', 'outgoing.from: must be set when outgoing.host is'],
    ['outgoing: { user: u }', 'outgoing.password: must be set when outgoing.user is'],
    ['logLevel: loud', 'logLevel:'],
    ['logLevel: info\nlogLevel: warn', 'line 2: duplicate_key'],
    ['http: { port: 1', 'line 1:'],
  ])('%s', (yaml, message) => {
    expect(refusal(yaml)).toContain(message);
  });

  test('several at once, each named', () => {
    const message = refusal('http: { port: x }\nlmtp: { port: y }', { ROOTDESK_SMTP_PORT: 'z' });
    expect(message).toContain('http.port: ');
    expect(message).toContain('smtp.port (ROOTDESK_SMTP_PORT): ');
    expect(message).toContain('lmtp.port: ');
  });

  test('an unknown ROOTDESK_ name, while other names of the environment are nobody’s business', () => {
    expect(refusal('', { ROOTDESK_SMTP_PROT: '1', PORT: '1' })).toBe('not a setting: ROOTDESK_SMTP_PROT');
  });

  test('a settings file that is named and missing, or a folder', () => {
    const read = (file: string) => () => loadSettings({ file, env: {} });
    expect(read(join(folder, 'gone.yaml'))).toThrow('cannot be read: ENOENT');
    expect(read(folder)).toThrow('cannot be read: EISDIR');
  });
});

describe('taken', () => {
  test('approvers with and without a user, and no public address that others could read along', () => {
    const approvers = (text: string) => load('', { ROOTDESK_APPROVERS: text }).membership.approvers;
    expect(approvers('bob=Bob@MSP.example, dora@acme.example')).toEqual([
      { address: 'bob@msp.example', user: 'bob' },
      { address: 'dora@acme.example', user: null },
    ]);
    expect(refusal('', { ROOTDESK_APPROVERS: 'bob' })).toContain('each must be a mail address, or user=address');
    for (const url of [
      'http://lists.example',
      'ftp://x.example',
      'https://x.example/?a=1',
      'http://127.0.0.1.evil.example',
    ])
      expect(refusal('', { ROOTDESK_PUBLIC_URL: url })).toContain('must be an https:// address without query');
    expect(load('', { ROOTDESK_PUBLIC_URL: 'http://127.0.0.1:8481' }).public.url).toBe('http://127.0.0.1:8481');
  });

  test('lists as YAML and as text, domains and authserv-ids in lower case', () => {
    const settings = load('listDomains: [Root.Example]\nsmtp: { authservIds: "MX.example, mx2.example" }', {
      ROOTDESK_DNS_SERVERS: '127.0.0.1:5353, [::1]:53 ::1 [::1] 192.0.2.1',
      ROOTDESK_SMTP_TRUSTED_NETWORKS: '10.0.0.0/8,2001:db8::/32 192.0.2.7',
    });
    expect(settings.listDomains).toEqual(['root.example']);
    expect(settings.smtp.authservIds).toEqual(['mx.example', 'mx2.example']);
    expect(settings.dns.servers).toEqual(['127.0.0.1:5353', '[::1]:53', '::1', '[::1]', '192.0.2.1']);
    expect(settings.smtp.trustedNetworks).toEqual(['10.0.0.0/8', '2001:db8::/32', '192.0.2.7']);
  });

  test('switches as people write them', () => {
    const flags = ['true', '1', 'TRUE', 'false', '0'].map(
      (text) => load('', { ROOTDESK_SMTP_ENABLED: text }).smtp.enabled,
    );
    expect(flags).toEqual([true, true, true, false, false]);
  });
});

describe('generated files', () => {
  test('the file with all defaults loads, and says the same as no file', () => {
    const committed = join(projectDir, 'config/rootdesk.yaml');
    expect(loadSettings({ file: committed, env: {} })).toEqual(loadSettings({ file: empty(), env: {} }));
  });

  test('its mailbox example loads once it is no comment any more', () => {
    const [head, example] = settingsFile().split('mailboxes: []\n') as [string, string];
    const lines = example.split('\n');
    const end = lines.findIndex((line) => !line.startsWith('#'));
    const live = lines.slice(0, end).map((line) => line.replace(/^# ?/, ''));
    const text = [`${head}mailboxes:`, ...live, ...lines.slice(end)].join('\n');
    const path = write('pw');
    const [mailbox] = load(text.replace('passwordFile: imap.password', `passwordFile: ${path}`)).mailboxes;
    expect(mailbox).toMatchObject({ name: 'root', port: 993, password: 'pw' });
  });

  test('are what the schema makes of them', () => {
    expect(readFileSync(join(projectDir, 'config/rootdesk.yaml'), 'utf8')).toBe(settingsFile());
    expect(readFileSync(join(projectDir, 'docs/settings.md'), 'utf8')).toBe(settingsTable());
  });

  test('no two keys share an environment name, and every key says what it is for', () => {
    const names = leaves().flatMap(({ meta }) => (meta.env ? [meta.env] : []));
    expect(new Set(names).size).toBe(names.length);
    expect(leaves().filter(({ meta }) => meta.description.length < 5)).toEqual([]);
  });
});
