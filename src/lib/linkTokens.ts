import { createHmac, timingSafeEqual } from 'node:crypto';

/**
 * The tokens of single-use links: the number of the link's row and a keyed hash over all that the link may do. They are
 * made when the mail is sent and stand nowhere; whoever reads database, queue or log cannot make one.
 */
export type LinkTokens = {
  /** `<number>-<27 characters>`, for the path of an address. */
  token(link: LinkFacts): string;
  /** The number in a token, whether or not the rest is right; null when it is no token. */
  idOf(token: string): number | null;
  /** Whether the token was made here for exactly this link. */
  proves(token: string, link: LinkFacts): boolean;
  /** The token of a list for List-Unsubscribe: it leads to a form and grants nothing. */
  listToken(listId: number): string;
  /** The list of such a token, or null. */
  listOf(token: string): number | null;
};

export type LinkFacts = { id: number; purpose: string; address: string };

/** 160 bits: 27 characters of base64url. */
const MAC_BYTES = 20;
const FORM = /^([1-9]\d{0,14})-([A-Za-z0-9_-]{27})$/;

/** `key`: of this installation, for this purpose alone. */
export function createLinkTokens(key: Buffer): LinkTokens {
  const mac = (...parts: (string | number)[]) =>
    createHmac('sha256', key).update(JSON.stringify(parts)).digest().subarray(0, MAC_BYTES);
  const write = (id: number, hash: Buffer) => `${id}-${hash.toString('base64url')}`;
  const read = (token: string): [id: number, hash: Buffer] | null => {
    const match = FORM.exec(token);
    return match ? [Number(match[1]), Buffer.from(match[2]!, 'base64url')] : null;
  };
  const ofLink = ({ id, purpose, address }: LinkFacts) => mac('link', id, purpose, address);
  return {
    token: (link) => write(link.id, ofLink(link)),
    idOf: (token) => read(token)?.[0] ?? null,
    proves(token, link) {
      const found = read(token);
      return found !== null && found[0] === link.id && timingSafeEqual(found[1], ofLink(link));
    },
    listToken: (listId) => write(listId, mac('list', listId)),
    listOf(token) {
      const found = read(token);
      return found !== null && timingSafeEqual(found[1], mac('list', found[0])) ? found[0] : null;
    },
  };
}
