import { cleanLine } from '../core/cleanText.ts';
import { messageOf } from '../lib/errors.ts';
import type { SesFailureClass } from '../store/sesQueues.ts';

/** Trouble with a message that is found by us, not told by AWS. */
export class SesTrouble extends Error {
  readonly trouble: 'message' | 'encrypted' | 'bucket' | 'storage';

  constructor(trouble: SesTrouble['trouble'], message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'SesTrouble';
    this.trouble = trouble;
  }
}

export type SesFailure = {
  class: SesFailureClass;
  /** One line for people; never a key or a token. */
  text: string;
};

/** Errors of AWS's services, as the SDK gives them. */
type AwsError = { name?: unknown; $metadata?: { httpStatusCode?: number } };

/** "Common error types" of AWS, and those of S3 and SQS, that say that too much is asked. */
const TOO_MUCH =
  /^(?:Throttl|RequestThrottled|RequestLimitExceeded|TooManyRequests|SlowDown|BandwidthLimitExceeded|OverLimit|KmsThrottled|EC2Throttled)/;
/** Who we are is not known: wrong or expired credentials, or none. */
const UNKNOWN_CALLER =
  /^(?:CredentialsProviderError|TokenProviderError|InvalidClientTokenId|UnrecognizedClient|InvalidAccessKeyId|SignatureDoesNotMatch|InvalidSignature|IncompleteSignature|ExpiredToken|InvalidToken|MissingAuthenticationToken|NotAuthorized|InvalidSecurity|RequestExpired|RequestTimeTooSkewed)/;
const MISSING = /^(?:NoSuchKey|NotFound|NoSuchVersion)$/;
/** The queue or the bucket itself. */
const NOT_THERE = /QueueDoesNotExist|NonExistentQueue|NoSuchBucket|InvalidAddress/;
const KMS = /^KMS\b|^Kms|\bkms:|KMS key|KMS\./;

/** Tells what kind of trouble an error of a queue or of a mail in a bucket is. */
export function classifySes(error: unknown): SesFailure {
  if (error instanceof SesTrouble) return { class: error.trouble, text: error.message };
  const known = error as AwsError;
  const name = typeof known.name === 'string' ? known.name : '';
  const status = known.$metadata?.httpStatusCode;
  const said = messageOf(error);
  const text = cleanLine(name === '' || name === 'Error' || said.includes(name) ? said : `${name}: ${said}`, 300);
  // Their texts repeat what was signed.
  if (UNKNOWN_CALLER.test(name)) return { class: 'authentication', text: `${name}: the credentials are not accepted` };
  if (TOO_MUCH.test(name) || status === 429) return { class: 'throttled', text };
  if (KMS.test(name) || KMS.test(said)) return { class: 'kms', text };
  if (NOT_THERE.test(name)) return { class: 'absent', text };
  if (MISSING.test(name) || (status === 404 && !/Queue/.test(name)))
    return { class: 'missing', text: 'the object is not there' };
  // A HEAD has no body to say more; where s3:ListBucket is not granted, an object that is missing is forbidden too.
  if (status === 403 || /^AccessDenied|Forbidden/.test(name))
    return { class: 'denied', text: text === '' || /^(?:403|Unknown)/.test(text) ? 'access is denied (403)' : text };
  return { class: 'network', text: status === undefined ? text : `${text} (HTTP ${status})` };
}

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
/** First wait, growth, longest wait. */
const PACES: Record<SesFailureClass, [first: number, factor: number, most: number]> = {
  network: [2 * SECOND, 2, MINUTE],
  // Tried again for minutes before it goes back, see sesQueue.ts: each receipt counts towards a dead-letter queue.
  storage: [30 * SECOND, 2, 15 * MINUTE],
  throttled: [5 * SECOND, 2, 5 * MINUTE],
  // Told of a moment before it can be read, or gone for good.
  missing: [5 * SECOND, 3, HOUR],
  authentication: [10 * SECOND, 2, 5 * MINUTE],
  denied: [30 * SECOND, 2, 15 * MINUTE],
  kms: [30 * SECOND, 2, 15 * MINUTE],
  absent: [10 * SECOND, 2, 5 * MINUTE],
  // Only a person can mend these: seldom enough that a hundred of them cost nothing.
  message: [10 * MINUTE, 3, 6 * HOUR],
  encrypted: [10 * MINUTE, 3, 6 * HOUR],
  bucket: [10 * MINUTE, 3, 6 * HOUR],
};

/** Milliseconds before the n-th new try in a row. `chance` (0 to 1): waits of many messages must not end together. */
export function sesWaitAfter(failure: Pick<SesFailure, 'class'>, failures: number, chance: number): number {
  const [first, factor, most] = PACES[failure.class];
  return Math.round(Math.min(most, first * factor ** Math.min(failures - 1, 30)) * (0.5 + chance / 2));
}
