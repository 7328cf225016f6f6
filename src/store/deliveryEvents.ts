import type { Pool } from 'pg';

/** Lines kept of one copy: whoever knows its envelope sender could write to it for ever. */
export const MAX_EVENTS = 50;

export type DeliveryEvent = {
  deliveryId: number;
  at: Date;
  event: 'auto_reply' | 'other';
  code: string;
  text: string;
};

/** Adds a line to the log of a copy. False: there is no such copy, or its log is full. */
export async function logDeliveryEvent(
  pool: Pool,
  { deliveryId, at, event, code, text }: DeliveryEvent,
): Promise<boolean> {
  const { rowCount } = await pool.query(
    `insert into delivery_events (delivery_id, at, event, code, text)
     select id, $2, $3, $4, $5 from deliveries
      where id = $1 and (select count(*) from delivery_events where delivery_id = $1) < $6`,
    [deliveryId, at, event, code, text, MAX_EVENTS],
  );
  return rowCount === 1;
}
