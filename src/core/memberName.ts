/** Longest name of a member (characters). */
export const LONGEST_NAME = 100;

/**
 * The name of a member for pages and tables: trimmed, one line, nothing invisible, no spreadsheet formula. Null when it is
 * none. A name is what somebody typed and proves nothing; the address decides.
 */
export function memberName(text: string): string | null {
  const name = text.trim().normalize('NFC');
  if (name === '' || [...name].length > LONGEST_NAME) return null;
  return /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/u.test(name) || /^[=+\-@|＝＋－＠']/u.test(name) ? null : name;
}
