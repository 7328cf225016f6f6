import type { Settings } from '../settings.ts';
import { readTls } from './listenerTls.ts';
import { type Listener, type ListenerDeps, networkTest, startListener } from './mailListener.ts';

/**
 * Listens for SMTP. Authentication-Results and XFORWARD count only from clients in `trustedNetworks`, PROXY headers only from `proxyFrom`. STARTTLS is offered when key
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
      tls: readTls('smtp', settings),
      proxies: settings.proxyFrom,
    },
    deps,
  );
}
