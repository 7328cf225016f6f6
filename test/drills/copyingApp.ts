import { startApp, untilStopped } from '../../src/app.ts';
import { createLog } from '../../src/lib/log.ts';
import { loadSettings } from '../../src/settings.ts';

/** The roads in and out to list members, for a drill that kills them. */
const settings = loadSettings();
const stopped = untilStopped();
const app = await startApp({
  settings,
  log: createLog(settings.logLevel),
  roles: ['receive', 'deliver'],
  use: 'start',
});
process.stdout.write(`${JSON.stringify({ smtpPort: app.receiving?.smtpPort })}\n`);
await stopped;
await app.close();
