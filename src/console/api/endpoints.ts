import * as acts from './acts.ts';
import * as bulk from './bulk.ts';
import * as customers from './customers.ts';
import { getParkedEffects } from './effects.ts';
import type { Endpoint } from './endpoint.ts';
import * as health from './health.ts';
import * as incidents from './incidents.ts';
import * as mailboxes from './mailboxes.ts';
import * as mails from './mails.ts';
import { changeManyMails } from './mailsBulk.ts';
import * as members from './members.ts';
import { mergeTicket } from './mergeTicket.ts';
import * as tickets from './tickets.ts';

/** Every address of the API, in the order of its description. Who may use it: whoever sits at this machine. */
export const ENDPOINTS: readonly Endpoint[] = [
  tickets.listTickets,
  tickets.getTicket,
  tickets.getTimeline,
  tickets.setState,
  tickets.setSnooze,
  mergeTicket,
  incidents.getIncidents,
  incidents.getIncident,
  bulk.changeMany,
  mails.getMails,
  mails.getMail,
  changeManyMails,
  acts.reject,
  acts.release,
  acts.confirm,
  acts.retry,
  acts.retryEffect,
  acts.listActs,
  acts.undo,
  customers.getCustomers,
  customers.getCustomer,
  customers.getLists,
  customers.getList,
  members.issueList,
  members.releaseAddress,
  members.askProbe,
  members.addMember,
  members.importTable,
  members.exportTable,
  members.sendAgain,
  members.remove,
  members.suspend,
  mailboxes.getMailboxes,
  mailboxes.getMailbox,
  mailboxes.resumePaused,
  members.exportPerson,
  members.erasePerson,
  getParkedEffects,
  health.getHealth,
  health.getStats,
  health.getAlive,
  health.getReadiness,
];

/** Where probes of process managers look for them. */
export const PROBES: readonly Endpoint[] = [health.getAlive, health.getReadiness];
