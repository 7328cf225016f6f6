import {
  createCipheriv,
  createDecipheriv,
  createSecretKey,
  type DecipherGCM,
  type KeyObject,
  randomBytes,
} from 'node:crypto';

const IV_BYTES = 12;
const TAG_BYTES = 16;

/** Bytes that encryption adds: IV in front, tag behind. */
export const OVERHEAD_BYTES = IV_BYTES + TAG_BYTES;

/**
 * AES-256-GCM (NIST SP 800-38D) with a random 96-bit IV: IV, ciphertext, tag. `bound` is authenticated and not stored:
 * the bytes open only where they belong. `prefix` is put in front as it is.
 */
export function encrypt(key: Buffer, plain: Buffer, bound: Buffer, prefix?: Buffer): Buffer {
  const iv = randomBytes(IV_BYTES);
  const cipher = createCipheriv('aes-256-gcm', keyObject(key), iv, { authTagLength: TAG_BYTES });
  cipher.setAAD(bound);
  const parts = [iv, cipher.update(plain), cipher.final(), cipher.getAuthTag()];
  return Buffer.concat(prefix ? [prefix, ...parts] : parts);
}

/** Throws when key, bytes or `bound` are not the ones that it was encrypted with. */
export function decrypt(key: Buffer, sealed: Buffer, bound: Buffer): Buffer {
  if (sealed.length < OVERHEAD_BYTES) throw new Error('too short to be encrypted bytes');
  const tagAt = sealed.length - TAG_BYTES;
  // Without authTagLength node accepts tags of 4 bytes.
  const iv = sealed.subarray(0, IV_BYTES);
  const decipher = createDecipheriv('aes-256-gcm', keyObject(key), iv, { authTagLength: TAG_BYTES });
  decipher.setAAD(bound);
  decipher.setAuthTag(sealed.subarray(tagAt));
  return Buffer.concat([decipher.update(sealed.subarray(IV_BYTES, tagAt)), decipher.final()]);
}

/**
 * The same for bytes that come in slices: gives the plain bytes slice by slice and throws at the end when key, bytes or
 * `bound` are not the right ones. Until it has ended without that, nothing of it may be believed.
 */
export async function* decryptSlices(
  key: Buffer,
  slices: AsyncIterable<Buffer>,
  bound: Buffer,
): AsyncGenerator<Buffer> {
  let decipher: DecipherGCM | null = null;
  // What may still be IV or tag.
  let held: Buffer = Buffer.alloc(0);
  for await (const slice of slices) {
    held = held.length === 0 ? slice : Buffer.concat([held, slice]);
    if (decipher === null) {
      if (held.length < IV_BYTES) continue;
      decipher = createDecipheriv('aes-256-gcm', keyObject(key), held.subarray(0, IV_BYTES), {
        authTagLength: TAG_BYTES,
      });
      decipher.setAAD(bound);
      held = held.subarray(IV_BYTES);
    }
    const end = held.length - TAG_BYTES;
    if (end <= 0) continue;
    yield decipher.update(held.subarray(0, end));
    held = held.subarray(end);
  }
  if (decipher === null || held.length !== TAG_BYTES) throw new Error('too short to be encrypted bytes');
  decipher.setAuthTag(held);
  yield decipher.final();
}

/** node:crypto finds out by exceptions that plain bytes are no key object, which costs more than the encryption of a mail. */
function keyObject(key: Buffer): KeyObject {
  return createSecretKey(key);
}
