/**
 * Hides what may be a code or key in a name that others chose (of a file, of an envelope sender, of a host): long runs of
 * letters and digits become `…`, numbers of four digits and more `#`, but years stay. For names that are kept before
 * anybody knows what the mail says.
 */
export function hideTokens(name: string): string {
  return name
    .replace(/[A-Za-z0-9_-]{24,}/g, '…')
    .replace(/\d{4,}/g, (run) => (/^(?:19|20)\d\d$/.test(run) ? run : '#'));
}
