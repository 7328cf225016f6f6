import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Order, Word } from './crashingApp.ts';

/** A process that runs the product in several lanes (crashingApp.ts) until it is killed. */
export type Victim = {
  /** SMTP port of each lane. */
  ports: number[];
  /** From now on the lane counts its steps and is cut off before this one (0: never). */
  arm(lane: number, crashAt: number): void;
  /** Resolves when the lane is cut off. */
  cutOff(lane: number): Promise<void>;
  isCutOff(lane: number): boolean;
  /** Steps since it was armed; ends the counting. */
  countSteps(lane: number): Promise<number>;
  /** kill -9. */
  kill(): Promise<void>;
};

/** Starts the lanes, one an environment. `aheadMs`: how far their clock is ahead. Rejects when the process ends. */
export async function startVictim(lanes: Record<string, string>[], aheadMs: number): Promise<Victim> {
  const { PATH = '', NODE_COMPILE_CACHE } = process.env;
  const env = { PATH, ...(NODE_COMPILE_CACHE && { NODE_COMPILE_CACHE }) };
  const child = spawn(process.execPath, ['test/drills/crashingApp.ts'], { env, stdio: ['pipe', 'pipe', 'inherit'] });
  child.stdin.on('error', () => {});
  const dead = once(child, 'exit');
  const order = (what: Order) => child.stdin.write(`${JSON.stringify(what)}\n`);
  const cut = lanes.map(() => Promise.withResolvers<void>());
  const counts = lanes.map(() => Promise.withResolvers<number>());
  const isCutOff = lanes.map(() => false);
  const up = Promise.withResolvers<number[]>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    const word = JSON.parse(line) as Word;
    if ('ports' in word) up.resolve(word.ports);
    else if ('steps' in word) counts[word.lane]!.resolve(word.steps);
    else {
      isCutOff[word.lane] = true;
      cut[word.lane]!.resolve();
    }
  });
  order({ lanes, aheadMs });
  const ports = await Promise.race([up.promise, ended(child, dead)]);
  return {
    ports,
    arm: (lane, crashAt) => order({ lane, crashAt }),
    cutOff: (lane) => cut[lane]!.promise,
    isCutOff: (lane) => isCutOff[lane]!,
    countSteps(lane) {
      order({ lane, count: true });
      return counts[lane]!.promise;
    },
    async kill() {
      child.kill('SIGKILL');
      await dead;
    },
  };
}

async function ended(child: ChildProcess, dead: Promise<unknown>): Promise<never> {
  await dead;
  throw new Error(`the app ended with ${child.exitCode ?? child.signalCode}`);
}
