import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Arrival, AuthResult } from '../../src/core/values.ts';
import { type DecidingDeps, startDeciding } from '../../src/decide/deciding.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { type KindFiles, readKindFiles } from '../../src/lib/kindFiles.ts';
import { createLog } from '../../src/lib/log.ts';
import { openSeal } from '../../src/lib/seal.ts';
import type { Bell, Chime } from '../../src/queue/bell.ts';
import { loadSettings } from '../../src/settings.ts';
import { keepMails } from '../../src/store/keepMail.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';

/** A database with two customers, keys, and deciding workers: the road from a kept row to a ticket, all of it real. */
export type Desk = FreshDatabase & {
  /** Folder of the keys. */
  keys: string;
  seal: ReturnType<typeof openSeal>;
  rung: Chime[];
  /** Keeps a mail as the receiving side does; answers its id. Does not ring. */
  keep(raw: string | Buffer, options?: KeepOptions): Promise<number>;
  start(options?: Partial<DecidingDeps>): Promise<{ close(): Promise<void> }>;
  ring(): Promise<void>;
  /** Resolves when no mail is due. */
  settled(): Promise<void>;
  close(): Promise<void>;
};

export type KeepOptions = {
  customerId?: number | null;
  auth?: AuthResult;
  receivedAt?: Date;
  history?: Arrival['history'];
  /** What SES said of it: it came by SES then. */
  verdicts?: Arrival['verdicts'];
};

export const PROVEN = (domain: string): AuthResult => ({
  state: 'final',
  by: 'us',
  authservId: null,
  signatures: [
    {
      domain,
      selector: 's1',
      result: 'pass',
      signs: ['from', 'to', 'subject', 'date', 'message-id'],
      identity: null,
      defect: null,
    },
  ],
  spf: null,
  dmarc: { result: 'pass', domain, policy: 'reject' },
  ignored: [],
});

const kinds: KindFiles = readKindFiles('config', 'templates');
/** One thread a worker: a second one is loaded at every start and read nothing here. */
const settings = loadSettings({ env: { ROOTDESK_UNDERSTAND_THREADS: '1' } });

/** `own`: a database elsewhere than on the server of the run. */
export async function openDesk(own?: FreshDatabase): Promise<Desk> {
  const database = own ?? (await freshDatabase({ max: 12 }));
  const dataDir = mkdtempSync(join(tmpdir(), 'rootdesk-keys-'));
  const log = createLog('silent');
  const seal = openSeal({ keyFile: null, dataDir, clock: systemClock });
  const { pool } = database;
  await pool.query(
    `insert into customers (slug, name, member_domains) values ('kumo', 'Kumo KK', '{customer.example}'), ('acme', 'Acme', '{}');
     insert into accounts values ('111111111111', 1, true), ('222222222222', 2, true);
     insert into lists (customer_id, address, account) values (1, 'kumo-7f3k@roots.example', '111111111111'),
       (2, 'acme-9x2m@roots.example', '222222222222');`,
  );
  const answers: (() => Promise<void>)[] = [];
  const rung: Chime[] = [];
  const bell: Bell = {
    backend: 'postgres',
    async ring(chime) {
      rung.push(chime);
    },
    async listen(chime, answer) {
      if (chime === 'decide') answers.push(answer);
    },
    check: async () => {},
    close: async () => {},
  };
  const workers = new Set<{ close(): Promise<void> }>();
  let kept = 0;
  return {
    ...database,
    keys: join(dataDir, 'keys'),
    seal,
    rung,
    async keep(text, options = {}) {
      const raw = Buffer.from(text);
      const receivedAt = options.receivedAt ?? new Date();
      const customerId = options.customerId === undefined ? 1 : options.customerId;
      const sha256 = createHash('sha256').update(raw).digest();
      kept += 1;
      const arrival: Arrival = {
        transport: 'file',
        arrivedAt: receivedAt.toISOString(),
        envelopeFrom: null,
        envelopeTo: [],
        clientIp: null,
        helo: null,
        tls: false,
        trustedAuthservIds: [],
        trustedReceived: 0,
        source: `file:${kept}`,
        uidValidity: null,
        uid: null,
        ...(options.history && { history: options.history }),
        ...(options.verdicts && { transport: 'ses', verdicts: options.verdicts }),
      };
      const [row] = await keepMails(pool, [
        {
          customerId,
          addressees: [{ listId: customerId, address: null, reason: { code: 'addressee.to', text: 'Named by To.' } }],
          identity: sha256,
          sha256,
          size: raw.length,
          messageId: null,
          keptAt: receivedAt,
          mailTime: receivedAt.toISOString(),
          auth: options.auth ?? PROVEN('amazon.com'),
          authDue: null,
          decideDue: receivedAt,
          outcome: null,
          error: null,
          arrival,
          deliverWith: null,
          sealed: seal.seal(raw),
          audit: Buffer.from('{}'),
        },
      ]);
      return row!.mailId;
    },
    async start(options = {}) {
      const worker = await startDeciding({
        pool,
        bell,
        seal,
        kinds,
        settings,
        ticketOf: () => null,
        log,
        clock: systemClock,
        ...options,
      });
      workers.add(worker);
      return worker;
    },
    async ring() {
      await Promise.all(answers.map((answer) => answer()));
    },
    async settled() {
      const deadline = Date.now() + 60_000;
      for (;;) {
        const { rows } = await pool.query('select count(*) as due from mails where decide_due is not null');
        if (rows[0].due === 0) return;
        if (Date.now() > deadline) throw new Error(`${rows[0].due} mails were not decided`);
        await new Promise((resolve) => setImmediate(resolve));
      }
    },
    async close() {
      await Promise.all([...workers].map((worker) => worker.close()));
      await database.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** A mail of an AWS support case. */
export function caseMail(options: {
  caseId: string;
  minute: number;
  text: string;
  subject?: string;
  messageId?: string;
  headers?: string[];
}): string {
  const date = new Date(Date.UTC(2026, 10, 20, 10, options.minute)).toUTCString().replace('GMT', '+0000');
  return [
    'From: Amazon Web Services <no-reply-aws@amazon.com>',
    'To: kumo-7f3k@roots.example',
    `Subject: RE:[CASE ${options.caseId}] ${options.subject ?? 'VPN tunnel is down'}`,
    `Date: ${date}`,
    `Message-ID: <${options.messageId ?? `${options.caseId}.${options.minute}@amazon.com`}>`,
    'MIME-Version: 1.0',
    'Content-Type: text/plain; charset=utf-8',
    ...(options.headers ?? []),
    '',
    options.text,
    '',
    'This message was sent from an address that cannot accept incoming e-mails.',
    `https://console.aws.amazon.com/support/home#/case/?displayId=${options.caseId}&language=en`,
    '',
  ].join('\r\n');
}
