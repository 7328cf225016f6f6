import { ALL_ROLES, type App, startApp, untilStopped } from '../app.ts';
import { type Demo, prepareDemo } from '../demo/demo.ts';
import { keepCompiled } from '../lib/compileCache.ts';
import { createLog } from '../lib/log.ts';
import { print } from '../lib/output.ts';
import { loadSettings, type Settings } from '../settings.ts';

/** `rootdesk start`: everything in one process until a signal. */
export async function start(settings: Settings): Promise<void> {
  const log = createLog(settings.logLevel);
  const stopped = untilStopped();
  const app = await startApp({ settings, log, roles: ALL_ROLES, use: 'start' });
  say(describe(app, settings));
  keepCompiled();
  await stopped;
  await stop(app);
}

/** `rootdesk demo`: the same with sample customers and mails, verified against the demo's own DNS server. */
export async function demo(configFile: string | null): Promise<void> {
  const stopped = untilStopped();
  const prepared: Demo = await prepareDemo((values) => loadSettings({ file: configFile, ...values }));
  const { settings } = prepared;
  try {
    const log = createLog(settings.logLevel);
    const app = await startApp({ settings, log, roles: ALL_ROLES, use: 'demo', sink: prepared.sink });
    try {
      await prepared.load(app, stopped);
      say([...describe(app, settings), ...prepared.notes]);
      await stopped;
    } finally {
      await stop(app);
    }
  } finally {
    await prepared.close();
  }
}

function describe(app: App, settings: Settings): string[] {
  const { receiving } = app;
  const lines = ['', `Pages  ${app.consoleUrl}`];
  if (app.publicPort !== null) lines.push(`Public ${settings.public.url ?? `port ${app.publicPort}`}`);
  if (receiving?.smtpPort) lines.push(`SMTP   ${settings.smtp.bind}:${receiving.smtpPort}`);
  if (receiving?.lmtpPort) lines.push(`LMTP   ${settings.lmtp.bind}:${receiving.lmtpPort}`);
  lines.push(
    `Data   ${settings.databaseUrl === null ? settings.dataDir : 'the database of DATABASE_URL'}`,
    '',
    'Ready. Ctrl-C stops.',
  );
  return lines;
}

async function stop(app: App): Promise<void> {
  say(['Stopping: what is under way is finished first.']);
  await app.close();
  say(['Stopped.']);
}

function say(lines: string[]): void {
  print(`${lines.join('\n')}\n`);
}
