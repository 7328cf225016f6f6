import { runWorker } from '../src/app.ts';

/** Every role in one process: the default. */
await runWorker(['receive', 'decide', 'act', 'console']);
