import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { projectDir } from '../../scripts/runCommand.ts';
import { type DnsServer, startDnsServer } from '../../src/demo/dnsServer.ts';
import { openTalk } from '../receive/smtpTalk.ts';
import { plainMail } from '../receive/stage.ts';
import { until } from '../receive/until.ts';
import { type FreshDatabase, freshDatabase } from '../servers/postgres.ts';
import { type ScriptedSink, startScriptedSink } from '../servers/scriptedSink.ts';

const MEMBERS = ['a@member.test', 'b@member.test', 'c@member.test'];
/** At which final dot of its mail the process dies: the first, the second, the last copy. */
const DEATHS = [1, 2, 3];

describe('kill -9 between the final dot of a copy and our note of it', () => {
  let database: FreshDatabase;
  let dns: DnsServer;
  let sink: ScriptedSink;
  let child: ChildProcess;
  let smtpPort = 0;
  const dataDir = mkdtempSync(join(tmpdir(), 'rd-copies-'));

  const start = async (): Promise<void> => {
    child = spawn(process.execPath, ['test/drills/copyingApp.ts'], {
      cwd: projectDir,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        DATABASE_URL: database.url,
        ROOTDESK_DATA_DIR: dataDir,
        ROOTDESK_DNS_SERVERS: dns.server,
        ROOTDESK_SMTP_PORT: '0',
        ROOTDESK_LMTP_ENABLED: 'false',
        ROOTDESK_OUTGOING_HOST: '127.0.0.1',
        ROOTDESK_OUTGOING_PORT: String(sink.port),
        ROOTDESK_OUTGOING_REQUIRE_TLS: 'false',
        ROOTDESK_OUTGOING_FROM: 'desk@desk.test',
        ROOTDESK_PROBES_EVERY_MINUTES: '0',
        ROOTDESK_BOUNCE_DOMAIN: 'bounce.test',
        ROOTDESK_LOG_LEVEL: 'silent',
      },
    });
    const [line] = (await once(child.stdout!, 'data')) as [Buffer];
    smtpPort = (JSON.parse(line.toString()) as { smtpPort: number }).smtpPort;
  };

  beforeAll(async () => {
    database = await freshDatabase();
    dns = await startDnsServer([]);
    sink = await startScriptedSink();
    await database.pool.query(`
      insert into customers (slug, name) values ('acme', 'Acme');
      insert into lists (customer_id, address) values (1, 'acme-x@root.test')`);
    await database.pool.query(
      `insert into members (list_id, address, state) select 1, m, 'confirmed' from unnest($1::text[]) as m`,
      [MEMBERS],
    );
    await start();
  });
  afterAll(async () => {
    child?.kill('SIGKILL');
    await sink?.close();
    await dns?.close();
    await database?.drop();
    rmSync(dataDir, { recursive: true, force: true });
  });

  it('leaves nobody out, and nobody gets more than one extra copy, the same to the byte', {
    timeout: 300_000,
  }, async () => {
    for (const [round, death] of DEATHS.entries()) {
      const gone = once(child, 'exit');
      let dots = 0;
      sink.script = ({ raw }) => {
        if (raw !== null) dots += 1;
        if (raw !== null && dots === death) child.kill('SIGKILL');
        return null;
      };
      const talk = await openTalk(smtpPort);
      const subject = `round ${round}`;
      await talk.send(plainMail({ Subject: subject, To: 'acme-x@root.test' }), {
        from: 'x@aws.test',
        to: ['acme-x@root.test'],
      });
      await gone;
      sink.script = () => null;
      await start();
      // Well before its lease of 75 s ends: the death of the process frees the copy.
      await until(async () => {
        const { rows } = await database.pool.query(`select from deliveries where state <> 'accepted'`);
        return rows.length === 0;
      });
      const copies = sink.taken.filter(({ raw }) => raw.includes(subject));
      for (const member of MEMBERS) {
        const own = copies.filter(({ to }) => to === member);
        expect(own.length, `copies of ${subject} for ${member}`).toBeGreaterThanOrEqual(1);
        expect(own.length, `copies of ${subject} for ${member}`).toBeLessThanOrEqual(2);
        for (const copy of own) expect(copy.raw.equals(own[0]!.raw)).toBe(true);
      }
      // SMTP could not tell of the copy that it died behind: that one came twice.
      expect(copies.length).toBeGreaterThan(MEMBERS.length);
    }
  });
});
