import type { Pool } from 'pg';
import type { SealedMail } from './claimMails.ts';

/** Bytes of a slice: the driver has it as text and as bytes beside what is open already. */
const SLICE_BYTES = 128 * 1024;

/** The sealed bytes of one mail; null when they are not there (too large to be taken, or removed). */
export async function loadSealed(pool: Pick<Pool, 'query'>, mailId: number): Promise<SealedMail | null> {
  const { rows } = await pool.query<SealedMail>({
    name: 'load_sealed_mail',
    text: `select bytes, wrapped_key as "wrappedKey", key_id as "keyId" from raws where mail_id = $1 limit 1`,
    values: [mailId],
  });
  return rows[0] ?? null;
}

/** The key of a sealed mail and its bytes in slices, read as they are asked for; null when they are not there. */
export async function sliceSealed(
  pool: Pick<Pool, 'query'>,
  mailId: number,
): Promise<(Omit<SealedMail, 'bytes'> & { slices: AsyncIterable<Buffer> }) | null> {
  const { rows } = await pool.query<Omit<SealedMail, 'bytes'> & { size: number }>(
    `select octet_length(bytes) as size, wrapped_key as "wrappedKey", key_id as "keyId" from raws where mail_id = $1 limit 1`,
    [mailId],
  );
  const found = rows[0];
  if (!found) return null;
  const { size, ...key } = found;
  return { ...key, slices: slicesOf(pool, mailId, size) };
}

async function* slicesOf(pool: Pick<Pool, 'query'>, mailId: number, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < size; at += SLICE_BYTES) {
    const { rows } = await pool.query<{ slice: Buffer }>({
      name: 'slice_sealed_mail',
      text: 'select substring(bytes from $2 for $3) as slice from raws where mail_id = $1 limit 1',
      values: [mailId, at + 1, SLICE_BYTES],
    });
    if (!rows[0]) throw new Error('the bytes of a mail went while they were read');
    yield rows[0].slice;
  }
}
