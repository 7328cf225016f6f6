import { z } from 'zod';
import { BANDS, type QueueKey } from '../store/readQueue.ts';

/** Paging keys travel in addresses: base64url of JSON, checked when they come back. They hold no secret and grant nothing. */
export function packKey(key: object): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/** A query value that is a packed key of this shape; anything else is a validation error. */
export function packedKey<T extends z.ZodType>(shape: T) {
  return z
    .string()
    .max(500)
    .transform((text, context) => {
      try {
        return JSON.parse(Buffer.from(text, 'base64url').toString('utf8')) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'is not a paging key of this server' });
        return z.NEVER;
      }
    })
    .pipe(shape);
}

const instant = z.iso.datetime();

export const queueKeySchema: z.ZodType<QueueKey> = z.strictObject({
  asOf: instant,
  band: z.enum(BANDS as [QueueKey['band'], ...QueueKey['band'][]]),
  actAt: instant,
  rank: z.int().min(0).max(4),
  id: z.int().positive(),
});

export const idKeySchema = z.strictObject({ id: z.int().positive() });
export const customerKeySchema = z.strictObject({
  name: z
    .string()
    .max(500)
    .regex(/^\P{Cc}*$/u),
  id: z.int().positive(),
});
export const solvedKeySchema = z.strictObject({ at: instant, id: z.int().positive() });
