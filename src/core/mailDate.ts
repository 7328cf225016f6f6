/**
 * Dates of header fields (RFC 5322 §3.3 with the obsolete forms of §4.3), read by ourselves: an unreadable one is null
 * and never "now", and one without a zone is UTC and not the zone of this machine.
 */

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const ZONES: Record<string, number> = {
  ut: 0,
  utc: 0,
  gmt: 0,
  z: 0,
  edt: -240,
  est: -300,
  cdt: -300,
  cst: -360,
  mdt: -360,
  mst: -420,
  pdt: -420,
  pst: -480,
  bst: 60,
  cet: 60,
  cest: 120,
  jst: 540,
};

const DATE =
  /(?:^|[\s,])(\d{1,2})[\s-]+([a-z]{3})[a-z]*[\s.-]+(\d{2,4})[\s,]+(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:\.\d+)?)?\s*(am|pm)?\s*([+-]\d{4}|[a-z]{1,5})?/i;
const ISO = /(\d{4})-(\d{2})-(\d{2})[T ](\d{2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?/i;

/** Milliseconds since 1970 of a Date field or of the end of a Received field; null when it names no real time. */
export function readMailDate(value: string): number | null {
  const text = value
    .slice(0, 400)
    .replace(/\([^()]*\)/g, ' ')
    .trim();
  const found = DATE.exec(text);
  if (found) {
    const month = MONTHS.indexOf(found[2]!.toLowerCase());
    if (month < 0) return null;
    const hour = twelveHours(Number(found[4]), found[7]?.toLowerCase());
    return instant(
      fullYear(found[3]!),
      month,
      Number(found[1]),
      hour,
      Number(found[5]),
      Number(found[6] ?? 0),
      found[8],
    );
  }
  const iso = ISO.exec(text);
  if (!iso) return null;
  const [, year, month, day, hour, minute, second, zone] = iso;
  return instant(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second ?? 0), zone);
}

function instant(
  year: number,
  month: number,
  day: number,
  hour: number,
  minute: number,
  second: number,
  zone: string | undefined,
): number | null {
  if (year < 1980 || year > 2200 || hour > 24 || minute > 59 || second > 60) return null;
  const time = Date.UTC(year, month, day, hour, minute, Math.min(second, 59));
  const real = new Date(Date.UTC(year, month, day));
  if (real.getUTCMonth() !== month || real.getUTCDate() !== day) return null;
  return time - zoneMinutes(zone) * 60_000;
}

/** RFC 5322 §4.3: zones that nobody knows are as good as -0000. */
function zoneMinutes(zone: string | undefined): number {
  const numeric = /^([+-])(\d{2}):?(\d{2})$/.exec(zone ?? '');
  if (!numeric) return ZONES[(zone ?? '').toLowerCase()] ?? 0;
  const minutes = Number(numeric[2]) * 60 + Number(numeric[3]);
  if (minutes > 14 * 60) return 0;
  return numeric[1] === '-' ? -minutes : minutes;
}

function fullYear(text: string): number {
  const year = Number(text);
  if (text.length === 2) return year < 50 ? 2000 + year : 1900 + year;
  return text.length === 3 ? 1900 + year : year;
}

function twelveHours(hour: number, half: string | undefined): number {
  if (half === undefined) return hour;
  return (hour % 12) + (half === 'pm' ? 12 : 0);
}
