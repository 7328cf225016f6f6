/** Parts of mailauth that come without types; see dkim.ts for why they are used. */
declare module 'mailauth/lib/dkim/dkim-verifier.js' {
  import type { Writable } from 'node:stream';
  import type { DKIMVerifyOptions, DKIMVerifyResult } from 'mailauth';
  import type { KeyCache } from 'mailauth/lib/tools.js';

  export class DkimVerifier extends Writable {
    constructor(options: DKIMVerifyOptions);
    keyCache: KeyCache;
    headerFrom: string[];
    fromFields: number;
    results: NonNullable<DKIMVerifyResult['results']>;
    /** The steps of the stream, in order: header with its empty line, body, end. */
    emitHeaders(header: Buffer): Promise<void>;
    nextChunk(body: Buffer): Promise<void>;
    finalChunk(): Promise<void>;
  }
}

declare module 'mailauth/lib/tools.js' {
  import type { KeyObject } from 'node:crypto';

  export type PublicKey = {
    publicKey: string | Buffer | KeyObject;
    rr: string;
    modulusLength?: number;
    keyType: string;
    flags: string[];
    testing: boolean;
    warnings: string[];
  };
  export type KeyOptions = { strict?: boolean; hashAlgo?: string };
  type Ask = (name: string, type: string) => Promise<string[][] | string[]>;
  export type KeyCache = {
    resolver: Ask;
    get(type: string, name: string, minBitLength?: number, options?: KeyOptions): Promise<PublicKey>;
  };
  export function getPublicKey(
    type: string,
    name: string,
    minBitLength: number | undefined,
    resolver: Ask,
    options?: KeyOptions,
  ): Promise<PublicKey>;
}
