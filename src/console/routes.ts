import * as changes from './changes.ts';
import * as pages from './pageRoutes.ts';
import { RENDERED_HEADERS } from './pages/renderedMail.ts';

/**
 * Every page and form in one table (api/endpoints.ts has the API), with who may use it. `machine`: whoever sits at this machine, until sign-in exists; the
 * guards see to it that nobody else gets here.
 */
export type Route =
  | { method: 'GET'; path: string; auth: 'machine'; page: pages.PageHandler; headers?: Record<string, string> }
  | { method: 'POST'; path: string; auth: 'machine'; change: changes.ChangeHandler };

const page = (path: string, handler: pages.PageHandler) => ({
  method: 'GET' as const,
  path,
  auth: 'machine' as const,
  page: handler,
});
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
];
