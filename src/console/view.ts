import type { NavCounts } from '../store/readNav.ts';
import type { Masker } from './mask.ts';
import type { Texts } from './texts.ts';
import type { Times } from './times.ts';

/** What every page needs beside its own rows: words, times as the viewer reads them, counts of the frame, masking. */
export type View = {
  t: Texts;
  times: Times;
  nav: NavCounts;
  /** Listeners and mailboxes that do not work. */
  down: number;
  demo: boolean;
  sink: boolean;
  mask: Masker;
};
