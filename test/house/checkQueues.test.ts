import { afterAll, beforeAll, expect, it } from 'vitest';
import { checkQueues } from '../../src/doctor/checkQueues.ts';
import { queueSettings } from '../receive/sesStage.ts';
import { type AwsStandIn, startAwsStandIn } from '../servers/awsStandIn.ts';

let aws: AwsStandIn;
beforeAll(async () => {
  aws = await startAwsStandIn();
});
afterAll(() => aws?.close());

it('doctor says whether the queues can be asked, keep mail long enough, and whose bucket can be read', async () => {
  const check = (more: Parameters<typeof queueSettings>[1] = {}) => checkQueues({ ses: [queueSettings(aws, more)] });
  expect(await checkQueues({ ses: [] })).toEqual([]);
  aws.attributes = {};
  expect(await check()).toMatchObject([
    { state: 'ok', text: 'root-mail: 0 messages wait' },
    { name: 'bucket', state: 'ok' },
  ]);
  expect(await check({ bucket: null })).toHaveLength(1);

  aws.attributes = { RedrivePolicy: '{"deadLetterTargetArn":"arn:aws:sqs:x:1:dead","maxReceiveCount":"5"}' };
  expect(await check()).toMatchObject([{ state: 'warn', text: expect.stringContaining('after 5 receipts') }, {}]);
  aws.attributes = { MessageRetentionPeriod: '345600' };
  expect(await check()).toMatchObject([{ state: 'warn', text: expect.stringContaining('kept for 4 days') }, {}]);

  aws.attributes = {};
  aws.fault = ({ name }) => (name === 'HeadObject' ? { status: 403, code: 'AccessDenied' } : null);
  expect(await check()).toMatchObject([
    { state: 'ok' },
    { state: 'warn', hint: expect.stringContaining('s3:ListBucket') },
  ]);
  aws.fault = ({ name }) => (name === 'GetQueueAttributes' ? { status: 400, code: 'AccessDeniedException' } : null);
  expect(await check()).toMatchObject([{ state: 'warn', hint: expect.stringContaining('GetQueueAttributes') }, {}]);
  aws.fault = () => null;
  const refused = await check({ accessKeyId: 'AKIAOTHER', secretAccessKey: 'hunter2' });
  expect(refused).toMatchObject([{ state: 'bad', text: expect.stringContaining('credentials are not accepted') }]);
  expect(JSON.stringify(refused)).not.toMatch(/hunter2|AKIA/);
});
