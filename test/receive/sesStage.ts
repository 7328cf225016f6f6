import { openAwsMailQueue } from '../../src/connectors/awsMailQueue.ts';
import { type SesQueue, type SesQueueDeps, startSesQueue } from '../../src/receive/sesQueue.ts';
import type { SesQueueSettings } from '../../src/settings.ts';
import { registerSesQueues } from '../../src/store/sesQueues.ts';
import { ACCESS_KEY, type AwsStandIn, BUCKET } from '../servers/awsStandIn.ts';
import type { Stage } from './stage.ts';

export const QUEUE = 'root-mail';

/** Settings of the queue of a stand-in. */
export function queueSettings(aws: AwsStandIn, more: Partial<SesQueueSettings> = {}): SesQueueSettings {
  return {
    name: QUEUE,
    queueUrl: aws.queueUrl,
    region: 'eu-west-1',
    bucket: BUCKET,
    ...ACCESS_KEY,
    secretAccessKeyFile: null,
    endpoint: aws.endpoint,
    ...more,
  };
}

/** Reads the queue of a stand-in over a stage. */
export async function readQueue(
  aws: AwsStandIn,
  stage: Stage,
  more: Partial<SesQueueDeps> & { settings?: Partial<SesQueueSettings> } = {},
): Promise<SesQueue> {
  const { settings: given, ...deps } = more;
  const settings = queueSettings(aws, given);
  const { accessKeyId, secretAccessKey } = settings;
  await registerSesQueues(stage.database.db, [settings.name], stage.keepDeps.clock.now());
  return startSesQueue(settings, {
    cloud: openAwsMailQueue({
      queueUrl: settings.queueUrl,
      region: 'eu-west-1',
      endpoint: settings.endpoint,
      credentials: { accessKeyId: accessKeyId!, secretAccessKey: secretAccessKey! },
    }),
    pool: stage.database.pool,
    db: stage.database.db,
    room: stage.room,
    returned: null,
    budget: stage.budget,
    clock: stage.keepDeps.clock,
    log: stage.listenerDeps.log,
    mailBytes: stage.listenerDeps.mailBytes,
    notify: { mail: true, webhook: false, least: 'high' },
    ring: () => {},
    pauseMs: 50,
    wait: () => 1000,
    ...deps,
  });
}
