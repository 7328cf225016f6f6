import { z } from 'zod';
import { SNOOZE_CHOICES, type SnoozeChoice, snoozeUntil } from '../snoozeChoice.ts';

/** How an act names a time: an instant, a choice, or a day (9:00) in `zone`. */
export const untilInput = z.union([z.iso.datetime(), z.enum(SNOOZE_CHOICES), z.iso.date()]);
export const zoneInput = z
  .string()
  .max(60)
  .refine(isZone, 'is not a time zone')
  .optional()
  .describe('IANA name of the time zone that days are meant in.');

/** The instant that is meant; null where it means none between now and a year from now. */
export function instantMeant(until: string, context: Parameters<typeof snoozeUntil>[1]): Date | null {
  const at = until.includes('T') ? new Date(until) : snoozeUntil(until as SnoozeChoice, context);
  return at === null || at <= context.now || at.getTime() - context.now.getTime() > 366 * 86_400_000 ? null : at;
}

export const zoneOf = (zone: string | undefined) => zone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;

function isZone(name: string): boolean {
  try {
    Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
