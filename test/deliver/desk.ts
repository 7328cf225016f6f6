import type { Arrival } from '../../src/core/values.ts';
import { startDelivering } from '../../src/deliver/startDelivering.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { createLog } from '../../src/lib/log.ts';
import { openSigningKey, type SigningKey } from '../../src/lib/signingKey.ts';
import { createVerp, type Verp } from '../../src/lib/verp.ts';
import type { Bell, Chime } from '../../src/queue/bell.ts';
import { openBell } from '../../src/queue/openBell.ts';
import { createKeepRoom, type KeepRoom } from '../../src/receive/keep.ts';
import { createResolver, type Resolver } from '../../src/receive/resolver.ts';
import { loadSettings, type Settings } from '../../src/settings.ts';
import { openStage, SENDERS, type Stage, ZONE } from '../receive/stage.ts';

export const BOUNCE_DOMAIN = 'bounce.test';
export const DESK_DOMAIN = 'desk.test';

export type DeliveryDesk = {
  stage: Stage;
  settings: Settings;
  signing: SigningKey;
  verp: Verp;
  ring(chime: Chime): Promise<void>;
  /** Keeps as `stage.room` does, and rings the true bell. */
  room: KeepRoom;
  /** Answers for the senders of the stage and for our own domains. */
  resolver: Resolver;
  now: () => Date;
  /** Sets the clock ahead. */
  pass(ms: number): void;
  start(more?: { sweepMs: number }): Promise<void>;
  stop(): Promise<void>;
  arrivalFor(to: string, changes?: Partial<Arrival>): Arrival;
  /** Rows of copies, oldest first. */
  copies(): Promise<CopyRow[]>;
  close(): Promise<void>;
};

export type CopyRow = {
  id: number;
  mailId: number;
  member: string;
  state: string;
  form: string | null;
  code: string | null;
  attempts: number;
  memberState: string;
  wrapped: boolean;
};

/** Mail of this address holds codes. */
export const CODES = 'codes@amazon.com';
const senders = { ...SENDERS, senders: [...SENDERS.senders, { address: CODES, kinds: [], secret: true }] };

/** A stage whose copies go out through a smarthost on this port. */
export async function openDeliveryDesk(
  smarthostPort: number,
  more: Record<string, string> = {},
): Promise<DeliveryDesk> {
  let ahead = 0;
  const now = () => new Date(Date.now() + ahead);
  const stage = await openStage({ now });
  const { pool, url } = stage.database;
  const settings = loadSettings({
    file: '/dev/null',
    env: {
      ROOTDESK_OUTGOING_HOST: '127.0.0.1',
      ROOTDESK_OUTGOING_PORT: String(smarthostPort),
      ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
      ROOTDESK_OUTGOING_FROM: `desk@${DESK_DOMAIN}`,
      ROOTDESK_BOUNCE_DOMAIN: BOUNCE_DOMAIN,
      ROOTDESK_SMTP_HOSTNAME: 'rootdesk.test',
      ROOTDESK_NOTIFY_ADDRESSES: `fde@${DESK_DOMAIN}`,
      ...more,
    },
  });
  const signing = openSigningKey(stage.seal, DESK_DOMAIN);
  const verp = createVerp(stage.seal.derive('verp'), BOUNCE_DOMAIN);
  const dns: DnsServer = await startDnsServer([
    ...ZONE,
    { name: `${signing.selector}._domainkey.${DESK_DOMAIN}`, type: 'TXT', data: signing.record },
    { name: `_dmarc.${DESK_DOMAIN}`, type: 'TXT', data: 'v=DMARC1; p=reject; adkim=s; aspf=s' },
  ]);
  const log = createLog('silent');
  const clock = { now };
  let bell: Bell | null = null;
  const ring = async (chime: Chime) => void (await bell?.ring(chime));
  const room = createKeepRoom({ ...stage.keepDeps, senders, bell: { ring } });
  let delivering: { close(): Promise<void> } | null = null;
  const desk: DeliveryDesk = {
    stage,
    settings,
    signing,
    verp,
    ring,
    room,
    resolver: createResolver([dns.server]),
    now,
    pass(ms) {
      ahead += ms;
    },
    async start(more) {
      const notify = { mail: true, webhook: false, least: 'high' as const };
      const { seal } = stage;
      bell = await openBell({ redisUrl: null, pool, databaseUrl: url, log });
      const shared = { db: stage.database.db, pool, bell, seal, settings, senders, notify, log, clock, verp, signing };
      delivering = await startDelivering({
        ...shared,
        unsubscribeUrl: () => 'https://lists.test/self-service',
        ...more,
      });
    },
    async stop() {
      await delivering?.close();
      await bell?.close();
      delivering = null;
      bell = null;
    },
    arrivalFor: (to, changes = {}) => ({
      transport: 'smtp',
      arrivedAt: now().toISOString(),
      envelopeFrom: 'bounce@amazonses.com',
      envelopeTo: [to],
      clientIp: '127.0.0.1',
      helo: 'smtp.amazonses.com',
      tls: false,
      trustedAuthservIds: [],
      trustedReceived: 0,
      source: null,
      uidValidity: null,
      uid: null,
      ...changes,
    }),
    async copies() {
      const { rows } = await pool.query<CopyRow>(
        `select d.id, d.mail_id as "mailId", m.address as member, d.state, d.form, d.code, d.attempts,
                m.state as "memberState", m.wrapped
           from deliveries d join members m on m.id = d.member_id order by d.id`,
      );
      return rows;
    },
    async close() {
      await desk.stop();
      await dns.close();
      await stage.close();
    },
  };
  return desk;
}
