/** Errors. */
export const error = {
  notFoundTitle: 'There is no such page',
  notFoundText: 'The address may be mistyped, or what it led to never existed.',
  wrongTitle: 'This address cannot be read',
  ourTitle: 'This page could not be made',
  ourText: 'The fault is on our side. Nothing was lost.',
  databaseTitle: 'The database did not answer',
  databaseText: 'Mail that arrives meanwhile is not acknowledged, so that its senders try again. Nothing is lost.',
  changeText:
    'Your change may not have been saved. What you entered is kept here, to be sent again; what was done already is not done twice.',
  again: 'Try again',
  home: 'Go to the queue',
  quote: (id: string) => `Quote ${id} when you ask for help; the log has it too.`,
};
