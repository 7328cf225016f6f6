import { runWorker } from '../src/app.ts';

/** One process with the role deliver; start as many as there is work for. */
await runWorker(['deliver']);
