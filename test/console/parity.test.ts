import { expect, test } from 'vitest';
import { ENDPOINTS } from '../../src/console/api/endpoints.ts';
import { ROUTES } from '../../src/console/routes.ts';

/** Whatever a page can change, the API can, under the same address unless it says otherwise here. */
const ELSEWHERE: Record<string, string | null> = {
  '/lists/:id/import': '/lists/:id/members/import',
  '/lists/:id/export': '/lists/:id/members/export',
  // Of one browser: how its pages look.
  '/language': null,
  '/preferences': null,
  // Root addresses are masked in the API: whole they are on a page alone, and the log says who saw it.
  '/lists/:id/address': null,
};

test('every act of the pages is an act of the API, and the other way round', () => {
  const acts = ROUTES.filter((route) => route.method === 'POST').map(({ path }) => path);
  const wanted = acts.map((path) => (path in ELSEWHERE ? ELSEWHERE[path] : path)).filter((path) => path != null);
  const api = ENDPOINTS.filter((one) => one.method === 'POST').map(({ path }) => path);
  expect(api.toSorted()).toEqual(wanted.toSorted());
  for (const path of Object.keys(ELSEWHERE)) expect(acts).toContain(path);
});

test('every page that reads has its read in the API', () => {
  const reads = ENDPOINTS.filter((one) => one.method === 'GET').map(({ path }) => path);
  for (const page of [
    '/tickets/:id',
    '/incidents',
    '/incidents/:id',
    '/mails',
    '/mails/:id',
    '/health',
    '/customers',
    '/customers/:slug',
    '/lists',
    '/lists/:id',
  ])
    expect(reads).toContain(page);
});
