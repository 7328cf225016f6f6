import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { importPaths } from '../../src/receive/importPaths.ts';
import type { Keep } from '../../src/receive/keep.ts';
import { startLmtp } from '../../src/receive/lmtp.ts';
import type { Listener } from '../../src/receive/mailListener.ts';
import { startSmtp } from '../../src/receive/smtp.ts';
import { loadSettings } from '../../src/settings.ts';
import { startAwsStandIn } from '../servers/awsStandIn.ts';
import { startDovecot } from '../servers/dovecot.ts';
import { deliverTo, mailboxSettings, watchMailbox } from './mailboxStage.ts';
import { CLIENT, takeBySes } from './sesMessages.ts';
import { readQueue } from './sesStage.ts';
import { openTalk } from './smtpTalk.ts';
import type { Stage } from './stage.ts';
import { type Answer, describeTransport, type Way } from './transportContract.ts';
import { until } from './until.ts';

const settings = loadSettings({ file: '/dev/null', env: {} });

/** A client of a listener: 2xx is taken, 4xx comes again, 5xx is refused. */
function overWire(listener: Listener, hello: 'EHLO' | 'LHLO'): Way {
  return {
    async hand(mail, to) {
      const talk = await openTalk(listener.port, hello);
      const [answer = ''] = await talk.send(mail, { from: 'x@amazonses.com', to: [to] });
      await talk.quit();
      const answers: Record<string, Answer> = { '2': 'taken', '4': 'again', '5': 'refused' };
      return answers[answer.slice(0, 1)] ?? 'again';
    },
    close: () => listener.close(),
  };
}

const HOP = { client_ip: '127.0.0.1', helo: 'client.test', tls: false, envelope_from: 'x@amazonses.com', source: null };

describeTransport({
  name: 'smtp',
  nobody: 'refused',
  tooLarge: 'refused',
  facts: { ...HOP, envelope_to: 'acme-7f3k@root.test', trusted_received: 0 },
  open: async (stage, room) =>
    overWire(await startSmtp({ ...settings.smtp, port: 0 }, { ...stage.listenerDeps, keep: room.keep }), 'EHLO'),
});

describeTransport({
  name: 'lmtp',
  nobody: 'refused',
  tooLarge: 'refused',
  facts: { ...HOP, envelope_to: 'acme-7f3k@root.test' },
  open: async (stage, room) =>
    overWire(
      await startLmtp({ ...settings.lmtp, port: 0 }, 'rd.test', { ...stage.listenerDeps, keep: room.keep }),
      'LHLO',
    ),
});

describeTransport({
  name: 'file',
  nobody: 'kept',
  tooLarge: 'kept',
  facts: { client_ip: null, envelope_from: null, source: 'file:mail.eml', uid: null },
  async open(stage, room, mailBytes) {
    const deps = { room, budget: stage.budget, clock: stage.keepDeps.clock, mailBytes, authservIds: [] };
    return {
      async hand(mail) {
        const file = join(stage.folder, 'mail.eml');
        writeFileSync(file, mail);
        const report = await importPaths([file], deps).catch(() => null);
        rmSync(file);
        return report === null ? 'again' : 'taken';
      },
      close: async () => {},
    };
  },
});

describeTransport({
  name: 'imap',
  nobody: 'kept',
  tooLarge: 'kept',
  facts: { client_ip: null, envelope_from: null, source: 'imap:contract', uid: 1 },
  async open(stage, room, mailBytes) {
    const dovecot = await startDovecot();
    let tried = 0;
    let failed = 0;
    const counting = <Args extends unknown[], Kept>(keep: (...args: Args) => Promise<Kept>) =>
      (async (...args: Args) => {
        tried += 1;
        return keep(...args).catch((error: unknown) => {
          failed += 1;
          throw error;
        });
      }) as (...args: Args) => Promise<Kept>;
    const mailbox = await watchMailbox(mailboxSettings(dovecot, 'contract', {}), stage.database, {
      room: { keep: counting(room.keep) as Keep, keepTooLarge: counting(room.keepTooLarge) },
      returned: null,
      budget: stage.budget,
      clock: stage.keepDeps.clock,
      log: stage.listenerDeps.log,
      mailBytes,
    });
    const delivered = new Set<Buffer>();
    return {
      /** The server has it once; "again" is that the cursor did not pass it, "taken" that it did. */
      async hand(mail) {
        if (!delivered.has(mail)) {
          delivered.add(mail);
          const before = { tried, failed };
          await deliverTo(dovecot, 'contract', mail);
          await until(() => tried > before.tried);
          await until(async () => failed > before.failed || (await cursorOf(stage)) > delivered.size);
        }
        return (await cursorOf(stage)) > delivered.size ? 'taken' : 'again';
      },
      async close() {
        await mailbox.close();
        await dovecot.remove();
      },
    };
  },
});

describeTransport({
  name: 'ses',
  nobody: 'kept',
  tooLarge: 'kept',
  facts: {
    client_ip: CLIENT.ip,
    helo: CLIENT.helo,
    tls: true,
    envelope_from: 'x@amazonses.com',
    envelope_to: 'acme-7f3k@root.test',
    source: expect.stringMatching(/^ses:root-mail\/in\/[0-9a-f]{40}$/),
    trusted_received: 1,
    uid: null,
    verdicts: { spam: 'pass', virus: 'pass', spf: 'pass', dkim: 'pass', dmarc: 'pass' },
  },
  async open(stage, room) {
    const aws = await startAwsStandIn();
    let failed = 0;
    const counting = <Args extends unknown[], Kept>(keep: (...args: Args) => Promise<Kept>) =>
      (async (...args: Args) =>
        keep(...args).catch((error: unknown) => {
          failed += 1;
          throw error;
        })) as (...args: Args) => Promise<Kept>;
    const reading = await readQueue(aws, stage, {
      room: { keep: counting(room.keep) as Keep, keepTooLarge: counting(room.keepTooLarge) },
    });
    const told = new Set<Buffer>();
    return {
      /** SES has it once; "again" is that its message is still there, "taken" that it was deleted. */
      async hand(mail, to) {
        const before = failed;
        const isNew = !told.has(mail);
        if (isNew) takeBySes(aws, { mail, to: [to] });
        told.add(mail);
        if (isNew) await until(() => aws.left === 0 || failed > before);
        return aws.left === 0 ? 'taken' : 'again';
      },
      async close() {
        await reading.close();
        await aws.close();
      },
    };
  },
});

/** The UID below which everything is durable. */
async function cursorOf({ database }: Stage): Promise<number> {
  const { rows } = await database.pool.query<{ next: number }>(
    `select coalesce(max(e.uid_next), 1)::int as next from mailbox_epochs e where mailbox = 'contract'`,
  );
  return rows[0]!.next;
}
