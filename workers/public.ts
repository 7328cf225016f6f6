import { useCompileCache } from '../src/lib/compileCache.ts';

/** One process with the role public: the pages of members and approvers, and nothing else. */
useCompileCache();
const { runWorker } = await import('../src/app.ts');
await runWorker(['public']);
