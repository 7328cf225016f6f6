import { createHmac } from 'node:crypto';
import { Readable } from 'node:stream';
import { dkimSign } from 'mailauth/lib/dkim/sign.js';
import { isEightBit, type WrapReason, wrapReason } from '../core/copyForm.ts';
import { copyStart } from '../core/copyHeader.ts';
import type { Form } from '../core/deliveryAttempt.ts';
import { type HeaderField, readFields } from '../core/fields.ts';
import type { SenderRules } from '../core/sender.ts';
import type { AuthResult } from '../core/values.ts';
import { slices, wrapMail } from '../core/wrapMail.ts';
import { wrapText } from '../core/wrapTexts.ts';
import type { SigningKey } from '../lib/signingKey.ts';
import { arcSeal } from './arcSeal.ts';

/** What copies are made with, the same for all mails. */
export type CopyDress = {
  hostname: string;
  /** From of wrapped mail. */
  from: string;
  owner: string | null;
  unsubscribeUrl: ((listId: number) => string) | null;
  signing: SigningKey;
  /** Makes ids and boundaries that the mail inside cannot know. */
  key: Buffer;
  senders: SenderRules;
};

/** A copy without its own header fields: shared by all members that get it in this form. */
export type CopyBody = {
  form: Form;
  /** Why it is wrapped; null: it is raw. */
  wrappedFor: WrapReason | null;
  isEightBit: boolean;
  /** Fields of what is sent, for the check of what may go on top. */
  fields: readonly HeaderField[];
  bytes: () => Iterable<Uint8Array>;
};

export type PreparedMail = {
  fields: readonly HeaderField[];
  /** A Message-ID for a mail that has none. */
  messageId: string;
  /** The body for a member of this list; `wrapped`: their mail server refuses raw ones. */
  bodyFor(member: { list: string; language: string; wrapped: boolean }): Promise<CopyBody>;
};

/** RFC 6376 §5.4.1, and what says that no person wrote it. */
const SIGNED = [
  'from',
  'to',
  'reply-to',
  'subject',
  'date',
  'message-id',
  'auto-submitted',
  'mime-version',
  'content-type',
];

/**
 * Makes a kept mail ready to be sent on: one buffer, shared by all copies. The same mail gives the same bytes at every try,
 * so that a second copy after a crash is recognised as one.
 */
export function prepareMail(
  raw: Buffer,
  mail: { id: number; receivedAt: Date; auth: AuthResult },
  dress: CopyDress,
): PreparedMail {
  const fields = readFields(raw);
  const start = copyStart(fields);
  const kept = fields.filter((field) => field.start >= start);
  const reason = wrapReason(raw, fields, mail.auth, dress.senders);
  const mac = (purpose: string) =>
    createHmac('sha256', dress.key).update(`${purpose}\n${mail.id}`).digest('hex').slice(0, 24);
  let sealed: Promise<CopyBody> | null = null;
  const plain = async (): Promise<CopyBody> => {
    const bytes = () => slices(raw, start);
    const { auth, receivedAt } = mail;
    const seal = await arcSeal({ fields: kept, bytes, auth, receivedAt }, dress);
    return {
      form: 'raw',
      wrappedFor: null,
      isEightBit: isEightBit(raw),
      fields: seal.length === 0 ? kept : [...readFields(seal), ...kept],
      *bytes() {
        yield seal;
        yield* bytes();
      },
    };
  };
  const wraps = new Map<string, Promise<CopyBody>>();

  const wrap = async (why: WrapReason, list: string, language: string): Promise<CopyBody> => {
    const { domain, selector, privateKey } = dress.signing;
    const wrapped = wrapMail(raw.subarray(start), {
      from: dress.from,
      list,
      words: wrapText(why, list, language),
      messageId: `<w.${mail.id}.${mac(`wrap ${list} ${why}`)}@${domain}>`,
      at: mail.receivedAt,
      boundary: `=_${mac('boundary')}`,
    });
    const signer = {
      signingDomain: domain,
      selector,
      privateKey: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString(),
    };
    const { signatures, errors } = await dkimSign(Readable.from(wrapped.parts(), { objectMode: false }), {
      canonicalization: 'relaxed/simple',
      algorithm: 'rsa-sha256',
      signTime: mail.receivedAt,
      headerList: SIGNED,
      ...signer,
      signatureData: [signer],
    });
    if (errors.length > 0) throw new Error('a wrapped mail could not be signed');
    const [head = new Uint8Array()] = wrapped.parts();
    const signature = Buffer.from(signatures);
    return {
      form: 'wrapped',
      wrappedFor: why,
      isEightBit: wrapped.isEightBit,
      fields: readFields(Buffer.concat([signature, head])),
      *bytes() {
        yield signature;
        yield* wrapped.parts();
      },
    };
  };

  return {
    fields,
    messageId: `<m.${mail.id}.${mac('message-id')}@${dress.signing.domain}>`,
    async bodyFor({ list, language, wrapped }) {
      const why = reason ?? (wrapped ? 'member' : null);
      if (why === null) {
        sealed ??= plain();
        return sealed;
      }
      const key = `${why} ${list}`;
      let body = wraps.get(key);
      if (!body) {
        body = wrap(why, list, language);
        wraps.set(key, body);
      }
      return body;
    },
  };
}
