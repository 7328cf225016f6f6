import { plural } from './plural.ts';

/** A mail in its sealed frame. */
export const mail = {
  forms: 'Form of the mail',
  html: 'Rendered',
  text: 'Text',
  headers: 'Headers',
  title: (from: string, at: string) => `Mail from ${from} of ${at}`,
  sealedFrame: 'Sealed frame: nothing is loaded, nothing runs',
  textOnly: 'Text only: nothing is loaded, nothing runs',
  remoteImages: (count: number) => `${plural(count, 'remote image', 'remote images')} held back`,
  linksAsText: (count: number) => plural(count, 'link shown as text', 'links shown as text'),
  partsSealed: (count: number) => plural(count, 'part sealed', 'parts sealed'),
  showAll: 'Show all',
  links: 'Links of this mail',
  noHeaders: 'No header of this mail was kept.',
  whyText: {
    none: 'This mail has no rendered form; this is its text.',
    sealed: 'This mail carries a secret and has no rendered form.',
    hidden: 'This mail hides its body from people; this is its text.',
    large: 'The rendered form of this mail is too long; this is its text.',
    unsafe: 'The rendered form could show a part of a secret; this is its text.',
    failed: 'The rendered form could not be made; this is its text.',
    gone: 'The bytes of this mail can no longer be opened; this is the text that was kept.',
  },
};
