import type { SenderRules } from './senderRules.ts';

export type AwsDomain = SenderRules['domains'][number];

/**
 * The rule under which a domain is AWS's, by exact name or at a dot; the longest rule decides, and an exception that is
 * longer than it (compute.amazonaws.com, awsapps.com) wins. Null: not AWS.
 */
export function awsDomainOf(domain: string, rules: SenderRules): AwsDomain | null {
  let best: AwsDomain | null = null;
  for (const rule of rules.domains) {
    const matches = domain === rule.domain || (rule.subdomains && domain.endsWith(`.${rule.domain}`));
    if (matches && rule.domain.length > (best?.domain.length ?? 0)) best = rule;
  }
  const exception = exceptionOf(domain, rules);
  return exception !== null && exception.length > (best?.domain.length ?? 0) ? null : best;
}

/** The domain of AWS's customers that this one is or lies below, or null. */
export function exceptionOf(domain: string, rules: SenderRules): string | null {
  let best: string | null = null;
  for (const one of rules.exceptions) {
    if ((domain === one || domain.endsWith(`.${one}`)) && one.length > (best?.length ?? 0)) best = one;
  }
  return best;
}

/** The domain of an address, '' when it has none. */
export function domainOf(address: string): string {
  return address.slice(address.lastIndexOf('@') + 1 || address.length).toLowerCase();
}
