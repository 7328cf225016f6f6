/** The markup of the pages; the public pages share it. */
export * from '../lib/html.ts';
