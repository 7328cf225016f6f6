import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Arrival } from '../../src/core/values.ts';
import { openStage, type Stage } from './stage.ts';

let stage: Stage;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(() => stage.close());

const TOKEN = '0100018f4c2a9b7d-1c7a2f3e-5b6d-4e8f-9a0b';

function arrival(over: Partial<Arrival>): Arrival {
  return {
    transport: 'smtp',
    arrivedAt: new Date().toISOString(),
    envelopeFrom: `bounce+482913=${TOKEN}@mail.test`,
    envelopeTo: ['acme-7f3k@root.test'],
    clientIp: '192.0.2.7',
    helo: `host-482913.${TOKEN}\u0000\r\n.test`,
    tls: false,
    trustedAuthservIds: [],
    trustedReceived: 0,
    source: null,
    uidValidity: null,
    uid: null,
    ...over,
  };
}

const head = (messageId: string) =>
  Buffer.from(`From: AWS <no-reply@signin.aws>\r\nSubject: Your code\r\nMessage-ID: ${messageId}\r\n\r\nx\r\n`);

async function rowOf(mailId: number) {
  const { rows } = await stage.database.pool.query(
    `select m.message_id, a.envelope_from, a.helo from mails m join arrivals a on a.mail_id = m.id where m.id = $1`,
    [mailId],
  );
  return rows[0] as { message_id: string | null; envelope_from: string; helo: string };
}

test('what a client said of itself is kept without tokens, codes and controls', async () => {
  const [kept] = await stage.room.keep(head('<a@b.test>'), arrival({}));
  const row = await rowOf(kept!.mailId);
  expect(row.envelope_from).toBe('bounce+#=…@mail.test');
  expect(row.helo).toMatch(/^host-#\.…[^\p{Cc}]*\.test$/u);
});

test('it is bounded, and an ordinary sender stays as it is', async () => {
  const long = arrival({ envelopeFrom: `${'ab.'.repeat(400)}@mail.test`, helo: 'mx1.'.repeat(400) });
  const [kept] = await stage.room.keep(head('<c@b.test>'), long);
  const row = await rowOf(kept!.mailId);
  expect(row.envelope_from.length).toBeLessThanOrEqual(320);
  expect(row.helo.length).toBeLessThanOrEqual(255);
  const plain = arrival({ envelopeFrom: 'no-reply-aws@amazon.com', helo: 'mx-2026.amazon.com' });
  const [other] = await stage.room.keep(head('<d@b.test>'), plain);
  expect(await rowOf(other!.mailId)).toMatchObject({
    envelope_from: 'no-reply-aws@amazon.com',
    helo: 'mx-2026.amazon.com',
  });
});

test('the Message-ID of a mail that is too large gives no code away', async () => {
  const [kept] = await stage.room.keepTooLarge(head('<code-482913@signin.aws>'), 99_000_000, arrival({}));
  expect((await rowOf(kept!.mailId)).message_id).not.toContain('482913');
  const [other] = await stage.room.keepTooLarge(
    Buffer.from('From: a@b.test\r\nSubject: Log\r\nMessage-ID: <log.7@b.test>\r\n\r\n'),
    99_000_001,
    arrival({}),
  );
  expect((await rowOf(other!.mailId)).message_id).toBe('log.7@b.test');
});
