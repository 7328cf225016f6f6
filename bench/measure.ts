import { readdirSync, readFileSync } from 'node:fs';

/** Clock ticks a second of /proc times: 100 on every Linux that Node supports. */
const TICKS = 100;

type Stat = { pid: number; parent: number; cpu: number };

function stat(pid: number): Stat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'latin1');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // user and system time, and those of children that were waited for (proc(5): 14 to 17)
    const cpu = [11, 12, 13, 14].reduce((sum, index) => sum + Number(fields[index]), 0);
    return { pid, parent: Number(fields[1]), cpu: (cpu * 1000) / TICKS };
  } catch {
    return null;
  }
}

/** CPU time in ms that a process and all its descendants have used. */
export function cpuOfTree(root: number): number {
  const all = readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map((name) => stat(Number(name)))
    .filter((entry) => entry !== null);
  const wanted = new Set([root]);
  let grown = true;
  while (grown) {
    grown = false;
    for (const entry of all) {
      if (wanted.has(entry.parent) && !wanted.has(entry.pid)) {
        wanted.add(entry.pid);
        grown = true;
      }
    }
  }
  return all.filter((entry) => wanted.has(entry.pid)).reduce((sum, entry) => sum + entry.cpu, 0);
}

/** CPU time in ms of one process and of those children of it that have ended. */
export function cpuOfProcess(pid: number): number {
  return stat(pid)?.cpu ?? 0;
}

/** CPU time in ms of this process' children that have ended (proc(5): 16 and 17). */
export function cpuOfEnded(): number {
  const text = readFileSync('/proc/self/stat', 'latin1');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return ((Number(fields[13]) + Number(fields[14])) * 1000) / TICKS;
}

/** CPU time in ms that the threads of one process have used, summed by their names. */
export function cpuOfThreads(pid: number): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const thread of readdirSync(`/proc/${pid}/task`)) {
    try {
      const text = readFileSync(`/proc/${pid}/task/${thread}/stat`, 'latin1');
      const name = text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
      const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
      sums[name] = (sums[name] ?? 0) + ((Number(fields[11]) + Number(fields[12])) * 1000) / TICKS;
    } catch {
      // It ended in this moment.
    }
  }
  return sums;
}

export function parentOf(pid: number): number {
  const parent = stat(pid)?.parent;
  if (parent === undefined) throw new Error(`process ${pid} is gone`);
  return parent;
}

/** Peak resident memory of one process in MiB (VmHWM), or 0 when it is gone. */
export function peakRss(pid: number): number {
  try {
    return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

export function quantile(values: number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? Number.NaN;
}
