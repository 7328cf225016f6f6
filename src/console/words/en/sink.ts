/** The demo's sent notices. */
export const sink = {
  title: 'Sent notices',
  note: 'Mails that the demo would have sent. They reached its own mail server and nobody else.',
  empty: 'No notice was sent yet',
  emptyHint: 'When an urgent ticket opens, the notice to the FDE team shows here.',
  to: 'to',
};
