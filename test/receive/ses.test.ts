import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createBudget } from '../../src/receive/budget.ts';
import type { SesQueue } from '../../src/receive/sesQueue.ts';
import { alertSilentSesQueues } from '../../src/store/sesAlerts.ts';
import { readSesQueues, readSesTroubles } from '../../src/store/sesQueues.ts';
import { type AwsStandIn, BUCKET, type Fault, startAwsStandIn } from '../servers/awsStandIn.ts';
import { asStored, bucketEvent, bySns, sesKey, sesNotification, takeBySes } from './sesMessages.ts';
import { QUEUE, readQueue } from './sesStage.ts';
import { openStage, plainMail, type Stage, signedMail } from './stage.ts';
import { until } from './until.ts';

const ACME = 'acme-7f3k@root.test';
const GLOBEX = 'globex-4t8w@root.test';
const NOTIFY = { mail: true, webhook: false, least: 'high' } as const;

let stage: Stage;
let aws: AwsStandIn;
let reading: SesQueue | null = null;

beforeAll(async () => {
  stage = await openStage({ mailBytes: 200_000 });
});
afterAll(async () => {
  await stage?.close();
});
beforeEach(async () => {
  aws = await startAwsStandIn();
});
afterEach(async () => {
  await reading?.close();
  reading = null;
  await aws.close();
  await stage.database.pool.query('delete from ses_troubles');
  await stage.database.pool.query(`update tickets set state = 'solved'`);
  expect(stage.budget.used).toBe(0);
});

const read = async (more: Parameters<typeof readQueue>[2] = {}) => {
  reading = await readQueue(aws, stage, more);
};
const drained = () => until(() => aws.left === 0);
const arrivalsOf = async (key: string) => {
  const { rows } = await stage.database.pool.query(
    `select a.*, m.customer_id as customer, m.outcome from arrivals a join mails m on m.id = a.mail_id
      where a.source = $1 order by a.id`,
    [`ses:${QUEUE}/${key}`],
  );
  return rows;
};
const troubles = () => readSesTroubles(stage.database.db, 50);
const openTickets = async () => {
  const { rows } = await stage.database.pool.query(
    `select kind, subject, urgency from tickets where state <> 'solved' order by id`,
  );
  return rows;
};
const queueRow = async () => (await readSesQueues(stage.database.db)).find(({ name }) => name === QUEUE)!;

