import { parseArgs } from 'node:util';
import { runFlow } from '../test/drills/flow/runFlow.ts';

/**
 * `npm run drill [-- --mails N --seed N --faults N]`: mail flows through the whole product, run as on several machines,
 * while processes, servers and connections die every few hundred milliseconds. Afterwards every mail must have its one
 * outcome, and every ticket, notice and copy must be as without faults. Needs root (Postfix). Exit code 1 when not. The
 * same seed draws the same mail and faults; when they meet is up to the machine.
 */
const { values } = parseArgs({
  options: {
    mails: { type: 'string', default: '5000' },
    seed: { type: 'string', default: String(Date.now() % 1_000_000) },
    faults: { type: 'string', default: '200' },
    verbose: { type: 'boolean', default: false },
  },
});
const number = (name: 'mails' | 'seed' | 'faults') => {
  const value = Number(values[name]);
  if (Number.isInteger(value) && value >= (name === 'seed' ? 0 : 1)) return value;
  process.stderr.write(`drill: --${name} takes a whole number\n`);
  process.exit(64);
};
const seed = number('seed');
process.stderr.write(`Drill with --seed ${seed}\n`);
let shown = 0;
const report = await runFlow({
  mails: number('mails'),
  seed,
  faults: number('faults'),
  pauseMs: [200, 900],
  settleMs: 10 * 60_000,
  onProgress({ phase, sent, of, faults }) {
    if (phase === 'faults' && performance.now() - shown < 5_000) return;
    shown = performance.now();
    process.stderr.write(`${phase}: ${sent} of ${of} mails sent, ${faults} faults\n`);
  },
  onComplaint(role, line) {
    if (values.verbose) process.stderr.write(`  ${role}: ${line}\n`);
  },
});
const { differences, faults, ...figures } = report;
console.table(faults);
console.table([{ ...figures, seconds: Math.round(figures.seconds) }]);
for (const difference of differences.slice(0, 40)) console.log(difference);
console.log(
  differences.length === 0
    ? 'Nothing lost, nothing doubled: all is as without faults.'
    : `${differences.length} differences; run it again with --seed ${seed}`,
);
process.exitCode = differences.length === 0 ? 0 : 1;
