/** Time zones as mails write them. Only zones with one meaning in AWS's mail are known; the others give no instant. */

const FIXED: Record<string, number> = {
  utc: 0,
  gmt: 0,
  z: 0,
  協定世界時: 0,
  jst: 540,
  日本時間: 540,
  日本標準時: 540,
  東京時間: 540,
  kst: 540,
  한국시간: 540,
  pst: -480,
  pdt: -420,
  mst: -420,
  mdt: -360,
  cst: -360,
  cdt: -300,
  est: -300,
  edt: -240,
  cet: 60,
  cest: 120,
  sgt: 480,
  hkt: 480,
  aest: 600,
  aedt: 660,
};

/** Zones that change with daylight saving time in the United States: standard offset in minutes. */
const UNITED_STATES: Record<string, number> = {
  pt: -480,
  'pacific time': -480,
  太平洋時間: -480,
  et: -300,
  'eastern time': -300,
  'central time': -360,
};

/** Source of a regular expression for one zone. */
export const ZONE_PATTERN = [
  '(?:UTC|GMT)\\s?[+-]\\d{1,2}(?::?\\d{2})?',
  'Pacific (?:Standard |Daylight )?Time',
  'Eastern (?:Standard |Daylight )?Time',
  'Central (?:Standard |Daylight )?Time',
  '太平洋(?:標準|夏)?時間',
  '日本時間|日本標準時|東京時間|協定世界時|한국시간',
  '(?:UTC|GMT|PST|PDT|PT|EST|EDT|ET|CST|CDT|MST|MDT|JST|KST|CEST|CET|SGT|HKT|AEST|AEDT|Z)(?![\\p{L}\\d])',
  '[+-]\\d{2}:?\\d{2}(?!\\d)',
].join('|');

/** Minutes east of UTC of a zone at a local time (milliseconds as if it were UTC), or null when it is not known. */
export function offsetMinutes(zone: string, local: number): number | null {
  const name = zone.trim().toLowerCase();
  const numeric = /^(?:utc|gmt)?\s?([+-])(\d{1,2}):?(\d{2})?$/.exec(name);
  if (numeric !== null) {
    const minutes = Number(numeric[2]) * 60 + Number(numeric[3] ?? '0');
    return minutes > 14 * 60 ? null : numeric[1] === '-' ? -minutes : minutes;
  }
  if (name in FIXED) return FIXED[name]!;
  const plain = name.replace(/ (standard|daylight) time$/, ' time').replace(/^太平洋(標準|夏)時間$/, '太平洋時間');
  const standard = UNITED_STATES[plain];
  if (standard === undefined) return null;
  if (name.includes('standard') || name.includes('標準')) return standard;
  if (name.includes('daylight') || name.includes('夏')) return standard + 60;
  return standard + (inDaylightTime(local) ? 60 : 0);
}

/** Second Sunday of March to first Sunday of November, 2 o'clock local (Energy Policy Act of 2005). */
function inDaylightTime(local: number): boolean {
  const year = new Date(local).getUTCFullYear();
  return local >= sunday(year, 2, 2) + 7_200_000 && local < sunday(year, 10, 1) + 7_200_000;
}

function sunday(year: number, month: number, which: number): number {
  const first = new Date(Date.UTC(year, month, 1)).getUTCDay();
  return Date.UTC(year, month, 1 + ((7 - first) % 7) + (which - 1) * 7);
}
