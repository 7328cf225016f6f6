/** What stands around every page, and times and sizes. */
export const frame = {
  lang: 'en',
  product: 'Rootdesk',
  times: {
    locale: 'en-GB',
    today: 'today',
    units: { second: 's', minute: 'm', hour: 'h', day: 'd' },
    gap: ' ',
    dayAndClock: ', ',
  },
  listJoin: ', ',
  skipToMain: 'Skip to the page',
  menu: 'Menu',
  language: { label: 'Language', en: 'English', ja: '日本語' },
  nav: {
    label: 'Main',
    queues: 'Queues',
    open: 'Open',
    waiting: 'Waiting',
    solved: 'Solved',
    review: 'Review',
    quarantine: 'Quarantine',
    parked: 'Parked',
    unrouted: 'Unrouted',
    mails: 'All mail',
    paths: 'Paths',
    health: 'Health',
    customers: 'Customers',
    sink: 'Sent notices',
    demo: 'Demo',
    queue: 'Queue',
    times: (zone: string) => `Times in ${zone}`,
    noSignIn: 'This machine only',
    demoFolder: 'Demo with invented mail',
  },
  worst: {
    down: (count: number) => `${count} down`,
    deciding: (span: string) => `${span} behind`,
    effects: (count: number) => `${count} gave up`,
  },
  bytes: (size: number) =>
    size < 1024
      ? `${size} B`
      : size < 1024 * 1024
        ? `${Math.round(size / 1024)} KB`
        : `${(size / 1024 / 1024).toFixed(1)} MB`,
  keys: {
    label: 'Keys',
    move: 'move',
    open: 'open',
    back: 'back',
    why: 'why: story of this mail',
    solve: 'solve',
    neighbours: 'next, previous ticket',
    goto: 'queue, quarantine, health',
    off: 'Turn keys off',
    on: 'Turn keys on',
  },
};
