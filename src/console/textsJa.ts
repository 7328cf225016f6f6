import type { Texts } from './texts.ts';
import { en } from './textsEn.ts';

export const ja: Texts = en;