describe('messages', () => {
  it('are taken in each form, and an object that is told of twice is one arrival', async () => {
    await read();
    for (const form of ['sns', 'ses', 'bucket', 'bucket by sns'] as const) {
      const mail = signedMail();
      const { key } = takeBySes(aws, { mail, to: [ACME], form });
      aws.send(bucketEvent([key]));
      await drained();
      expect(await arrivalsOf(key), form).toMatchObject([{ customer: 1, transport: 'ses', envelope_to: ACME }]);
    }
  });

  it('lead to whom the envelope names, whatever the header says', async () => {
    await read();
    const fields = { To: GLOBEX, 'X-Original-To': GLOBEX, 'Delivered-To': GLOBEX };
    const one = takeBySes(aws, { mail: signedMail(fields), to: [ACME] });
    const both = takeBySes(aws, { mail: signedMail(fields), to: [ACME, GLOBEX] });
    // The bucket knows no envelope: what SES wrote on top does.
    const bare = takeBySes(aws, { mail: signedMail(fields), to: [ACME], form: 'bucket' });
    await drained();
    expect((await arrivalsOf(one.key)).map(({ customer }) => customer)).toEqual([1]);
    expect((await arrivalsOf(both.key)).map(({ customer }) => customer)).toEqual([1, 2]);
    expect((await arrivalsOf(bare.key)).map(({ customer }) => customer)).toEqual([1]);
  });

  it('may come twice, late and in any order: nothing is doubled', async () => {
    await read();
    const keys = Array.from({ length: 12 }, () => takeBySes(aws, { mail: signedMail(), to: [ACME] }).key);
    await drained();
    const count = async () =>
      (
        await stage.database.pool.query(
          'select count(*)::int as n, (select count(*)::int from deliveries) as d from arrivals',
        )
      ).rows[0];
    const before = await count();
    for (const key of keys) expect(await arrivalsOf(key)).toHaveLength(1);
    aws.repeatAll();
    await drained();
    expect(await count()).toEqual(before);
  });

  it('that hold no mail are known by name and deleted', async () => {
    const before = (await stage.database.pool.query('select count(*)::int as n from mails')).rows[0].n;
    const setup = 'in/AMAZON_SES_SETUP_NOTIFICATION';
    aws.put(BUCKET, setup, plainMail());
    aws.send(
      JSON.stringify({ Service: 'Amazon S3', Event: 's3:TestEvent', Time: '2026-12-01T00:00:00.000Z', Bucket: BUCKET }),
    );
    aws.send(bySns(sesNotification({ mail: plainMail(), to: [ACME], key: setup })));
    aws.send(bucketEvent([setup, 'in/']));
    aws.send(bucketEvent(['in/x'], 'ObjectRemoved:Delete'));
    await read();
    await drained();
    expect(await troubles()).toEqual([]);
    expect((await stage.database.pool.query('select count(*)::int as n from mails')).rows[0].n).toBe(before);
    expect(aws.calls.GetObject).toBeUndefined();
  });

  it('of several objects are deleted when all of them are kept', async () => {
    const [first, second] = [sesKey(), `in/a b+${sesKey().slice(3)}`];
    aws.put(BUCKET, first, asStored({ mail: signedMail(), to: [ACME] }));
    aws.send(bucketEvent([first, second]));
    await read();
    await until(async () => (await troubles()).length === 1);
    expect(aws.left).toBe(1);
    expect(await troubles()).toMatchObject([{ class: 'missing', queue: QUEUE, attempts: 1 }]);
    expect(await arrivalsOf(first)).toHaveLength(1);
    aws.put(BUCKET, second, asStored({ mail: signedMail(), to: [ACME] }));
    await drained();
    expect(await arrivalsOf(first)).toHaveLength(1);
    expect(await arrivalsOf(second)).toHaveLength(1);
    expect(await troubles()).toEqual([]);
  });

  it('that nobody can use stay, are shown, are told of once, and hold up nothing', async () => {
    const sns = JSON.parse(sesNotification({ mail: plainMail(), to: [ACME], key: sesKey() }));
    sns.receipt.action = { type: 'SNS', topicArn: 'arn:aws:sns:eu-west-1:111122223333:x' };
    const bad = [
      'not json, hunter2',
      '{"hello":"hunter2"}',
      bySns('{"token":"hunter2"}', 'SubscriptionConfirmation'),
      JSON.stringify({ ...sns, content: 'hunter2' }),
      JSON.stringify({ notificationType: 'Received', receipt: { recipients: 'hunter2' }, mail: {} }),
      bucketEvent(['in/%E0%A4%A']).replaceAll('%25', '%'),
      JSON.stringify({ Records: [{ eventVersion: '3.0', eventSource: 'aws:s3' }] }),
      JSON.stringify({ Records: [] }),
    ];
    for (const body of bad) aws.send(body);
    await read();
    const { key } = takeBySes(aws, { mail: signedMail(), to: [ACME] });
    await until(async () => (await troubles()).length === bad.length && aws.left === bad.length);
    expect(await arrivalsOf(key)).toHaveLength(1);
    const rows = await troubles();
    expect(new Set(rows.map((row) => row.class))).toEqual(new Set(['message']));
    expect(JSON.stringify(rows)).not.toContain('hunter2');
    expect(rows.map((row) => row.error)).toContain('It is not JSON.');
    expect(await openTickets()).toEqual([
      { kind: 'ses.message', subject: `Mail of the queue ${QUEUE} cannot be read`, urgency: 'high' },
    ]);
  });

  it('that name another bucket are refused, and it is not asked', async () => {
    await read();
    takeBySes(aws, { mail: signedMail(), to: [ACME], bucket: 'of-somebody-else' });
    await until(async () => (await troubles()).length === 1);
    expect(await troubles()).toMatchObject([{ class: 'bucket' }]);
    expect(aws.calls.HeadObject).toBeUndefined();
    expect(await openTickets()).toMatchObject([{ kind: 'ses.bucket' }]);
  });
});

