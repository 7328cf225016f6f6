/**
 * A process that uses the embedded server as a start or a command does, for tests that kill it. Arguments: data folder,
 * role. Prints one line of JSON when it is up or refused; ends its use on SIGTERM.
 */
import { createLog } from '../../src/lib/log.ts';
import { startEmbedded } from '../../src/store/embedded.ts';

const [dataDir = '', role = 'app'] = process.argv.slice(2);
try {
  const embedded = await startEmbedded({ dataDir, log: createLog('info'), role: role === 'app' ? 'app' : 'command' });
  const alive = setInterval(() => {}, 60_000);
  process.on('SIGTERM', () => {
    clearInterval(alive);
    embedded.stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  });
  process.stdout.write(`${JSON.stringify({ url: embedded.url, attached: embedded.attached })}\n`);
} catch (error) {
  const { code, message, hint, exitCode } = error as Record<string, unknown>;
  process.stdout.write(`${JSON.stringify({ refused: { code, message, hint, exitCode } })}\n`);
  process.exitCode = 1;
}
