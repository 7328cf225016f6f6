import { z } from 'zod';
import type { Outcome } from '../core/values.ts';
import { OUTCOMES } from './outcomes.ts';

/** Shapes of what comes in an address or a form. Unknown names are errors in the API and ignored on pages. */
export const stateSchema = z.enum(['open', 'waiting', 'solved']);
export const slugSchema = z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'is not a customer (letters, digits, hyphens)');
export const kindSchema = z
  .string()
  .regex(/^[a-z][a-z0-9_]*(\.[a-z0-9_]+)+$/, 'is not a kind (like support.case_reply)')
  .max(100);
export const sha256Schema = z
  .string()
  .trim()
  .toLowerCase()
  .regex(/^[0-9a-f]{64}$/, 'is not a SHA-256 (64 hexadecimal digits)');
/** No text column takes a NUL byte, and no Message-ID has a control character. */
export const messageIdSchema = z
  .string()
  .trim()
  .min(1)
  .max(998)
  .regex(/^\P{Cc}*$/u, 'has control characters');
export const outcomeSchema = z.enum(OUTCOMES as [Outcome | 'pending', ...(Outcome | 'pending')[]]);
/** Numbers of rows: positive, and within what JavaScript and bigint both hold. */
export const idSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,15}$/, 'is not a number')
  .transform(Number)
  .refine(Number.isSafeInteger, 'is not a number');

export const idParams = z.strictObject({ id: idSchema });
export const slugParams = z.strictObject({ slug: slugSchema });
/** Names of mailboxes are those of the settings. */
export const mailboxParams = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/, 'is not the name of a mailbox'),
});

/** A field of a form that may come several times, at most so often. */
export function several<T extends z.ZodType>(one: T, most: number) {
  const all = (value: unknown) => (value === undefined ? [] : Array.isArray(value) ? value : [value]);
  return z.preprocess(all, z.array(one).max(most));
}

/** A field of a form that was left empty is a field that was not given. */
export function emptyIsAbsent<T extends z.ZodType>(schema: T) {
  return z.preprocess((value) => (value === '' ? undefined : value), schema.optional());
}

/** Wrong input: every problem with the name of its field, for a page or the API. */
export class WrongInput extends Error {
  readonly problems: { field: string; message: string }[];
  constructor(error: z.ZodError) {
    const problems = error.issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys'
        ? issue.keys.map((key) => ({ field: key, message: 'is not known here' }))
        : [{ field: issue.path.join('.') || 'request', message: issue.message }],
    );
    super(problems.map(({ field, message }) => `${field}: ${message}`).join('; '));
    this.name = 'WrongInput';
    this.problems = problems;
  }
}

/** What is wrong with one field, where only the whole request shows it. */
export function wrongInput(field: string, message: string): WrongInput {
  return new WrongInput(new z.ZodError([{ code: 'custom', path: [field], message, input: undefined }]));
}

/** The parsed value, or WrongInput (400). */
export function parse<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const result = schema.safeParse(value ?? {});
  if (result.success) return result.data;
  throw new WrongInput(result.error);
}
