import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import { EXIT, messageOf, RootdeskError } from '../lib/errors.ts';
import type { Settings } from '../settings.ts';
import { type Listener, type ListenerDeps, networkTest, startListener } from './mailListener.ts';

/**
 * Listens for SMTP. Authentication-Results counts only from clients in `trustedNetworks`. STARTTLS is offered when key
 * and certificate are set. Rejects with RootdeskError when the port or the key cannot be had.
 */
export function startSmtp(settings: Settings['smtp'], deps: ListenerDeps): Promise<Listener> {
  return startListener(
    {
      transport: 'smtp',
      bind: settings.bind,
      port: settings.port,
      hostname: settings.hostname,
      maxConnections: settings.maxConnections,
      maxRecipients: settings.maxRecipients,
      maxPerClient: settings.maxConnectionsPerClient,
      isOurHop: networkTest(settings.trustedNetworks),
      authservIds: settings.authservIds,
      tls: readTls(settings.tlsKeyFile, settings.tlsCertFile),
    },
    deps,
  );
}

function readTls(keyFile: string | null, certFile: string | null): { key: Buffer; cert: Buffer } | null {
  if (keyFile === null && certFile === null) return null;
  if (keyFile === null || certFile === null) {
    throw wrong('only one of the two TLS files is set', 'set both ROOTDESK_SMTP_TLS_KEY_FILE and _CERT_FILE, or none');
  }
  try {
    const pair = { key: readFileSync(keyFile), cert: readFileSync(certFile) };
    createSecureContext(pair);
    return pair;
  } catch (error) {
    const hint = 'both must be PEM files that belong together: check the paths and their permissions';
    throw wrong(`key or certificate cannot be used: ${messageOf(error)}`, hint);
  }
}

function wrong(message: string, hint: string): RootdeskError {
  return new RootdeskError('smtp.tls', `STARTTLS of the SMTP listener: ${message}`, hint, { exitCode: EXIT.config });
}
