import { runWorker } from '../src/app.ts';

/** One process with the role console; start as many as there is work for. */
await runWorker(['console']);
