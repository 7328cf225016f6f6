import { spawn } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, isAbsolute, join } from 'node:path';

/**
 * A server that a suite needs is not on this machine and cannot be installed here. The test command counts such a suite
 * as skipped and repeats the message at its end; under `CI=true` it counts as failed, so that no pipeline is green
 * without its real servers.
 */
export class MissingPackage extends Error {
  constructor(binary: string, packages: string[], why: string) {
    super(`${binary} is not on this machine: install it with "apt-get install ${packages.join(' ')}" (${why})`);
    this.name = 'MissingPackage';
  }
}

/**
 * The path of a server's binary. Looks in PATH and in the system folders that an ordinary user's PATH leaves out
 * (postfix and dovecot live in sbin). When it is missing, installs the Debian packages if this process may: root, with
 * apt-get, one installation at a time over all test workers. No service is started by it.
 *
 * Throws MissingPackage, whose message names the packages.
 */
export async function ensureDebian(binary: string, packages: string[]): Promise<string> {
  const found = findBinary(binary);
  if (found) return found;
  if (process.getuid?.() !== 0) throw new MissingPackage(binary, packages, 'only root may install packages');
  if (!findBinary('apt-get') || !findBinary('flock'))
    throw new MissingPackage(binary, packages, 'apt-get is not on this machine either');
  const { code, output } = await install(packages);
  const installed = findBinary(binary);
  if (installed) return installed;
  throw new MissingPackage(binary, packages, `apt-get ended with ${code}: ${output.trim().split('\n').at(-1)}`);
}

/** The path of a binary that is here, or null. */
export function findBinary(binary: string): string | null {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin', '/sbin', '/usr/bin'];
  const paths = isAbsolute(binary) ? [binary] : folders.filter(isAbsolute).map((folder) => join(folder, binary));
  return paths.find(isExecutable) ?? null;
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return existsSync(path);
  } catch {
    return false;
  }
}

/**
 * Package lists may be absent (fresh images ship none) or stale, so a failed try is repeated after an update. The
 * policy-rc.d file is Debian's way to say that an installation must not start services (invoke-rc.d(8)).
 */
const INSTALL = `
export DEBIAN_FRONTEND=noninteractive
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  printf '#!/bin/sh\\nexit 101\\n' > "$policy" && chmod 755 "$policy"
fi
echo 'postfix postfix/main_mailer_type select No configuration' | debconf-set-selections 2>/dev/null || true
try() { apt-get -o DPkg::Lock::Timeout=300 install -y --no-install-recommends "$@"; }
try "$@" || { apt-get -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 update && try "$@"; }
`;

async function install(packages: string[]): Promise<{ code: number | null; output: string }> {
  const lock = join(tmpdir(), 'rootdesk-test-apt.lock');
  const child = spawn('flock', [lock, 'sh', '-c', INSTALL, 'sh', ...packages], { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-4000);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  return new Promise((done, fail) => {
    child.on('error', fail);
    child.on('close', (code) => done({ code, output }));
  });
}
