/**
 * Root addresses are unguessable, and whoever knows one can write into a customer's root mail: pages and API show
 * them masked, `tidewater-••••@root.example.net`, wherever they stand.
 */
const DOTS = '••••';

/** Keeps what says whose address it is: the part before the last hyphen, else two characters. */
export function maskAddress(address: string): string {
  const at = address.lastIndexOf('@');
  if (at < 1) return DOTS;
  const local = address.slice(0, at);
  const hyphen = local.lastIndexOf('-');
  const kept = hyphen > 0 ? local.slice(0, hyphen + 1) : local.slice(0, Math.min(2, local.length - 1));
  return `${kept}${DOTS}${address.slice(at)}`;
}
