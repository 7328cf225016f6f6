import { Readable } from 'node:stream';
import { sealMessage } from 'mailauth/lib/arc/index.js';
import { readAddresses } from '../core/addresses.ts';
import { signedNames } from '../core/copyHeader.ts';
import { fieldsNamed, type HeaderField } from '../core/fields.ts';
import { domainOf } from '../core/mailAddress.ts';
import { maySeal, sealedResults } from '../core/sealedResults.ts';
import type { AuthResult } from '../core/values.ts';
import type { SigningKey } from '../lib/signingKey.ts';

/** Names that our seal covers; only those that the mail has. Nothing that we put on top is among them. */
const COVERED = [
  'from',
  'to',
  'cc',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'mime-version',
  'content-type',
  'dkim-signature',
];

/**
 * The fields of an ARC seal of ours (RFC 8617), for the top of a copy that goes out as it came; empty when it is not
 * sealed. A bonus: nothing depends on it, so a seal that cannot be made is left out. The same mail has the same seal at
 * every try.
 */
export async function arcSeal(
  mail: { fields: readonly HeaderField[]; bytes: () => Iterable<Uint8Array>; auth: AuthResult; receivedAt: Date },
  by: { signing: SigningKey; hostname: string },
): Promise<Buffer> {
  const { fields, auth, receivedAt } = mail;
  if (!maySeal(fields, signedNames(fields).flat())) return Buffer.alloc(0);
  const from = readAddresses(fieldsNamed(fields, 'from'))[0]?.address ?? null;
  try {
    return await sealMessage(Readable.from(mail.bytes(), { objectMode: false }), {
      signingDomain: by.signing.domain,
      selector: by.signing.selector,
      privateKey: by.signing.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
      headerList: COVERED,
      signTime: receivedAt,
      cv: 'none',
      authResults: sealedResults(by.hostname, auth, from === null ? null : domainOf(from)),
    });
  } catch {
    return Buffer.alloc(0);
  }
}
