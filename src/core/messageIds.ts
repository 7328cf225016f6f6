import { cleanLine } from './cleanText.ts';
import type { HeaderField } from './fields.ts';

const MAX_IDS = 100;
const MAX_VALUE = 32 * 1024;

/**
 * Message identifiers (RFC 5322 §3.6.4) of the first of these fields, without their angle brackets; a bare one counts as
 * well. At most 100.
 */
export function messageIds([field]: readonly HeaderField[]): string[] {
  const value = field?.value.slice(0, MAX_VALUE) ?? '';
  const ids = Array.from(value.matchAll(/<([^<>]{1,998})>/g), (match) => cleanLine(match[1]!.replace(/\s+/g, '')));
  const found =
    ids.length > 0
      ? ids
      : value
          .split(/\s+/)
          .filter((word) => /^[^\s<>]+@[^\s<>]+$/.test(word))
          .map((word) => cleanLine(word));
  return found.slice(0, MAX_IDS);
}
