import { z } from 'zod';

/** An address of one of our own pages: what an act leads back to. Never another host, never a scheme. */
export const pageAddressSchema = z
  .string()
  .max(2000)
  .regex(/^\/(?![/\\])[\x21-\x7e]*$/, 'is no page of this server');

/** The same page with one more value in its query. */
export function withQuery(address: string, name: string, value: string): string {
  const { path, query, hash } = split(address);
  query.set(name, value);
  return `${path}?${query}${hash}`;
}

/** The same page with what was just done (for the line that takes it back). */
export function withDone(address: string, act: number): string {
  return withQuery(address, 'done', String(act));
}

/** What an act, or a look, adds to the address of a page. */
const PASSING = ['done', 'kept', 'select'];

/** The same page without what was done or selected before. */
export function withoutDone(address: string): string {
  const { path, query, hash } = split(address);
  for (const name of PASSING) query.delete(name);
  return `${path}${query.size > 0 ? `?${query}` : ''}${hash}`;
}

function split(address: string): { path: string; query: URLSearchParams; hash: string } {
  const [before = '', hash] = address.split('#', 2);
  const [path = '/', query] = before.split('?', 2);
  return { path, query: new URLSearchParams(query), hash: hash === undefined ? '' : `#${hash}` };
}
