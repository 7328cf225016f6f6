/** What JSON.stringify writes for NUL and for lone surrogates, which jsonb refuses. */
const UNSTORABLE = /\\u0000|\\ud[89a-f][0-9a-f]{2}/;

/** JSON for a json or jsonb column: without NUL, lone surrogates replaced by U+FFFD. */
export function storableJson(value: unknown): string {
  const json = JSON.stringify(value);
  if (!UNSTORABLE.test(json)) return json;
  return JSON.stringify(value, (_key, item: unknown) =>
    typeof item === 'string' ? item.replaceAll('\0', '').toWellFormed() : item,
  );
}