describe('the bucket', () => {
  const cases: [string, string, (call: { name: string }) => Fault | null][] = [
    ['has it a moment later', 'missing', () => ({ status: 404, code: 'NoSuchKey' })],
    ['forbids it', 'denied', () => ({ status: 403, code: 'AccessDenied' })],
    [
      'asks to come slower',
      'throttled',
      ({ name }) => (name === 'GetObject' ? { status: 503, code: 'SlowDown' } : null),
    ],
    ['is broken', 'network', () => ({ status: 500, code: 'InternalError' })],
    ['ends in the middle', 'network', ({ name }) => (name === 'GetObject' ? { cutAfter: 300 } : null)],
    [
      'may not use its key',
      'kms',
      ({ name }) =>
        name === 'GetObject'
          ? {
              status: 403,
              code: 'AccessDenied',
              message: 'User is not authorized to perform: kms:Decrypt on this resource',
            }
          : null,
    ],
    ['is gone', 'absent', ({ name }) => (name === 'GetObject' ? { status: 404, code: 'NoSuchBucket' } : null)],
  ];
  it.each(cases)('%s (%s): the message stays, and the mail is kept once it can be', async (_name, expected, fault) => {
    aws.fault = (call) => (call.name.endsWith('Object') ? fault(call) : null);
    const { key, id } = takeBySes(aws, { mail: signedMail(), to: [ACME] });
    // Shown again at once.
    await read({ wait: () => 0 });
    await until(async () => (await troubles()).length === 1);
    expect(await troubles()).toMatchObject([{ class: expected, messageId: id, object: `${BUCKET}/${key}` }]);
    expect(await arrivalsOf(key)).toEqual([]);
    expect(aws.left).toBe(1);
    await until(() => aws.hidden.get(id) === 0);
    aws.fault = () => null;
    await drained();
    expect(await arrivalsOf(key)).toHaveLength(1);
    expect(await troubles()).toEqual([]);
  });

  it('holds mail that SES encrypted for another client: said, and left there', async () => {
    const key = sesKey();
    aws.put(BUCKET, key, Buffer.from('ciphertext'), { 'x-amz-key-v2': 'AAAA', 'x-amz-cek-alg': 'AES/GCM/NoPadding' });
    aws.send(bySns(sesNotification({ mail: plainMail(), to: [ACME], key })));
    await read();
    await until(async () => (await troubles()).length === 1);
    expect(await troubles()).toMatchObject([{ class: 'encrypted' }]);
    expect(aws.calls.GetObject).toBeUndefined();
    expect(await openTickets()).toMatchObject([{ kind: 'ses.encrypted' }]);
  });

  it('holds a mail of no bytes: it is kept like any other', async () => {
    const key = sesKey();
    aws.put(BUCKET, key, Buffer.alloc(0));
    aws.send(bySns(sesNotification({ mail: plainMail(), to: [ACME], key })));
    await read();
    await drained();
    expect(await arrivalsOf(key)).toMatchObject([{ customer: 1 }]);
  });

  it('has a mail above the limit: its size is asked, its header read, its outcome said', async () => {
    const key = sesKey();
    aws.put(BUCKET, key, Buffer.concat([asStored({ mail: plainMail(), to: [ACME] }), Buffer.alloc(400_000, 'x')]));
    aws.send(bySns(sesNotification({ mail: plainMail(), to: [ACME], key })));
    await read();
    await drained();
    expect(await arrivalsOf(key)).toMatchObject([{ customer: 1, outcome: 'too_large' }]);
  });
});

