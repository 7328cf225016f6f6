/**
 * A line of the log (JSON, as pino writes it) as people read it on a terminal:
 * `14:03:59 warn  the mailbox cannot be watched now (mailbox=ops, failures=2)`.
 */
export function plainLine(json: string): string {
  let entry: Record<string, unknown>;
  try {
    entry = JSON.parse(json) as Record<string, unknown>;
  } catch {
    return json;
  }
  const { time, level, msg, ...facts } = entry;
  const clock = new Date(String(time)).toTimeString().slice(0, 8);
  const shown = Object.entries(facts).map(([name, value]) => `${name}=${plainValue(value)}`);
  const more = shown.length === 0 ? '' : ` (${shown.join(', ')})`;
  return `${clock} ${(LEVELS[Number(level)] ?? '').padEnd(5)} ${String(msg ?? '')}${more}\n`;
}

const LEVELS: Record<number, string> = { 10: 'trace', 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Controls would steer the terminal. */
function plainValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.replace(/\p{Cc}+/gu, ' ');
}
