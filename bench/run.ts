/** `npm run bench [-- NAME …]`: benches are commands, never timed tests. Without a name the main road is measured. */
const BENCHES: Record<string, () => Promise<{ run(args: string[]): Promise<void> }>> = {
  road: () => import('./road.ts'),
  understand: () => import('./understand.ts'),
  console: () => import('./console.ts'),
  lists: () => import('./lists.ts'),
  watch: () => import('./watch.ts'),
  'end-threads': () => import('./endThreads.ts'),
};

const [name = 'road', ...args] = process.argv.slice(2);
const bench = BENCHES[name];
if (!bench) {
  process.stderr.write(`bench: ${name} is none of: ${Object.keys(BENCHES).join(', ')}\n`);
  process.exit(64);
}
await (await bench()).run(args);
