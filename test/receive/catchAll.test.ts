import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addresseeCandidates } from '../../src/core/addressee.ts';
import { readFields } from '../../src/core/fields.ts';
import type { Mailbox } from '../../src/receive/imap.ts';
import { type DovecotServer, startDovecot } from '../servers/dovecot.ts';
import { type PostfixServer, startPostfix } from '../servers/postfix.ts';
import { mailboxSettings, watchMailbox } from './mailboxStage.ts';
import { openTalk } from './smtpTalk.ts';
import { openStage, plainMail, type Stage, signedMail } from './stage.ts';
import { until } from './until.ts';

const ACME = 'acme-7f3k@root.test';
const GLOBEX = 'globex-4t8w@root.test';

describe('many root addresses in one mailbox, by a real Postfix and Dovecot', () => {
  let stage: Stage;
  let dovecot: DovecotServer;
  const postfixes: PostfixServer[] = [];
  const watched: Mailbox[] = [];

  const way = async (
    box: string,
    options: Pick<Parameters<typeof startPostfix>[0], 'catchAll' | 'catchAllPlus'>,
    plusDomain: string | null,
  ) => {
    const postfix = await startPostfix({
      domain: 'mb.test',
      lmtpPort: dovecot.lmtpPort,
      routes: { 'root.test': 'error:no alias' },
      ...options,
    });
    postfixes.push(postfix);
    const settings = mailboxSettings(dovecot, `${box}@mb.test`, { name: box, plusDomain });
    const { room, budget, keepDeps, listenerDeps } = stage;
    const deps = { room, returned: null, budget, clock: keepDeps.clock, log: listenerDeps.log, mailBytes: 300_000 };
    watched.push(await watchMailbox(settings, stage.database, deps));
    return postfix;
  };
  const send = async (postfix: PostfixServer, mail: Buffer, to: string[]) => {
    const talk = await openTalk(postfix.smtpPort, 'EHLO');
    const answers = await talk.send(mail, { from: 'x@amazonses.com', to });
    expect(answers.at(-1)).toMatch(/^250/);
    await talk.quit();
  };
  const arrived = async (box: string) => {
    const { rows } = await stage.database.pool.query<{ customer: number | null; code: string; address: string | null }>(
      `select m.customer_id as customer, a.addressee_reason ->> 'code' as code, a.envelope_to as address
         from arrivals a join mails m on m.id = a.mail_id where a.source = $1 order by a.id`,
      [`imap:${box}`],
    );
    return rows;
  };
  const arrivals = (box: string, count: number) => until(async () => (await arrived(box)).length === count);

  beforeAll(async () => {
    stage = await openStage();
    dovecot = await startDovecot();
  });
  afterAll(async () => {
    for (const mailbox of watched) await mailbox.close();
    for (const postfix of postfixes) await postfix.remove();
    await dovecot?.remove();
    await stage?.close();
  });

  it('go where the delivering server says, not where the sender wrote; nobody else’s are unrouted', async () => {
    const postfix = await way('rootmail', { catchAll: { 'root.test': 'rootmail@mb.test' } }, null);
    // To names another customer; the mail was for acme.
    await send(postfix, signedMail({ To: GLOBEX }), [ACME]);
    await arrivals('rootmail', 1);
    await send(postfix, signedMail({ To: 'undisclosed-recipients:;' }), [GLOBEX]);
    await arrivals('rootmail', 2);
    await send(postfix, plainMail({ To: 'nobody@root.test' }), ['nobody@root.test']);
    await arrivals('rootmail', 3);
    expect(await arrived('rootmail')).toEqual([
      { customer: 1, code: 'addressee.original_to', address: ACME },
      { customer: 2, code: 'addressee.original_to', address: GLOBEX },
      { customer: null, code: 'addressee.none', address: null },
    ]);
    // One mail for two customers is two mails, one each.
    await send(postfix, signedMail({ To: `${ACME}, ${GLOBEX}` }), [ACME, GLOBEX]);
    await until(async () => (await arrived('rootmail')).length >= 5);
    expect(
      (await arrived('rootmail'))
        .slice(3)
        .map(({ customer }) => customer)
        .sort(),
    ).toEqual([1, 2]);
  });

  it('are found behind the + of the address that it was delivered to', async () => {
    const postfix = await way('plus', { catchAllPlus: { 'root.test': 'plus+$1@mb.test' } }, 'root.test');
    await send(postfix, signedMail({ To: 'somebody@else.test' }), [GLOBEX]);
    await arrivals('plus', 1);
    expect(await arrived('plus')).toEqual([{ customer: 2, code: 'addressee.delivered_to', address: GLOBEX }]);
  });

  it('behind a + count only where a hop of ours wrote, and only where the settings say so', () => {
    const fields = readFields(
      Buffer.from('Delivered-To: rootmail+acme-7f3k@mb.test\r\nTo: rootmail+globex-4t8w@mb.test\r\n\r\n'),
    );
    const arrival = { envelopeTo: [] } as unknown as Parameters<typeof addresseeCandidates>[1];
    const names = (plusDomain?: string) =>
      addresseeCandidates(fields, { ...arrival, ...(plusDomain && { plusDomain }) }).map(({ address }) => address);
    expect(names('root.test')).toEqual(['rootmail+acme-7f3k@mb.test', ACME, 'rootmail+globex-4t8w@mb.test']);
    expect(names()).toEqual(['rootmail+acme-7f3k@mb.test', 'rootmail+globex-4t8w@mb.test']);
  });
});
