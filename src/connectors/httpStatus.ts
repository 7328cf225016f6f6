import type { FailureClass } from '../core/retry.ts';

/**
 * The class of an HTTP status. Redirects are not followed, so they are permanent. 408, 409, 423, 425 and 5xx may work later
 * (501 and 505 will not); 429 asks to wait. RFC 9110 §15, RFC 6585 §4.
 */
export function httpStatusClass(status: number): FailureClass {
  if (status === 429) return 'rateLimited';
  if ([408, 409, 423, 425].includes(status)) return 'temporary';
  if (status >= 500 && ![501, 505].includes(status)) return 'temporary';
  return 'permanent';
}

/**
 * The seconds of a Retry-After field, from now: delta-seconds or an HTTP-date. Null when it is absent or unreadable.
 * RFC 9110 §10.2.3.
 */
export function retryAfterSeconds(value: string | null | undefined, nowMs: number): number | null {
  const text = value?.trim() ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  // An HTTP-date names a month; Date.parse alone would also take "-5" or "1.5".
  if (!/^[A-Za-z]{3,9},? .{0,40}\d{2}:\d{2}:\d{2}/.test(text)) return null;
  const at = Date.parse(text);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - nowMs) / 1000));
}
