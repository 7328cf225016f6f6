import { Worker } from 'node:worker_threads';

/**
 * `npm run bench -- end-threads [N]`: ends N threads (default 200) in the middle of work that has V8 compile all
 * the time, two at once, and prints how long that took. V8 keeps one register of compiled pages a process; a version in
 * which ending a thread spoils it ends this command with an abort (`Check failed: jit_page_`), as it would end the product.
 */
const AT_ONCE = 2;
const MOST_WORK_MS = 40;

/** New functions without end, warm enough for every compiler, some through WebAssembly's. */
const WORK = `
  const { parentPort } = require('node:worker_threads');
  parentPort.postMessage('ready');
  const wasm = Buffer.from('0061736d0100000001060160017f017f030201000707010366757a00000a09010700200041016a0b', 'hex');
  for (let n = 0; ; n++) {
    const f = new Function('x', 'let s = ' + n + '; for (let i = 0; i < 2000; i++) s = (s * 31 + x + i) | 0; return s;');
    for (let i = 0; i < 50; i++) f(i);
    if (n % 10 === 0) new WebAssembly.Instance(new WebAssembly.Module(wasm)).exports.fuz(n);
  }`;

export async function run([count = '200']: string[]): Promise<void> {
  const total = Number(count);
  const started = performance.now();
  let begun = 0;
  const lane = async (): Promise<void> => {
    while (begun < total) {
      begun += 1;
      await endOne();
      if (begun % 50 === 0) process.stdout.write(`${begun} threads, ${Math.round(performance.now() - started)} ms\n`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, lane));
  process.stdout.write(
    `ended ${total} threads in ${Math.round(performance.now() - started)} ms, and the process lives\n`,
  );
}

async function endOne(): Promise<void> {
  const thread = new Worker(WORK, { eval: true, execArgv: [] });
  await new Promise((resolve, reject) => {
    thread.once('message', resolve);
    thread.once('error', reject);
  });
  await new Promise((resolve) => setTimeout(resolve, Math.random() * MOST_WORK_MS));
  await thread.terminate();
}
