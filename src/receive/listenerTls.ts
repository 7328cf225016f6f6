import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';

/**
 * Key and certificate for STARTTLS of a listener; null: none is offered. Throws RootdeskError when they cannot be used.
 * Read at start: a renewed certificate needs a restart.
 */
export function readTls(
  listener: 'smtp' | 'lmtp',
  { tlsKeyFile, tlsCertFile }: { tlsKeyFile: string | null; tlsCertFile: string | null },
): { key: Buffer; cert: Buffer } | null {
  const wrong = (message: string, hint: string) =>
    new RootdeskError(`${listener}.tls`, `STARTTLS of the ${listener.toUpperCase()} listener: ${message}`, hint, {
      exitCode: EXIT.config,
    });
  if (tlsKeyFile === null && tlsCertFile === null) return null;
  if (tlsKeyFile === null || tlsCertFile === null) {
    const name = `ROOTDESK_${listener.toUpperCase()}_TLS`;
    throw wrong('only one of the two TLS files is set', `set both ${name}_KEY_FILE and _CERT_FILE, or none`);
  }
  try {
    const pair = { key: readFileSync(tlsKeyFile), cert: readFileSync(tlsCertFile) };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    const hint = 'both must be PEM files that belong together: check the paths and their permissions';
    throw wrong(`key or certificate cannot be used: ${messageOf(error)}`, hint);
  }
}
