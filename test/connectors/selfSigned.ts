import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureDebian } from '../servers/debian.ts';

/** A key and a certificate for localhost that nobody else signed. */
export async function selfSigned(): Promise<{ key: Buffer; cert: Buffer }> {
  const openssl = await ensureDebian('openssl', ['openssl']);
  const folder = mkdtempSync(join(tmpdir(), 'rd-tls-'));
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const request = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-subj', '/CN=localhost'];
  execFileSync(openssl, [...request, '-keyout', key, '-out', cert], { stdio: 'ignore' });
  const pair = { key: readFileSync(key), cert: readFileSync(cert) };
  rmSync(folder, { recursive: true });
  return pair;
}
