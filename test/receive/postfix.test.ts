import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startLmtp } from '../../src/receive/lmtp.ts';
import type { Listener } from '../../src/receive/mailListener.ts';
import { loadSettings } from '../../src/settings.ts';
import { type PostfixServer, startPostfix } from '../servers/postfix.ts';
import { openTalk } from './smtpTalk.ts';
import { openStage, type Stage, signedMail } from './stage.ts';
import { until } from './until.ts';

describe('Postfix hands over by LMTP', () => {
  let stage: Stage;
  let lmtp: Listener;
  let postfix: PostfixServer;
  let canKeep = true;

  beforeAll(async () => {
    stage = await openStage();
    const settings = loadSettings({ file: '/dev/null', env: {} });
    lmtp = await startLmtp({ ...settings.lmtp, port: 0, authservIds: ['mx.root.test'] }, 'rootdesk.test', {
      ...stage.listenerDeps,
      keep: async (...mail) => {
        if (!canKeep) throw new Error('the database is away');
        return stage.room.keep(...mail);
      },
    });
    postfix = await startPostfix({ domain: 'root.test', lmtpPort: lmtp.port });
  });
  afterAll(async () => {
    await postfix?.remove();
    await lmtp?.close();
    await stage?.close();
  });

  const rows = async () => {
    const { rows: found } = await stage.database.pool.query(
      `select m.customer_id, m.auth ->> 'by' as by, m.auth -> 'signatures' -> 0 ->> 'result' as dkim,
              a.trusted_received, a.envelope_from, a.helo
         from mails m join arrivals a on a.mail_id = m.id order by a.id`,
    );
    return found;
  };

  it('keeps what comes through, verified, and counts the Received field of Postfix', async () => {
    const talk = await openTalk(postfix.smtpPort);
    const answers = await talk.send(signedMail(), { from: 'x@amazonses.com', to: ['acme-7f3k@root.test'] });
    expect(answers).toEqual([expect.stringMatching(/^250/)]);
    await talk.quit();
    await until(async () => (await rows()).length === 1);
    expect(await rows()).toEqual([
      {
        customer_id: 1,
        by: 'us',
        dkim: 'pass',
        trusted_received: 1,
        envelope_from: 'x@amazonses.com',
        helo: 'mx.root.test',
      },
    ]);
  });

  it('leaves mail that cannot be kept in the queue of Postfix until it can', async () => {
    canKeep = false;
    const talk = await openTalk(postfix.smtpPort);
    await talk.send(signedMail(), { from: 'x@amazonses.com', to: ['globex-4t8w@root.test'] });
    await talk.quit();
    await until(() => /status=deferred \(host [^)]*said: 451/.test(postfix.log()));
    expect(await rows()).toHaveLength(1);
    canKeep = true;
    postfix.flush();
    await until(async () => (await rows()).length === 2);
    expect((await rows())[1]).toMatchObject({ customer_id: 2, dkim: 'pass' });
  });
});