describe('work', () => {
  it('hides its message for as long as it takes, so that nobody else gets it', async () => {
    let goOn = () => {};
    const slow = new Promise<void>((resolve) => {
      goOn = resolve;
    });
    aws.fault = ({ name }) => (name === 'GetObject' ? { until: slow } : null);
    const { key, id } = takeBySes(aws, { mail: signedMail(), to: [ACME] });
    await read({ visibleSeconds: 1 });
    // Beyond its visibility: it would have been handed out again by then.
    await until(() => (aws.calls.ChangeMessageVisibility ?? 0) >= 5);
    expect(aws.calls.HeadObject).toBe(1);
    expect(aws.hidden.get(id)).toBe(1);
    goOn();
    await drained();
    expect(await arrivalsOf(key)).toHaveLength(1);
  });

  it('holds no more mail in memory than it may', async () => {
    const budget = createBudget(60_000);
    let most = 0;
    aws.fault = () => {
      most = Math.max(most, budget.used);
      return null;
    };
    const body = `${'x'.repeat(76)}\r\n`.repeat(300);
    const keys = Array.from({ length: 8 }, () => takeBySes(aws, { mail: signedMail({}, body), to: [ACME] }).key);
    await read({ budget });
    await drained();
    for (const key of keys) expect(await arrivalsOf(key)).toHaveLength(1);
    expect(most).toBeGreaterThan(20_000);
    expect(most).toBeLessThanOrEqual(60_000);
    expect(budget.used).toBe(0);
  });

  it('that stops gives back what it has not read, for others to take at once', async () => {
    aws.fault = ({ name }) => (name === 'GetObject' ? { until: new Promise(() => {}) } : null);
    const { key, id } = takeBySes(aws, { mail: signedMail(), to: [ACME] });
    await read();
    await until(() => aws.calls.GetObject === 1);
    await reading?.close();
    expect(aws.hidden.get(id)).toBe(0);
    expect(await troubles()).toEqual([]);
    aws.fault = () => null;
    await read();
    await drained();
    expect(await arrivalsOf(key)).toHaveLength(1);
  });

  it('is shared by as many processes as there are', async () => {
    const other = await readQueue(aws, stage);
    await read();
    const keys = Array.from({ length: 30 }, () => takeBySes(aws, { mail: signedMail(), to: [ACME] }).key);
    await drained();
    await other.close();
    for (const key of keys) expect(await arrivalsOf(key)).toHaveLength(1);
  });

  it('waits where mail cannot be kept, without handing messages back to be counted', async () => {
    let isAway = true;
    const keep: typeof stage.room.keep = async (...mail) => {
      if (isAway) throw new Error('the database is away');
      return stage.room.keep(...mail);
    };
    let tried = 0;
    const room = {
      keep: ((...mail) => {
        tried += 1;
        return keep(...mail);
      }) as typeof keep,
      keepTooLarge: stage.room.keepTooLarge,
    };
    const { key } = takeBySes(aws, { mail: signedMail(), to: [ACME] });
    await read({ room });
    await until(() => tried >= 3);
    isAway = false;
    await drained();
    expect(await arrivalsOf(key)).toHaveLength(1);
    expect(await troubles()).toEqual([]);
  });
});

describe('the queue', () => {
  const cases: [string, string, Fault | 'credentials'][] = [
    ['forbids it', 'denied', { status: 400, code: 'AccessDeniedException', message: 'not authorized' }],
    ['asks to come slower', 'throttled', { status: 400, code: 'RequestThrottled', message: 'slow down' }],
    ['does not exist', 'absent', { status: 400, code: 'QueueDoesNotExist', message: 'no such queue' }],
    ['is broken', 'network', { status: 500, code: 'InternalFailure', message: 'oops' }],
    ['does not accept the credentials', 'authentication', 'credentials'],
  ];
  it.each(cases)('%s (%s): said in its row, and read again by itself', async (_name, expected, fault) => {
    const isWrong = fault === 'credentials';
    if (!isWrong) aws.fault = ({ name }) => (name === 'ReceiveMessage' ? fault : null);
    const wrong = { accessKeyId: 'AKIAOTHER', secretAccessKey: 'hunter2' };
    await read({ wait: () => 100, ...(isWrong && { settings: wrong }) });
    await until(async () => (await queueRow()).errorClass === expected);
    const row = await queueRow();
    expect(row.state).toBe('waiting');
    expect(row.lastError).not.toMatch(/hunter2|AKIA/);
    if (isWrong) {
      await reading?.close();
      await read();
    }
    aws.fault = () => null;
    await until(async () => (await queueRow()).state === 'watching');
    expect(await queueRow()).toMatchObject({ errorClass: null, failures: 0, lastError: null });
  });

  it('that nobody reads is told of once, until it answers', async () => {
    const { pool } = stage.database;
    await read();
    await until(async () => (await queueRow()).state === 'watching');
    await reading?.close();
    const later = (minutes: number) => new Date(Date.now() + minutes * 60_000);
    const look = (minutes: number) => alertSilentSesQueues(pool, [QUEUE], 600_000, NOTIFY, later(minutes));
    expect(await look(5)).toEqual([]);
    expect(await look(11)).toEqual([QUEUE]);
    expect(await look(12)).toEqual([]);
    expect(await openTickets()).toEqual([
      { kind: 'ses.silent', subject: `Nobody reads the queue ${QUEUE}`, urgency: 'critical' },
    ]);
    await read();
    await until(async () => (await pool.query('select alerted_at from ses_queues')).rows[0].alerted_at === null);
    // What somebody writes to the row at that moment is looked at the next time.
    await until(async () => (await look(11)).length === 1);
  });

  it('says how much waits', async () => {
    aws.send('poison');
    await read();
    await until(async () => (await queueRow()).waiting === 1);
  });
});
