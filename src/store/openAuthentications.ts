import type { Pool } from 'pg';
import type { Arrival, AuthResult } from '../core/values.ts';
import { COUNTER_SLOTS } from './counters.ts';
import { storableJson } from './storableJson.ts';

/** A mail whose authentication met a DNS error, with all that a new try needs. */
export type OpenAuthentication = {
  mailId: number;
  /** The last result. */
  auth: AuthResult;
  attempts: number;
  receivedAt: Date;
  arrival: Arrival;
  sealed: { bytes: Buffer; wrappedKey: Buffer; keyId: string };
};

/**
 * Claims mails whose authentication is due: they are not due again before `until`, so that no other process judges them
 * meanwhile, and a crash only makes them late.
 */
export async function claimAuthentications(
  pool: Pool,
  now: Date,
  until: Date,
  limit: number,
): Promise<OpenAuthentication[]> {
  const { rows } = await pool.query(
    `with claimed as (
       update mails set auth_due = $2 where id in (
         select id from mails where auth_due <= $1 order by auth_due, id limit $3 for no key update skip locked)
       returning id, auth, auth_attempts, received_at)
     select m.id, m.auth, m.auth_attempts, m.received_at, r.bytes, r.wrapped_key, r.key_id,
            a.transport, a.arrived_at, a.envelope_from, a.envelope_to, host(a.client_ip) as client_ip, a.helo, a.tls,
            a.trusted_authserv_ids, a.trusted_received, a.source, a.uid_validity::text, a.uid::text, a.verdicts
       from claimed m
       join raws r on r.mail_id = m.id and r.kept_at = m.received_at
       join lateral (select * from arrivals where mail_id = m.id order by id limit 1) a on true
      order by m.id`,
    [now, until, limit],
  );
  return rows.map(readOpen);
}

/**
 * Stores the result of one more try. `decideDue`: the mail is decided from then on, and its copies wait no longer.
 * `dnsError`: this try met one, and is counted.
 */
export async function settleAuthentication(
  pool: Pool,
  mailId: number,
  settled: { auth: AuthResult; authDue: Date | null; decideDue: Date | null; dnsError: boolean },
): Promise<void> {
  await pool.query(
    `with settled as (
       update mails set auth = $2, auth_due = $3, auth_attempts = least(auth_attempts + 1, 30000), decide_due = $4
        where id = $1 and auth_due is not null returning id),
     counted as (
       insert into counters (name, slot, value)
       select 'auth.temperror', pg_backend_pid() % ${COUNTER_SLOTS}, 1 from settled where $5
       on conflict (name, slot) do update set value = counters.value + 1)
     update deliveries d set due_at = least(d.due_at, $4) from settled
      where d.mail_id = settled.id and d.state = 'due' and d.attempts = 0 and $4::timestamptz is not null`,
    [mailId, storableJson(settled.auth), settled.authDue, settled.decideDue, settled.dnsError],
  );
}

/** When the next one is due; null when none is open. */
export async function nextAuthentication(pool: Pool): Promise<Date | null> {
  const { rows } = await pool.query<{ due: Date | null }>(
    'select min(auth_due) as due from mails where auth_due is not null',
  );
  return rows[0]?.due ?? null;
}

// biome-ignore lint/suspicious/noExplicitAny: a row as the driver gives it, shaped by the statement above
function readOpen(row: any): OpenAuthentication {
  return {
    mailId: row.id,
    auth: row.auth,
    attempts: row.auth_attempts,
    receivedAt: row.received_at,
    sealed: { bytes: row.bytes, wrappedKey: row.wrapped_key, keyId: row.key_id },
    arrival: {
      transport: row.transport,
      arrivedAt: row.arrived_at.toISOString(),
      envelopeFrom: row.envelope_from,
      envelopeTo: row.envelope_to === null ? [] : [row.envelope_to],
      clientIp: row.client_ip,
      helo: row.helo,
      tls: row.tls,
      trustedAuthservIds: row.trusted_authserv_ids,
      trustedReceived: row.trusted_received,
      source: row.source,
      uidValidity: row.uid_validity,
      uid: row.uid,
      ...(row.verdicts && { verdicts: row.verdicts }),
    },
  };
}
