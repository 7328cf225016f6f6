import type { Pool } from 'pg';

/** The sealed bytes of one mail, or null when there are none (any more). */
export async function loadSealedMail(
  pool: Pool,
  mailId: number,
): Promise<{ bytes: Buffer; wrappedKey: Buffer; keyId: string } | null> {
  const { rows } = await pool.query<{ bytes: Buffer; wrappedKey: Buffer; keyId: string }>(
    `select r.bytes, r.wrapped_key as "wrappedKey", r.key_id as "keyId"
       from mails m join raws r on r.mail_id = m.id and r.kept_at = m.received_at where m.id = $1`,
    [mailId],
  );
  return rows[0] ?? null;
}
