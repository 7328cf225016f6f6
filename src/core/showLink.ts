/**
 * Links as people may see them: nothing of them acts. Only AWS's own console, documentation and question sites stay
 * clickable, over https, with the few parameters that say which page is meant; all others lose path and query (which
 * may be a token) and are defanged.
 */
const CLICKABLE = ['aws.amazon.com', 'repost.aws', 'docs.aws.amazon.com'];
/** Hosts under *.aws.amazon.com where the address itself acts. */
const ACTING = ['signin.aws.amazon.com', 'reset.aws.amazon.com', 'verify.aws.amazon.com'];
const PARAMETERS = new Set([
  'displayid',
  'caseid',
  'language',
  'region',
  'year',
  'month',
  'eventarn',
  'arn',
  'event',
  'eventid',
  'instanceid',
  'tab',
]);
const SAFE_VALUE = /^[\w.:/@+-]{1,200}$/;
/** A path segment that may be a token: long, and not words. */
const TOKEN_LIKE = /(?=[^/]*\d)[A-Za-z0-9_=~%-]{24,}/;

export type ShownLink = { text: string; href: string | null };

/** Null for what is no web link (mailto, cid, tel, data, relative). */
export function showLink(written: string): ShownLink | null {
  const url = parseUrl(written);
  if (url === null) return null;
  if (isConsole(url)) {
    const kept = stripped(url);
    return { text: kept, href: kept };
  }
  const scheme = url.protocol === 'https:' ? 'hxxps' : 'hxxp';
  const more = url.pathname.length > 1 || url.search !== '' || url.hash !== '' ? '/…' : '';
  const port = url.port === '' ? '' : `:${url.port}`;
  return { text: `${scheme}://${url.hostname.replaceAll('.', '[.]')}${port}${more}`, href: null };
}

function parseUrl(written: string): URL | null {
  const text = written.trim();
  if (text.length > 8192 || !/^https?:/i.test(text)) return null;
  return URL.parse(text);
}

function isConsole(url: URL): boolean {
  if (url.protocol !== 'https:' || url.username !== '' || url.password !== '' || url.port !== '') return false;
  const host = url.hostname;
  if (ACTING.some((name) => host === name || host.endsWith(`.${name}`))) return false;
  return CLICKABLE.includes(host) || host.endsWith('.aws.amazon.com');
}

function stripped(url: URL): string {
  const path = url.pathname.split('/').some((segment) => TOKEN_LIKE.test(segment)) ? '/' : url.pathname;
  return `https://${url.hostname}${path}${queryOf(url.search)}${fragmentOf(url.hash)}`;
}

function queryOf(search: string): string {
  const kept = [...new URLSearchParams(search)].filter(
    ([name, value]) => PARAMETERS.has(name.toLowerCase()) && SAFE_VALUE.test(value),
  );
  return kept.length === 0 ? '' : `?${kept.map(([name, value]) => `${encodeURIComponent(name)}=${value}`).join('&')}`;
}

/** Console pages keep their place behind `#`, with parameters of their own: `#/case/?displayId=1`, `#event-log?eventID=`. */
function fragmentOf(hash: string): string {
  if (hash === '') return '';
  const [place = '', ...query] = hash.slice(1).split('?');
  if (!/^[\w/:.-]{0,80}$/.test(place) || TOKEN_LIKE.test(place)) return '';
  return `#${place}${queryOf(query.join('?'))}`;
}
