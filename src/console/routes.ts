import { changeSelected } from './bulkChanges.ts';
import * as changes from './changes.ts';
import { showIncident, showIncidents } from './incidentRoutes.ts';
import * as lists from './listRoutes.ts';
import * as mailboxes from './mailboxRoutes.ts';
import * as members from './memberRoutes.ts';
import type { PageHandler } from './pageHandler.ts';
import * as pages from './pageRoutes.ts';
import { RENDERED_HEADERS } from './pages/renderedMail.ts';
import { changePreferences, showPreferences } from './preferencesRoute.ts';
import { showQueue } from './queueRoute.ts';
import * as reviewChanges from './reviewChanges.ts';
import { showReview } from './reviewRoute.ts';
import { showPeek, showTicket } from './ticketRoute.ts';

/**
 * Every page and form in one table (api/endpoints.ts has the API), with who may use it. `machine`: whoever sits at this
 * machine, until sign-in exists; the guards see to it that nobody else gets here.
 */
export type Route =
  | { method: 'GET'; path: string; auth: 'machine'; page: PageHandler; headers?: Record<string, string> }
  | { method: 'POST'; path: string; auth: 'machine'; change: changes.ChangeHandler };

const page = (path: string, handler: PageHandler) => ({
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
  page('/', showQueue),
  page('/tickets/:id', showTicket),
  page('/tickets/:id/peek', showPeek),
  page('/incidents', showIncidents),
  page('/incidents/:id', showIncident),
  page('/mails', pages.showMails),
  page('/mails/:id', pages.showStory),
  { ...page('/mails/:id/rendered', pages.showRendered), headers: RENDERED_HEADERS },
  page('/quarantine', showReview('quarantine')),
  page('/parked', showReview('parked')),
  page('/health', pages.showHealth),
  page('/mailboxes', mailboxes.showMailboxes),
  page('/mailboxes/:name', mailboxes.showMailbox),
  page('/customers', pages.showCustomers),
  page('/customers/:slug', pages.showCustomer),
  page('/lists', lists.showLists),
  page('/lists/:id', lists.showList),
  page('/lists/:id/import', lists.showImport),
  page('/lists/:id/release', lists.showRelease),
  page('/members/:id', members.showMember),
  page('/members/:id/erase', members.showErase),
  page('/history', pages.showHistory),
  page('/preferences', showPreferences),
  page('/sink', pages.showSink),
  change('/language', changes.changeLanguage),
  change('/preferences', changePreferences),
  change('/tickets/bulk', changeSelected),
  change('/tickets/:id/state', changes.changeState),
  change('/tickets/:id/snooze', changes.changeSnooze),
  change('/tickets/:id/merge', changes.mergeTicket),
  change('/acts/:id/undo', changes.changeBack),
  change('/mails/bulk', reviewChanges.changeMany),
  change('/mails/:id/reject', reviewChanges.reject),
  change('/mails/:id/release', reviewChanges.release),
  change('/mails/:id/confirm', reviewChanges.confirm),
  change('/mails/:id/retry', changes.retryMail),
  change('/effects/:id/retry', changes.retryEffect),
  change('/mailboxes/:name/resume', mailboxes.resume),
  change('/customers/:slug/lists', lists.issue),
  change('/lists/:id/address', lists.showOnce),
  change('/lists/:id/export', lists.exportMembers),
  change('/lists/:id/import', lists.takeImport),
  change('/lists/:id/members', lists.proposeOne),
  change('/lists/:id/release', lists.release),
  change('/lists/:id/probe', lists.probe),
  change('/members/:id/invite', members.invite),
  change('/members/:id/remove', members.remove),
  change('/members/:id/suspend', members.suspend),
  change('/members/:id/person', members.exportPerson),
  change('/members/:id/erase', members.erase),
];
