import type { LinkFacts, LinkTokens } from './linkTokens.ts';

/** Addresses of the public pages, for mails. `base`: public.url, with or without a slash at its end. */
export function linkUrl(base: string, tokens: LinkTokens, link: LinkFacts): string {
  return `${base.replace(/\/+$/, '')}/${link.purpose}/${tokens.token(link)}`;
}
