import { useCompileCache } from '../src/lib/compileCache.ts';

/** Every role in one process: the default. */
useCompileCache();
const { ALL_ROLES, runWorker } = await import('../src/app.ts');
await runWorker(ALL_ROLES);
