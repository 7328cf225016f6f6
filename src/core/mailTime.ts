import { fieldsNamed, firstField, type HeaderField } from './fields.ts';
import type { Arrival, Reason } from './values.ts';

export function mailTime(fields: readonly HeaderField[], arrival: Arrival): { at: string; reason: Reason } {
  const date = Date.parse(firstField(fields, 'date')?.value ?? '');
  void fieldsNamed;
  return {
    at: Number.isNaN(date) ? arrival.arrivedAt : new Date(Math.min(date, Date.parse(arrival.arrivedAt))).toISOString(),
    reason: { code: 'time.date', text: 'Time of the Date field.' },
  };
}
