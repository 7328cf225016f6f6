import { useCompileCache } from '../src/lib/compileCache.ts';

/** One process with the role deliver; start as many as there is work for. */
useCompileCache();
const { runWorker } = await import('../src/app.ts');
await runWorker(['deliver']);
