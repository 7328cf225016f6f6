import type { Base } from '../base.ts';
import { RootdeskError } from '../lib/errors.ts';
import { openSeal } from '../lib/seal.ts';
import { compareRecords, ownDomains } from '../ownDomains.ts';
import { createResolver } from '../receive/resolver.ts';
import { badBy, type Finding } from './finding.ts';

/** The records of our own domains, as DNS answers them now. */
export async function checkRecords({ db, settings, clock }: Base): Promise<Finding[]> {
  const hint = 'rootdesk dns prints what to publish';
  try {
    const { keyFile, dataDir } = settings;
    const seal = openSeal({ keyFile, dataDir, clock, create: false });
    const signingKey = (domain: string) => seal.signingKey(domain, () => noSigningKey(domain));
    const domains = await ownDomains(settings, db, { signingKey });
    const states = await compareRecords(domains, createResolver(settings.dns.servers));
    const wrong = states.filter(({ problem }) => problem !== null);
    if (wrong.length === 0) {
      const text =
        states.length === 0 ? 'no domains of our own yet' : `${states.length} of our own domains are published`;
      return [{ name: 'records', state: 'ok', text }];
    }
    return wrong.map(({ record, problem }) => ({
      name: 'records',
      state: 'warn',
      text: `${record.type} ${record.name} (${record.purpose.toUpperCase()}): ${problem}`,
      hint: `${record.why}; ${hint}`,
    }));
  } catch (error) {
    return [badBy('records', error, hint)];
  }
}

/** Looking makes no key. */
function noSigningKey(domain: string): never {
  throw new RootdeskError('dkim.none', `no key signs for ${domain} yet`, 'the next start, or rootdesk dns, makes it');
}
