import { z } from 'zod';
import { cleanLine } from '../core/cleanText.ts';

const line = (most: number) =>
  z
    .string()
    .max(most)
    .transform((text) => cleanLine(text, most))
    .refine((text) => text !== '', 'must not be empty');

/** The name of whoever confirms a held mail, as they write it: nobody is signed in. */
export const reviewBy = line(80);
/** Why a held mail was let go; goes into the customer's log. */
export const reviewReason = line(300);
