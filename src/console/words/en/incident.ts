import { plural } from './plural.ts';

/** One event of AWS in the mail of several customers. */
export const incident = {
  one: 'Incident',
  many: 'Incidents',
  chip: 'incident',
  customers: (count: number) => plural(count, 'customer', 'customers'),
  open: (count: number) => `${plural(count, 'ticket', 'tickets')} not solved`,
  since: 'since',
  about:
    'AWS wrote to several customers about this event. Each has a ticket of its own and sees nothing of the others.',
  partOf: 'Part of an incident over',
  caption: 'Tickets of this incident, next to act first',
  state: 'State',
  columns: { matter: 'Matter', kind: 'Kind', customers: 'Customers', open: 'Not solved', last: 'Last mail' },
  none: 'No event concerns several customers',
  noneHint: 'When AWS writes the same to several customers, it stands here once.',
  more: 'Show older ones',
};
