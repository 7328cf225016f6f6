/** Shows how far long work is: done, rate and time left. One line that renews itself on a terminal, plain lines elsewhere. */
export type Progress = {
  /** Work done so far; `total` may grow while it is still being found out. */
  update(done: number, total: number | null): void;
  /** Prints the last state and ends the line. */
  finish(): void;
};

type Output = { isTTY?: boolean; columns?: number; write(text: string): unknown };

const TERMINAL_EVERY_MS = 100;
const PLAIN_EVERY_MS = 5_000;

export function createProgress(
  label: string,
  unit: string,
  output: Output,
  now: () => number = () => performance.now(),
): Progress {
  const terminal = output.isTTY === true;
  const startedAt = now();
  let shownAt = terminal ? Number.NEGATIVE_INFINITY : startedAt;
  let state: { done: number; total: number | null } = { done: 0, total: null };

  const show = (last: boolean) => {
    const line = describe(label, unit, state.done, state.total, (now() - startedAt) / 1000, terminal, last);
    output.write(terminal ? `\r\u001b[2K${line.slice(0, (output.columns ?? 80) - 1)}${last ? '\n' : ''}` : `${line}\n`);
  };

  return {
    update(done, total) {
      state = { done, total };
      const time = now();
      if (time - shownAt < (terminal ? TERMINAL_EVERY_MS : PLAIN_EVERY_MS)) return;
      shownAt = time;
      show(false);
    },
    finish() {
      show(true);
    },
  };
}

function describe(
  label: string,
  unit: string,
  done: number,
  total: number | null,
  seconds: number,
  bar: boolean,
  last: boolean,
): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = [total === null ? `${count(done)} ${unit}` : `${count(done)} of ${count(total)} ${unit}`];
  parts.push(`${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)}/s`);
  if (last) parts.push(`took ${duration(seconds)}`);
  else if (total !== null && rate > 0 && done < total) parts.push(`${duration((total - done) / rate)} left`);
  const share = total ? Math.min(1, done / total) : 0;
  const drawn = bar && total ? ` [${'#'.repeat(Math.round(share * 24)).padEnd(24, '.')}]` : '';
  return `${label}${drawn} ${parts.join(', ')}`;
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}

function duration(seconds: number): string {
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 90) return `${Math.round(seconds)} s`;
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`;
  return `${(seconds / 3600).toFixed(1)} h`;
}
