import { createHash } from 'node:crypto';
import { senderRulesSchema } from '../../src/core/sender.ts';
import { decideRules } from '../../src/decide/deciding.ts';
import { replay } from '../../src/decide/replay.ts';
import { openThreadPool } from '../../src/decide/threadPool.ts';
import { systemClock } from '../../src/lib/clock.ts';
import { readKindFiles } from '../../src/lib/kindFiles.ts';
import { createLog } from '../../src/lib/log.ts';
import { openSeal } from '../../src/lib/seal.ts';
import { loadSettings } from '../../src/settings.ts';
import { openPool } from '../../src/store/pool.ts';

/** A replay in a process of its own, to be killed: prints how far it is. Arguments: database, folder of the keys. */
const [databaseUrl, dataDir] = process.argv.slice(2) as [string, string];
const log = createLog('silent');
const settings = loadSettings({ file: '/dev/null', env: {} });
const kinds = readKindFiles('config', 'templates');
const seal = openSeal({ keyFile: null, dataDir, clock: systemClock, create: false });
const threads = await openThreadPool({ kinds, threads: 1, deadlineMs: 30_000, memoryMb: 256, log });
await replay(
  {
    pool: openPool(databaseUrl, { max: 4 }),
    threads,
    bell: { ring: async () => {} },
    seal,
    senders: senderRulesSchema.parse(kinds.senders),
    rules: decideRules(settings),
    ticketOf: () => null,
    listDomains: [],
    log,
    clock: systemClock,
    lanes: 2,
  },
  {
    filter: { since: null, customers: [], kinds: [] },
    dry: false,
    rulesHash: createHash('sha256').update(JSON.stringify(kinds)).digest(),
    onProgress: (done, total) => process.stdout.write(`${done}/${total}\n`),
  },
);
process.exit(0);
