import type { Kysely } from 'kysely';
import type { Facts } from '../../src/core/values.ts';
import type { Tables } from '../../src/store/schema.ts';

let customers = 0;

/** A customer with one urgent ticket, as the deciding transaction leaves it; its newest mail has these facts. */
export async function urgentTicket(
  db: Kysely<Tables>,
  options: { subject?: string; customer?: string; language?: string; facts?: Partial<Facts>; sealed?: boolean } = {},
): Promise<{ customerId: number; ticketId: number }> {
  customers += 1;
  const now = new Date('2026-11-24T10:00:00Z');
  const { id: customerId } = await db
    .insertInto('customers')
    .values({ slug: `acme-${customers}`, name: options.customer ?? 'Acme', language: options.language ?? 'en' })
    .returning('id')
    .executeTakeFirstOrThrow();
  const { id: ticketId } = await db
    .insertInto('tickets')
    .values({
      customer_id: customerId,
      kind: 'account.suspended',
      subject: options.subject ?? 'Your AWS account is suspended',
      urgency: 'critical',
      action_required: true,
      deadline: JSON.stringify({ date: '2026-12-01', at: null, sort: 'respond' }),
      act_at: now,
      thread_key: `case:${customers}`,
      secret_level: options.sealed ? 'sealed' : 'none',
      created_at: now,
      updated_at: now,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  if (options.facts) await mailOf(db, customerId, ticketId, options.facts);
  return { customerId, ticketId };
}

async function mailOf(db: Kysely<Tables>, customerId: number, ticketId: number, facts: Partial<Facts>): Promise<void> {
  const hash = Buffer.from(`${customerId}-${ticketId}`.padEnd(32, '.'));
  const at = '2026-11-24T10:00:00Z';
  const { id } = await db
    .insertInto('mails')
    .values({
      customer_id: customerId,
      identity: hash,
      sha256: hash,
      size: 1,
      received_at: at,
      mail_time: at,
      auth: '{}',
      ticket_id: ticketId,
    } as never)
    .returning('id')
    .executeTakeFirstOrThrow();
  await db
    .insertInto('readings')
    .values({
      mail_id: id,
      customer_id: customerId,
      subject: '',
      recipients: '[]',
      text: '',
      headers: '[]',
      attachments: '[]',
      facts: JSON.stringify(facts),
      secrets: '{}',
      sender_verdict: '{}',
      next_steps: '[]',
      reasons: '[]',
      steps: '[]',
    } as never)
    .execute();
}

/** A due effect. */
export async function effectRow(
  db: Kysely<Tables>,
  values: { type?: string; key: string; orderKey?: string; ticketId?: number; customerId?: number; dueAt?: Date },
): Promise<number> {
  const { id } = await db
    .insertInto('effects')
    .values({
      type: values.type ?? 'notify.mail',
      key: values.key,
      customer_id: values.customerId ?? null,
      ticket_id: values.ticketId ?? null,
      order_key: values.orderKey ?? values.key,
      payload: JSON.stringify({ ticketId: values.ticketId ?? 0 }),
      due_at: values.dueAt ?? new Date(),
    } as never)
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** The row of an effect. */
export async function readEffect(db: Kysely<Tables>, id: number) {
  return await db.selectFrom('effects').selectAll().where('id', '=', id).executeTakeFirstOrThrow();
}
