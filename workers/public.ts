import { runWorker } from '../src/app.ts';

/** One process with the role public: the pages of members and approvers, and nothing else. */
await runWorker(['public']);
