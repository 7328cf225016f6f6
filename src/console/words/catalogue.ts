import type { en } from './en/en.ts';

/** The shape of the English catalogue: words that another language lacks, or has too many of, are type errors. */
type Widen<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : { [K in keyof T]: Widen<T[K]> };

export type Catalogue = Widen<typeof en>;
