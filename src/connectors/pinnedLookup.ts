import { lookup } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { addressClass } from './addressClass.ts';

/** The host is, or resolves to, an address that must not be asked. */
export class RefusedAddress extends Error {
  readonly code = 'ERR_REFUSED_ADDRESS';
  constructor(kind: 'private' | 'forbidden') {
    super(
      kind === 'private'
        ? 'its host is on a private or loopback address'
        : 'its host is on a link-local, metadata, multicast or reserved address',
    );
    this.name = 'RefusedAddress';
  }
}

/** Throws RefusedAddress when the address must not be asked. */
export function checkAddress(address: string, allowPrivate: boolean): void {
  const kind = addressClass(address);
  if (kind === 'forbidden' || (kind === 'private' && !allowPrivate)) throw new RefusedAddress(kind);
}

/**
 * Resolves a name for the connection itself and refuses it when any of its addresses must not be asked: what was checked is
 * what is connected to, so that a name cannot change in between (DNS rebinding). A host that is an address already is
 * never looked up: check it with `checkHost`.
 */
export function pinnedLookup(allowPrivate: boolean): LookupFunction {
  return (hostname, options, callback) => {
    lookup(hostname, { family: options.family, hints: options.hints, all: true }, (error, addresses) => {
      if (error) return callback(error, '', 0);
      try {
        for (const { address } of addresses) checkAddress(address, allowPrivate);
      } catch (refused) {
        return callback(refused as Error, '', 0);
      }
      if (options.all) return callback(null, addresses);
      const first = addresses[0]!;
      callback(null, first.address, first.family);
    });
  };
}

/** Checks the host of a URL when it is an address: the URL parser has made `127.1` and `2130706433` into one already. */
export function checkHost(url: URL, allowPrivate: boolean): void {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  if (isIP(host) !== 0) checkAddress(host, allowPrivate);
}
