import { plural } from './plural.ts';

/** What people did, and how it is taken back. */
export const acts = {
  title: 'History',
  hint: 'The last 20 acts, newest first',
  empty: 'Nothing was done yet',
  emptyHint: 'States, snoozes and decisions about held mail show here, and can be taken back.',
  columns: { at: 'When', what: 'What', customer: 'Customer', who: 'Who', undo: 'Undo' },
  undo: 'Undo',
  undone: 'taken back',
  stays: 'stays for 20 seconds, later in',
  state: (id: number, state: string) => `${id} is now ${state.toLowerCase()}`,
  snoozed: (id: number, until: string) => `${id} snoozed until ${until}`,
  manyState: (count: number, state: string) =>
    `${plural(count, 'ticket is', 'tickets are')} now ${state.toLowerCase()}`,
  manySnoozed: (count: number) => `${plural(count, 'ticket', 'tickets')} snoozed`,
  returned: (id: number) => `${id} is back in the queue`,
  rejected: (count: number) => `${plural(count, 'mail', 'mails')} rejected`,
  released: (count: number) => `${plural(count, 'mail', 'mails')} released as ordinary mail`,
  confirmed: (by: string) => `1 mail made a ticket of the team, not proven, confirmed by ${by}`,
  retried: (count: number) => `${plural(count, 'mail is', 'mails are')} tried again`,
  effect: 'An effect is tried again',
  takenBack: (what: string) => `Taken back: ${what}`,
  late: 'It is too late to take this back. Nothing was changed.',
  changed: 'Meanwhile it was changed again. Nothing was taken back.',
  gone: 'This was taken back before. Nothing was changed.',
  snooze: 'Snooze',
  snoozeDay: 'a day, 9:00',
  snoozeSet: 'Snooze',
  wake: 'Bring back now',
  choices: {
    '1h': '1 hour',
    tomorrow: 'Tomorrow 9:00',
    monday: 'Monday 9:00',
    deadline: '3 days before the deadline',
  },
  noSuchTime: 'This time is over, or it is no day of the next twelve months.',
};
