import type { HeaderField } from '../core/fields.ts';
import { hopVerdict } from '../core/scanVerdict.ts';
import type { HopVerdict } from '../core/values.ts';

/** What SES wrote on top of a mail that it took. */
export type SesHead = {
  /** 1 when the topmost Received field is SES's, else 0: then nothing in the mail is known to be. */
  trustedReceived: 0 | 1;
  /** Who handed the mail to SES. */
  clientIp: string | null;
  helo: string | null;
  /** The recipient that its Received field names (RFC 5321 §4.4 `for`), lower case. */
  recipient: string | null;
  /** X-SES-Spam-Verdict and X-SES-Virus-Verdict; `none` where SES did not write them. */
  spam: HopVerdict;
  virus: HopVerdict;
};

const NOTHING: SesHead = {
  trustedReceived: 0,
  clientIp: null,
  helo: null,
  recipient: null,
  spam: 'none',
  virus: 'none',
};

/** Fields that SES puts on top, each once. The first other one, or a repetition, was in the mail when it came. */
const WRITTEN = new Set([
  'return-path',
  'received',
  'x-ses-spam-verdict',
  'x-ses-virus-verdict',
  'received-spf',
  'authentication-results',
  'x-ses-receipt',
  'x-ses-dkim-signature',
]);
/** `inbound-smtp.eu-west-1.amazonaws.com`, with the top-level domain of China's regions. */
const SES_HOST = /^inbound-smtp\.[a-z0-9-]{1,40}\.amazonaws\.com(?:\.cn)?$/;

/**
 * Reads what SES wrote above a mail that lies in a bucket of its receipt rule. Only there may this be asked: elsewhere these
 * fields are the sender's.
 */
export function readSesHead(fields: readonly HeaderField[]): SesHead {
  const own = new Map<string, string>();
  for (const { name, value } of fields) {
    if (!WRITTEN.has(name) || own.has(name)) break;
    own.set(name, value);
  }
  const received = (own.get('received') ?? '').slice(0, 4096);
  const by = /\sby\s+([^\s;()]{1,255})/i.exec(received)?.[1]?.toLowerCase() ?? '';
  if (!SES_HOST.test(by)) return NOTHING;
  const client = /^from\s+(\S{1,255})\s+\([^()]{0,300}\[(?:IPv6:)?([0-9a-f:.]{3,45})\][^()]{0,20}\)/i.exec(received);
  const recipient = /\sfor\s+<?([^\s<>;,]{1,320}@[^\s<>;,]{1,255})>?\s*;/i.exec(received)?.[1];
  return {
    trustedReceived: 1,
    clientIp: client?.[2] ?? null,
    helo: client?.[1] ?? null,
    recipient: recipient?.toLowerCase() ?? null,
    spam: hopVerdict(own.get('x-ses-spam-verdict')),
    virus: hopVerdict(own.get('x-ses-virus-verdict')),
  };
}
