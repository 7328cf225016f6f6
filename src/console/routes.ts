import * as api from './api.ts';
import * as changes from './changes.ts';
import * as pages from './pageRoutes.ts';
import { RENDERED_HEADERS } from './pages/renderedMail.ts';

/**
 * Every route in one table, with who may use it. `machine`: whoever sits at this machine, until sign-in exists; the
 * guards see to it that nobody else gets here.
 */
export type Route =
  | { method: 'GET'; path: string; auth: 'machine'; page: pages.PageHandler; headers?: Record<string, string> }
  | { method: 'GET'; path: string; auth: 'machine'; api: api.ApiHandler }
  | { method: 'POST'; path: string; auth: 'machine'; change: changes.ChangeHandler };

const page = (path: string, handler: pages.PageHandler) => ({
  method: 'GET' as const,
  path,
  auth: 'machine' as const,
  page: handler,
});
const json = (path: string, handler: api.ApiHandler): Route => ({ method: 'GET', path, auth: 'machine', api: handler });
const change = (path: string, handler: changes.ChangeHandler): Route => ({
  method: 'POST',
  path,
  auth: 'machine',
  change: handler,
});

export const ROUTES: readonly Route[] = [
  page('/', pages.showQueue),
  page('/tickets/:id', pages.showTicket),
  page('/mails', pages.showMails),
  page('/mails/:id', pages.showStory),
  { ...page('/mails/:id/rendered', pages.showRendered), headers: RENDERED_HEADERS },
  page('/quarantine', pages.showReview('quarantine')),
  page('/parked', pages.showReview('parked')),
  page('/health', pages.showHealth),
  page('/customers', pages.showCustomers),
  page('/customers/:slug', pages.showCustomer),
  page('/sink', pages.showSink),
  change('/language', changes.changeLanguage),
  change('/tickets/:id/state', changes.changeState),
  change('/mails/:id/retry', changes.retryMail),
  change('/effects/:id/retry', changes.retryEffect),
  json('/api/v1/tickets', api.getTickets),
  json('/api/v1/tickets/:id', api.getTicket),
  json('/api/v1/mails', api.getMails),
  json('/api/v1/mails/:id', api.getMail),
  json('/api/v1/stats', api.getStats),
  json('/api/v1/healthz', api.getHealth),
  json('/api/v1/readyz', api.getReadiness),
  // Where probes of process managers look for them.
  json('/healthz', api.getHealth),
  json('/readyz', api.getReadiness),
];
