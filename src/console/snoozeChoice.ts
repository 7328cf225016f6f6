/** How long a ticket is put aside: an hour, tomorrow or Monday 9:00, three days before its deadline, or a day (9:00). */
export const SNOOZE_CHOICES = ['1h', 'tomorrow', 'monday', 'deadline'] as const;
export type SnoozeChoice = (typeof SNOOZE_CHOICES)[number] | `${number}-${number}-${number}`;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
/** Clock hour at which a day of work begins. */
const MORNING = 9;
const BEFORE_DEADLINE_MS = 3 * DAY_MS;
/** What is further away than a year is not put aside but forgotten. */
const LONGEST_MS = 366 * DAY_MS;

/**
 * The instant that a choice means for whoever looks at a clock in `zone` (IANA name); null where it means none: a day
 * that has begun or does not exist, more than a year ahead, or three days before a deadline that is nearer or unknown.
 */
export function snoozeUntil(
  choice: SnoozeChoice,
  { now, zone, deadline }: { now: Date; zone: string; deadline: Date | null },
): Date | null {
  const until = instantOf(choice, now, zone, deadline);
  if (until === null || until.getTime() <= now.getTime() || until.getTime() - now.getTime() > LONGEST_MS) return null;
  return until;
}

function instantOf(choice: SnoozeChoice, now: Date, zone: string, deadline: Date | null): Date | null {
  switch (choice) {
    case '1h':
      return new Date(now.getTime() + HOUR_MS);
    case 'deadline':
      return deadline === null ? null : new Date(deadline.getTime() - BEFORE_DEADLINE_MS);
    case 'tomorrow':
      return morningOf(dayAfter(today(now, zone), 1), zone);
    case 'monday': {
      const day = today(now, zone);
      const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
      return morningOf(dayAfter(day, (8 - weekday) % 7 || 7), zone);
    }
    default:
      return isDay(choice) ? morningOf(choice, zone) : null;
  }
}

/** The calendar day in the zone, YYYY-MM-DD. */
function today(now: Date, zone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(
    now,
  );
}

function dayAfter(day: string, days: number): string {
  return new Date(Date.parse(`${day}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);
}

function isDay(day: string): boolean {
  const at = Date.parse(`${day}T00:00:00Z`);
  return !Number.isNaN(at) && new Date(at).toISOString().slice(0, 10) === day;
}

/** 9:00 of a day in the zone. Twice: the offset is that of the instant, which is only known nearly at first. */
function morningOf(day: string, zone: string): Date {
  const wall = Date.parse(`${day}T00:00:00Z`) + MORNING * HOUR_MS;
  const first = wall - offsetAt(wall, zone);
  return new Date(wall - offsetAt(first, zone));
}

/** Milliseconds that the zone's clocks are ahead of UTC at an instant. */
function offsetAt(ms: number, zone: string): number {
  const parts = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    year: 'numeric',
    month: 'numeric',
    day: 'numeric',
    hour: 'numeric',
    minute: 'numeric',
  }).formatToParts(new Date(ms));
  const part = (type: string) => Number(parts.find((one) => one.type === type)?.value);
  const wall = Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'));
  return wall - Math.floor(ms / 60_000) * 60_000;
}
