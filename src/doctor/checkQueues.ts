import { classifySes } from '../receive/sesFailure.ts';
import { cloudOptions } from '../sesCloud.ts';
import type { SesQueueSettings, Settings } from '../settings.ts';
import type { Finding } from './finding.ts';

/** Receipts that a message should survive: one whose mail cannot be read for a day is handed out some hundred times. */
const ENOUGH_RECEIPTS = 100;
const ENOUGH_DAYS = 14;
const DAY_SECONDS = 24 * 3600;

/** Whether the queues of mail that SES took can be asked, keep messages long enough, and their bucket can be read. */
export async function checkQueues({ ses }: Pick<Settings, 'ses'>): Promise<Finding[]> {
  return (await Promise.all(ses.map(checkQueue))).flat();
}

async function checkQueue(queue: SesQueueSettings): Promise<Finding[]> {
  const { openAwsMailQueue } = await import('../connectors/awsMailQueue.ts');
  const cloud = openAwsMailQueue(cloudOptions(queue));
  const name = 'queue';
  try {
    const findings = [await facts()];
    if (queue.bucket !== null && findings[0]?.state !== 'bad') findings.push(await bucket(queue.bucket));
    return findings;
  } finally {
    cloud.close();
  }

  async function facts(): Promise<Finding> {
    try {
      const { waiting, retentionSeconds, maxReceives } = await cloud.facts();
      const days = retentionSeconds === null ? null : retentionSeconds / DAY_SECONDS;
      const text = `${queue.name}: ${waiting ?? '?'} messages wait`;
      if (maxReceives !== null && maxReceives < ENOUGH_RECEIPTS) {
        const hint = `let it go to the dead-letter queue after ${ENOUGH_RECEIPTS} at least: mail that cannot be read for a while is tried often`;
        return { name, state: 'warn', text: `${text}; a message is given up after ${maxReceives} receipts`, hint };
      }
      if (days !== null && days < ENOUGH_DAYS) {
        const hint = `keep them ${ENOUGH_DAYS} days (MessageRetentionPeriod): so long may nobody read it`;
        return { name, state: 'warn', text: `${text}; they are kept for ${Number(days.toFixed(1))} days`, hint };
      }
      return { name, state: 'ok', text };
    } catch (error) {
      const failure = classifySes(error);
      const text = `${queue.name} cannot be asked: ${failure.text}`;
      if (failure.class === 'denied')
        return { name, state: 'warn', text, hint: 'grant sqs:GetQueueAttributes; docs/ses.md has the policy' };
      return { name, state: 'bad', text, hint: 'mend queueUrl, region or credentials; see docs/ses.md' };
    }
  }

  /** Asks for an object that is not there: whether that is told says whether the bucket may be read. */
  async function bucket(wanted: string): Promise<Finding> {
    const object = { bucket: wanted, key: 'rootdesk-doctor', versionId: null };
    const failure = await cloud.size(object, AbortSignal.timeout(10_000)).then(
      () => null,
      (error: unknown) => classifySes(error),
    );
    if (failure === null || failure.class === 'missing')
      return { name: 'bucket', state: 'ok', text: `${wanted} can be read` };
    const text = `${wanted} cannot be read: ${failure.text}`;
    const hint = 'grant s3:GetObject on its objects and s3:ListBucket on itself; docs/ses.md has the policy';
    return { name: 'bucket', state: failure.class === 'denied' ? 'warn' : 'bad', text, hint };
  }
}
