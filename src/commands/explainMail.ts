import { ownPeople } from '../core/people.ts';
import { explain } from '../explain.ts';
import { explainText } from '../explainText.ts';
import { systemClock } from '../lib/clock.ts';
import { createLog } from '../lib/log.ts';
import { print } from '../lib/output.ts';
import { authenticate } from '../receive/authenticate.ts';
import { createResolver } from '../receive/resolver.ts';
import { loadRules } from '../rules.ts';
import type { Settings } from '../settings.ts';
import { loadCustomersFile } from './customers.ts';

/** `rootdesk explain`: what the rules make of mail files, and why. No database, nothing is kept, nothing is sent. */
export async function explainMail(
  settings: Settings,
  files: string[],
  options: { json?: boolean; customers?: string },
): Promise<void> {
  const resolver = createResolver(settings.dns.servers);
  const { timeoutMs } = settings.dns;
  const records = explain(files, {
    customers: options.customers === undefined ? null : loadCustomersFile(options.customers),
    trustedAuthservIds: settings.trust.authservIds,
    authenticate: (raw, arrival) => authenticate(raw, arrival, { resolver, now: systemClock.now(), timeoutMs }),
    kinds: loadRules().kinds,
    limits: settings.limits,
    followUpDays: settings.tickets.followUpDays,
    own: ownPeople(settings.membership.resellerDomains, settings.notify.addresses),
    listDomains: settings.listDomains,
    log: createLog(settings.logLevel),
    clock: systemClock,
  });
  for await (const record of records) {
    if (!print(options.json ? `${JSON.stringify(record)}\n` : explainText(record))) break;
  }
}
