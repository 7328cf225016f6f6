import { ALL_ROLES, runWorker } from '../src/app.ts';

/** Every role in one process: the default. */
await runWorker(ALL_ROLES);
