import type { Settings } from '../settings.ts';
import { readTls } from './listenerTls.ts';
import { type Listener, type ListenerDeps, startListener } from './mailListener.ts';

/**
 * Listens for LMTP (RFC 2033): the mail server of the house hands mail over, so every client is a hop of ours, and may say by XFORWARD who its client was. Each
 * recipient gets its own answer. Rejects with RootdeskError when the port cannot be had.
 */
export function startLmtp(settings: Settings['lmtp'], hostname: string, deps: ListenerDeps): Promise<Listener> {
  return startListener(
    {
      transport: 'lmtp',
      bind: settings.bind,
      port: settings.port,
      hostname,
      maxConnections: settings.maxConnections,
      maxRecipients: settings.maxRecipients,
      maxPerClient: settings.maxConnections,
      isOurHop: () => true,
      authservIds: settings.authservIds,
      tls: readTls('lmtp', settings),
    },
    deps,
  );
}
