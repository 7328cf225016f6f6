import type { HeaderField } from '../core/fields.ts';

/** A hop writes a few Received fields at most; more is not a hop of ours. */
const MAX_HOPS = 8;

/**
 * How many of the topmost Received fields the hop that handed the mail over wrote itself: those whose `by` names it
 * (RFC 5321 §4.4), from the top without a gap. `names` are the names of that hop: its authserv-ids, the name that it
 * greeted us with. `isDelivered`: the mail lies in a mailbox; then a topmost field `with LMTP` is that of the delivery
 * into it, whatever that host calls itself. A field below the first foreign one is never counted, whatever it says.
 */
export function countTrustedReceived(
  fields: readonly HeaderField[],
  names: readonly string[],
  options: { isDelivered?: boolean } = {},
): number {
  const known = new Set(names.map(normal).filter((name) => name !== ''));
  if (known.size === 0) return 0;
  let count = 0;
  for (const field of fields) {
    if (field.name !== 'received') continue;
    const text = withoutComments(field.value);
    const by = normal(/(?:^|\s)by\s+([^\s;]{1,255})/i.exec(text)?.[1] ?? '');
    const isDelivery = options.isDelivered === true && count === 0 && /\swith\s+LMTPS?A?\b/i.test(text);
    if (count === MAX_HOPS || !(known.has(by) || isDelivery || isGoogleInside(by, known))) break;
    count += 1;
  }
  return count;
}

/** The value without comments, which may say anything. */
function withoutComments(value: string): string {
  let text = value.slice(0, 4096);
  for (let depth = 0; depth < 10 && text.includes('('); depth++) text = text.replace(/\([^()]*\)/g, ' ');
  return text;
}

/** Google's inner hops write `by 2002:a05:…`: 6to4 for 10.0.0.0/8, an address that no outside server has. */
function isGoogleInside(by: string, known: ReadonlySet<string>): boolean {
  return known.has('mx.google.com') && /^2002:0?a[0-9a-f]{2}:/.test(by);
}

function normal(name: string): string {
  return name.toLowerCase().replace(/\.$/, '');
}
