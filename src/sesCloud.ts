import type { AwsMailQueueOptions } from './connectors/awsMailQueue.ts';
import type { SesQueueSettings } from './settings.ts';
import { sesRegion } from './sourceSettings.ts';

/** How a queue of the settings is opened; where they name no key, the SDK finds one as it always does. */
export function cloudOptions(queue: SesQueueSettings): AwsMailQueueOptions {
  const { queueUrl, endpoint, accessKeyId, secretAccessKey } = queue;
  return {
    queueUrl,
    endpoint,
    region: sesRegion(queue) as string,
    credentials: accessKeyId === null || secretAccessKey === null ? null : { accessKeyId, secretAccessKey },
  };
}
