import { runWorker } from '../src/app.ts';

/** One process with the role receive; start as many as there is work for. */
await runWorker(['receive']);
