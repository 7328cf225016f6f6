import type { ActRow } from '../store/acts/readActs.ts';
import type { NavCounts } from '../store/readNav.ts';
import type { Masker } from './mask.ts';
import type { Preferences } from './preferences.ts';
import type { Times } from './times.ts';
import type { Texts } from './words/texts.ts';

/** What every page needs beside its own rows: words, times as the viewer reads them, counts of the frame, masking. */
export type View = {
  t: Texts;
  /** Path and query of this page, for forms that lead back to it. */
  here: string;
  times: Times;
  nav: NavCounts;
  /** Listeners and mailboxes that do not work. */
  down: number;
  demo: boolean;
  sink: boolean;
  /** The act that led here, for the line that takes it back. */
  done: ActRow | null;
  mask: Masker;
  preferences: Preferences;
};
