/** Shows how far long work is: done, rate and time left. One line that renews itself on a terminal, plain lines elsewhere. */
export type Progress = {
  /** Pieces done so far, and the share of the whole work (0 to 1), or null while it is not known. */
  update(done: number, share: number | null): void;
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
  let state: { done: number; share: number | null } = { done: 0, share: null };

  const show = (last: boolean) => {
    const seconds = (now() - startedAt) / 1000;
    const line = describe(label, unit, state, seconds, terminal, last);
    const width = (output.columns ?? 80) - 1;
    output.write(terminal ? `\r\u001b[2K${line.slice(0, width)}${last ? '\n' : ''}` : `${line}\n`);
  };

  return {
    update(done, share) {
      state = { done, share: share === null ? null : Math.min(1, Math.max(0, share)) };
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
  { done, share }: { done: number; share: number | null },
  seconds: number,
  bar: boolean,
  last: boolean,
): string {
  const rate = seconds > 0 ? done / seconds : 0;
  const parts = [`${count(done)} ${unit}`, `${rate >= 10 ? count(Math.round(rate)) : rate.toFixed(1)}/s`];
  if (share !== null && !last) parts.push(`${Math.floor(share * 100)} %`);
  if (last) parts.push(`took ${duration(seconds)}`);
  else if (share !== null && share > 0) parts.push(`${duration((seconds * (1 - share)) / share)} left`);
  const drawn = bar && share !== null ? ` [${'#'.repeat(Math.round(share * 24)).padEnd(24, '.')}]` : '';
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
