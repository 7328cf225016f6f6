import { z } from 'zod';

/** An address of one of our own pages: what an act leads back to. Never another host, never a scheme. */
export const pageAddressSchema = z
  .string()
  .max(2000)
  .regex(/^\/(?![/\\])[\x21-\x7e]*$/, 'is no page of this server');

/** The same page with what was just done (for the line that takes it back). */
export function withDone(address: string, act: number): string {
  const { path, query, hash } = split(address);
  query.set('done', String(act));
  return `${path}?${query}${hash}`;
}

/** The same page without what was done before. */
export function withoutDone(address: string): string {
  const { path, query, hash } = split(address);
  query.delete('done');
  return `${path}${query.size > 0 ? `?${query}` : ''}${hash}`;
}

function split(address: string): { path: string; query: URLSearchParams; hash: string } {
  const [before = '', hash] = address.split('#', 2);
  const [path = '/', query] = before.split('?', 2);
  return { path, query: new URLSearchParams(query), hash: hash === undefined ? '' : `#${hash}` };
}
