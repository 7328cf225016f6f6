/** As people read it in a terminal, to the second: `2026-11-24 09:30:00 UTC`. */
export function utcTime(at: Date): string {
  return `${at.toISOString().replace('T', ' ').slice(0, 19)} UTC`;
}
