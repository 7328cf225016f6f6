import type { Pool } from 'pg';
import type { SealedMail } from './claimMails.ts';

/** The sealed bytes of one mail; null when they are not there (too large to be taken, or removed). */
export async function loadSealed(pool: Pick<Pool, 'query'>, mailId: number): Promise<SealedMail | null> {
  const { rows } = await pool.query<SealedMail>({
    name: 'load_sealed_mail',
    text: `select bytes, wrapped_key as "wrappedKey", key_id as "keyId" from raws where mail_id = $1 limit 1`,
    values: [mailId],
  });
  return rows[0] ?? null;
}
