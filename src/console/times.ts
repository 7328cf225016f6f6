/**
 * Times as people read them: 24-hour clock, absolute with weekday where one acts, two units at most for what is left.
 * Days count in the viewer's zone.
 */
export type LeftLevel = 'late' | 'soon' | 'day' | 'week' | 'far';

export type TimeWords = {
  locale: string;
  today: string;
  units: { minute: string; hour: string; day: string; second: string };
  /** Between number and unit, and between two units. */
  gap: string;
  /** Between a day and its clock time where both are written out. */
  dayAndClock: string;
};

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export class Times {
  readonly now: Date;
  readonly zone: string;
  readonly #words: TimeWords;

  constructor(now: Date, zone: string, words: TimeWords) {
    this.now = now;
    this.zone = zone;
    this.#words = words;
  }

  /** What is left until an instant, or how late it is: "1 h 37 m", "4 d 5 h", "158 d". Minutes under 24 hours, hours under 7 days. */
  left(at: Date): { text: string; level: LeftLevel } {
    const ms = at.getTime() - this.now.getTime();
    const text = this.span(Math.abs(ms));
    if (ms < 0) return { text, level: 'late' };
    if (ms <= 4 * HOUR) return { text, level: 'soon' };
    if (ms <= DAY) return { text, level: 'day' };
    return { text, level: ms <= 7 * DAY ? 'week' : 'far' };
  }

  /** A span in one or two units. */
  span(ms: number): string {
    const { units, gap } = this.#words;
    const part = (value: number, unit: string) => `${value.toLocaleString(this.#words.locale)}${gap}${unit}`;
    const minutes = Math.floor(ms / MINUTE);
    if (minutes < 60) return part(minutes, units.minute);
    const hours = Math.floor(ms / HOUR);
    if (hours < 24) {
      const rest = minutes % 60;
      return rest === 0 ? part(hours, units.hour) : `${part(hours, units.hour)} ${part(rest, units.minute)}`;
    }
    const days = Math.floor(ms / DAY);
    if (days >= 7 || hours % 24 === 0) return part(days, units.day);
    return `${part(days, units.day)} ${part(hours % 24, units.hour)}`;
  }

  /** How long ago, in one unit: "6 m", "18 h", "11 d". */
  age(at: Date): string {
    const { units, gap } = this.#words;
    const ms = Math.max(0, this.now.getTime() - at.getTime());
    if (ms < MINUTE) return `${Math.floor(ms / 1000)}${gap}${units.second}`;
    if (ms < HOUR) return `${Math.floor(ms / MINUTE)}${gap}${units.minute}`;
    if (ms < DAY) return `${Math.floor(ms / HOUR)}${gap}${units.hour}`;
    return `${Math.floor(ms / DAY).toLocaleString(this.#words.locale)}${gap}${units.day}`;
  }

  /** For rows: "today 10:05", "Tue 24 09:00" within a week, then "20 Dec", with year beyond six months. */
  row(at: Date, options: { time: boolean; zone?: string } = { time: true }): string {
    const zone = options.zone ?? this.zone;
    const distance = Math.abs(at.getTime() - this.now.getTime());
    const time = options.time ? ` ${this.clock(at, zone)}` : '';
    if (dayOf(at, zone) === dayOf(this.now, zone)) return `${this.#words.today}${time}`;
    if (distance < 7 * DAY) return `${this.#format(at, zone, { weekday: 'short', day: 'numeric' })}${time}`;
    if (distance < 182 * DAY) return this.#format(at, zone, { day: 'numeric', month: 'short' });
    return this.#format(at, zone, { day: 'numeric', month: 'short', year: 'numeric' });
  }

  /** In a timeline: time today, else day and time. */
  entry(at: Date): string {
    const clock = this.clock(at, this.zone);
    if (dayOf(at, this.zone) === dayOf(this.now, this.zone)) return `${this.#words.today} ${clock}`;
    const old = this.now.getTime() - at.getTime() > 182 * DAY;
    const day = this.#format(at, this.zone, { day: 'numeric', month: 'short', ...(old ? { year: 'numeric' } : {}) });
    return `${day} ${clock}`;
  }

  /** "Tue 24 Nov 2026, 09:00 CET". Without `time`: a day, in the zone that it was said in. */
  full(at: Date, options: { time: boolean; zone?: string } = { time: true }): string {
    const zone = options.zone ?? this.zone;
    const day = this.#format(at, zone, { weekday: 'short', day: 'numeric', month: 'short', year: 'numeric' });
    return options.time ? `${day}${this.#words.dayAndClock}${this.clock(at, zone)} ${this.zoneName(at, zone)}` : day;
  }

  clock(at: Date, zone: string = this.zone): string {
    return this.#format(at, zone, { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
  }

  /** "09:26:02.114", for the story. */
  precise(at: Date): string {
    const clock = this.#format(at, this.zone, {
      hour: '2-digit',
      minute: '2-digit',
      second: '2-digit',
      hourCycle: 'h23',
    });
    return `${clock}.${String(at.getUTCMilliseconds()).padStart(3, '0')}`;
  }

  zoneName(at: Date = this.now, zone: string = this.zone): string {
    const parts = formatter(this.#words.locale, { timeZone: zone, timeZoneName: 'short' }).formatToParts(at);
    return parts.find((part) => part.type === 'timeZoneName')?.value ?? zone;
  }

  #format(at: Date, zone: string, options: Intl.DateTimeFormatOptions): string {
    return formatter(this.#words.locale, { ...options, timeZone: zone })
      .format(at)
      .replace(/,/g, '');
  }
}

/** The instant of a day YYYY-MM-DD at noon UTC: only its day is ever printed. */
export function dayInstant(date: string): Date {
  return new Date(`${date}T12:00:00Z`);
}

function dayOf(at: Date, zone: string): string {
  return formatter('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}

const formatters = new Map<string, Intl.DateTimeFormat>();

/** Making one costs more than a hundred uses of it. */
function formatter(locale: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${locale} ${JSON.stringify(options)}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, options);
    formatters.set(key, made);
  }
  return made;
}
