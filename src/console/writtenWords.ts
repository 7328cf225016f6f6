import { z } from 'zod';
import { cleanLine } from '../core/cleanText.ts';
import { maskWritten } from '../core/secrets.ts';

const line = (most: number) =>
  z
    .string()
    .max(most)
    .transform((text) => maskWritten(cleanLine(text, most)))
    .refine((text) => text !== '', 'must not be empty');

/** The name of whoever confirms a held mail, as they write it: nobody is signed in. */
export const writtenName = line(80);
/** Why somebody did something. Timeline and the customer's log keep it, so a code pasted into it must not stay. */
export const writtenReason = line(500);
