import type { ClientBase, PoolClient } from 'pg';
import type { Arrival, AuthResult, Outcome, Review } from '../core/values.ts';

/** A mail that waits to be decided, locked by the caller's transaction. */
export type ClaimedMail = {
  id: number;
  customerId: number | null;
  /** Hex. */
  sha256: string;
  size: number;
  receivedAt: string;
  auth: AuthResult;
  attempts: number;
  /** What it was decided to be before; null the first time. */
  outcome: Outcome | null;
  ticketId: number | null;
  /** What a person said about it while it was held. */
  review: Review | null;
  arrival: Arrival;
};

export type SealedMail = { bytes: Buffer; wrappedKey: Buffer; keyId: string };

type ClaimRow = Omit<ClaimedMail, 'receivedAt' | 'arrival'> & {
  receivedAt: Date;
  transport: Arrival['transport'] | null;
  arrivedAt: Date;
  envelopeFrom: string | null;
  envelopeTo: string | null;
  clientIp: string | null;
  helo: string | null;
  tls: boolean;
  trustedAuthservIds: string[];
  trustedReceived: number;
  source: string | null;
  uidValidity: string | null;
  uid: string | null;
  history: 'open' | 'closed' | null;
  verdicts: Arrival['verdicts'] | null;
  roots: string[];
};

/** Decided, and not in line to be decided again. */
const DECIDED = `id = any($1::bigint[]) and decide_due is null and auth_due is null and outcome is not null
     and outcome <> 'too_large'`;

/**
 * NO KEY UPDATE, so that a second arrival of a mail (whose rows refer to it) need not wait until it is decided. What
 * others hold is skipped; when their transaction ends undecided, the row is due again at once.
 */
const claim = (which: string) =>
  select(`${which} and auth_due is null
     order by decide_due, id limit $2 for no key update skip locked`);
const select = (which: string) => `
  with due as materialized (
    select id, customer_id, sha256, size, received_at, auth, decide_attempts, outcome, ticket_id, review, history
      from mails where ${which})
  select due.id, due.customer_id as "customerId", encode(due.sha256, 'hex') as sha256, due.size,
         due.received_at as "receivedAt", due.auth, due.decide_attempts as attempts, due.outcome,
         due.ticket_id as "ticketId", due.review, due.history, a.transport, a.arrived_at as "arrivedAt", a.envelope_from as "envelopeFrom",
         a.envelope_to as "envelopeTo", host(a.client_ip) as "clientIp", a.helo, a.tls,
         a.trusted_authserv_ids as "trustedAuthservIds", a.trusted_received as "trustedReceived", a.source,
         a.uid_validity::text as "uidValidity", a.uid::text as uid, a.verdicts,
         array(select l.address from arrivals x join lists l on l.id = x.list_id where x.mail_id = due.id) as roots
    from due left join lateral (select * from arrivals where mail_id = due.id order by id limit 1) a on true
   order by due.id`;
const READ_DECIDED = select(DECIDED);
const CLAIM_DUE = claim('decide_due <= $1');
const CLAIM_ONE = claim('decide_due is not null and id = $1');

/** Claims up to `limit` mails that are due, oldest first. */
export async function claimDue(client: PoolClient, now: Date, limit: number): Promise<ClaimedMail[]> {
  const { rows } = await client.query<ClaimRow>({ name: 'claim_due', text: CLAIM_DUE, values: [now, limit] });
  return rows.map(claimedOf);
}

/** The mails of these that are decided and not in line to be decided again. Locks nothing. */
export async function readDecided(db: Pick<ClientBase, 'query'>, ids: readonly number[]): Promise<ClaimedMail[]> {
  const { rows } = await db.query<ClaimRow>({ name: 'read_decided', text: READ_DECIDED, values: [ids] });
  return rows.map(claimedOf);
}

/**
 * Locks those of these mails that are decided until the transaction ends, in order; whoever decides or reviews one of them
 * is waited for. Take it before the lock of the customer, as deciding does.
 */
export async function lockDecided(client: PoolClient, ids: readonly number[]): Promise<void> {
  await client.query({
    name: 'lock_decided',
    text: `select id from mails where ${DECIDED} order by id for no key update`,
    values: [ids],
  });
}

/** Claims one mail by its id, due or postponed; null when somebody else has it or it was decided. */
export async function claimOne(client: PoolClient, id: number): Promise<ClaimedMail | null> {
  const { rows } = await client.query<ClaimRow>({ name: 'claim_one', text: CLAIM_ONE, values: [id, 1] });
  return rows[0] === undefined ? null : claimedOf(rows[0]);
}

/** The sealed bytes of mails, by mail id. As text: the driver's binary results make UTF-8 of bytes. */
export async function loadSealed(client: PoolClient, mailIds: readonly number[]): Promise<Map<number, SealedMail>> {
  const { rows } = await client.query<SealedMail & { mailId: number }>({
    name: 'load_sealed',
    text: `select mail_id as "mailId", bytes, wrapped_key as "wrappedKey", key_id as "keyId" from raws
            where mail_id = any($1::bigint[])`,
    values: [mailIds],
  });
  return new Map(rows.map(({ mailId, ...sealed }) => [mailId, sealed]));
}

function claimedOf(row: ClaimRow): ClaimedMail {
  const { id, customerId, sha256, size, auth, attempts, outcome, ticketId, review } = row;
  const receivedAt = row.receivedAt.toISOString();
  const arrival: Arrival = {
    transport: row.transport ?? 'file',
    arrivedAt: row.arrivedAt?.toISOString() ?? receivedAt,
    envelopeFrom: row.envelopeFrom,
    envelopeTo: row.envelopeTo === null ? [] : [row.envelopeTo],
    roots: row.roots,
    clientIp: row.clientIp,
    helo: row.helo,
    tls: row.tls ?? false,
    trustedAuthservIds: row.trustedAuthservIds ?? [],
    trustedReceived: row.trustedReceived ?? 0,
    source: row.source,
    uidValidity: row.uidValidity,
    uid: row.uid,
    ...(row.history && { history: row.history }),
    ...(row.verdicts && { verdicts: row.verdicts }),
  };
  return { id, customerId, sha256, size, receivedAt, auth, attempts, outcome, ticketId, review, arrival };
}
