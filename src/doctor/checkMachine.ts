import { existsSync, statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { dirname } from 'node:path';
import { messageOf } from '../lib/errors.ts';
import { portOf } from '../public/server.ts';
import { createResolver } from '../receive/resolver.ts';
import type { Settings } from '../settings.ts';
import { clusterPath } from '../store/embeddedCluster.ts';
import { databasesLeftBehind } from '../store/embeddedLeftovers.ts';
import type { Finding } from './finding.ts';

/** Free space below which a start is not advisable (bytes). */
const LOW_DISK = 1024 ** 3;
const DNS_MS = 5_000;

/** Where keys are written and, with the embedded one, the database, which may have been placed elsewhere. */
export function checkDisk({ dataDir, databaseUrl }: Settings): Finding[] {
  const folders = [dataDir];
  if (databaseUrl === null) {
    const placed = placeOfCluster(dataDir);
    if (placed !== null && dirname(placed) !== dataDir) folders.push(placed);
  }
  return folders.map(freeAt);
}

function placeOfCluster(dataDir: string): string | null {
  try {
    return clusterPath(dataDir);
  } catch {
    // The check of the database says so.
    return null;
  }
}

function freeAt(folder: string): Finding {
  let there = folder;
  while (!existsSync(there)) there = dirname(there);
  const { bavail, bsize } = statfsSync(there);
  const free = bavail * bsize;
  const text = `${(free / 1024 ** 3).toFixed(1)} GiB free at ${folder}`;
  if (free >= LOW_DISK) return { name: 'disk', state: 'ok', text };
  return {
    name: 'disk',
    state: 'bad',
    text,
    hint: 'make room: when the disk is full, senders are asked to come back later',
  };
}

export async function checkDns(settings: Settings): Promise<Finding> {
  const servers = settings.dns.servers.length > 0 ? settings.dns.servers.join(', ') : 'the servers of this system';
  const name = '_dmarc.amazon.com';
  try {
    const late = AbortSignal.timeout(DNS_MS);
    const timeout = new Promise<never>((_resolve, reject) =>
      late.addEventListener('abort', () => reject(new Error('no answer in 5 s'))),
    );
    await Promise.race([createResolver(settings.dns.servers)(name, 'TXT'), timeout]);
    return { name: 'dns', state: 'ok', text: `${name} answered by ${servers}` };
  } catch (error) {
    return {
      name: 'dns',
      state: 'bad',
      text: `${name} is not answered by ${servers}: ${messageOf(error)}`,
      hint: 'set ROOTDESK_DNS_SERVERS: without DNS no mail can be proven, and it waits, then is quarantined',
    };
  }
}

export async function checkPorts(settings: Settings): Promise<Finding[]> {
  const publicPort = portOf(settings.public);
  const wanted = [
    { name: 'pages', bind: settings.http.bind, port: settings.http.port, wanted: true },
    { name: 'public', bind: settings.public.bind, port: publicPort ?? 0, wanted: publicPort !== null },
    { name: 'smtp', bind: settings.smtp.bind, port: settings.smtp.port, wanted: settings.smtp.enabled },
    { name: 'lmtp', bind: settings.lmtp.bind, port: settings.lmtp.port, wanted: settings.lmtp.enabled },
  ].filter((one) => one.wanted);
  return Promise.all(
    wanted.map(async ({ name, bind, port }): Promise<Finding> => {
      if (port === 0) return { name, state: 'ok', text: 'takes a free port at the start' };
      const problem = await tryListen(bind, port);
      if (problem === null) return { name, state: 'ok', text: `${bind}:${port} is free` };
      return {
        name,
        state: 'warn',
        text: `${bind}:${port}: ${problem}`,
        hint: `fine when Rootdesk runs there already; else set another port`,
      };
    }),
  );
}

function tryListen(bind: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code === 'EADDRINUSE' ? 'in use' : messageOf(error)),
    );
    probe.listen(port, bind, () => probe.close(() => resolve(null)));
  });
}

/** Databases that were placed outside their data folders, which are gone: only said where there are some. */
export function checkLeftovers(): Finding[] {
  const left = databasesLeftBehind();
  if (left.length === 0) return [];
  const text = `${left.length} of data folders that are gone: ${left.join(' ')}`;
  return [{ name: 'leftovers', state: 'warn', text, hint: 'delete them with rm -r if nobody needs them' }];
}
