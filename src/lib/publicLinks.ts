import type { LinkFacts, LinkTokens } from './linkTokens.ts';

/** Addresses of the public pages, for mails. `base`: public.url, with or without a slash at its end. */
export function linkUrl(base: string, tokens: LinkTokens, link: LinkFacts): string {
  return `${base.replace(/\/+$/, '')}/${link.purpose}/${tokens.token(link)}`;
}

/** Where a member asks for a link of their own (List-Unsubscribe, RFC 2369). It may be forwarded: it only shows a form. */
export function listUrl(base: string, tokens: LinkTokens, listId: number): string {
  return `${base.replace(/\/+$/, '')}/list/${tokens.listToken(listId)}`;
}
