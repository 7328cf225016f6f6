import { plural } from './plural.ts';

/** The list of mailboxes. */
export const mailboxes = {
  title: 'Mailboxes',
  everyOne: 'All, by name',
  onlyTroubled: 'Those that need somebody',
  all: (count: number) => `All ${count.toLocaleString('en')} mailboxes`,
  troubled: (count: number) => plural(count, 'mailbox needs somebody', 'mailboxes need somebody'),
  more: 'Show 100 more',
  none: 'No mailbox is watched',
  noneHint: 'Name mailboxes in the settings, and start Rootdesk with them.',
  noneTroubled: 'No mailbox needs somebody',
  noneTroubledHint: 'All of them are read, nothing is missing.',
};
