import { type Kysely, sql } from 'kysely';
import type { SecretLevel } from '../core/values.ts';
import type { Tables } from './schema.ts';

/** A copy of a mail for one member, and how it went. */
export type MemberCopy = {
  id: number;
  mailId: number;
  /** When the mail was kept. */
  at: Date;
  /** Redacted; null: not read yet. */
  subject: string | null;
  secretLevel: SecretLevel | null;
  secretKinds: string[];
  state: 'due' | 'leased' | 'accepted' | 'failed' | 'skipped';
  form: 'raw' | 'wrapped' | null;
  /** What was said last of it: `smtp.250`, `5.1.1`, or null. */
  code: string | null;
  acceptedAt: Date | null;
};

/** Copies of a member, newest first, at most `limit`. */
export async function readMemberCopies(db: Kysely<Tables>, memberId: number, limit: number): Promise<MemberCopy[]> {
  const { rows } = await sql<MemberCopy>`
    select d.id, d.mail_id as "mailId", m.received_at as at, r.subject, m.secret_level as "secretLevel",
           coalesce(r.secrets -> 'kinds', '[]') as "secretKinds", d.state, d.form, d.code, d.accepted_at as "acceptedAt"
      from deliveries d join mails m on m.id = d.mail_id left join readings r on r.mail_id = m.id
     where d.member_id = ${memberId} order by d.id desc limit ${limit}`.execute(db);
  return rows;
}
