import { randomBytes } from 'node:crypto';
import { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { constants, createZstdDecompress, zstdCompressSync, zstdDecompressSync } from 'node:zlib';
import { decrypt, decryptSlices, encrypt } from './aesGcm.ts';
import type { Clock } from './clock.ts';
import { type Keyring, openKeyring } from './keys.ts';

export type Sealed = { bytes: Buffer; wrappedKey: Buffer; keyId: string };

/** Envelope encryption of raw mail: a data key a mail, wrapped by the key of its day or by the long-lived mail key. */
export type Seal = {
  /** Compresses (zstd 3), encrypts, and wraps the data key by today's key (UTC). Takes up to MAX_BYTES. */
  seal(raw: Uint8Array): Sealed;
  /** Throws when the key was destroyed (RootdeskError `seal.key_gone`) or the bytes are not what was sealed. */
  open(bytes: Uint8Array, wrappedKey: Uint8Array, keyId: string): Buffer;
  /**
   * The same for bytes that come in slices, the first with at least 5: the whole mail stands in memory once, however it was
   * packed.
   */
  openSlices(slices: AsyncIterable<Buffer>, wrappedKey: Uint8Array, keyId: string): Promise<Buffer>;
  /** Wraps the data key by the mail key instead: the mail stays readable after its day. The bytes stay as they are. */
  toMailKey(wrappedKey: Uint8Array, keyId: string): { wrappedKey: Buffer; keyId: string };
  /** 32 bytes for one purpose, the same ones always: for marks that only this installation can make. */
  derive(purpose: string): Buffer;
  /** The private key that signs our mail of a domain (PKCS #8, DER), made by `make` when there is none yet. */
  signingKey(domain: string, make: () => Buffer): Buffer;
  /** Wraps the data key by the key of today (UTC): a mail that still waits outlives the key of its day. */
  toDayKey(wrappedKey: Uint8Array, keyId: string): { wrappedKey: Buffer; keyId: string };
  /** Tells this root key from another (32 bytes). */
  keyCheck(): Buffer;
  /** The ids of the day keys of all days before this one (YYYY-MM-DD, UTC), oldest first. */
  dayKeysBefore(day: string): string[];
  /**
   * Destroys the day keys of all days before this one (UTC; a Date or YYYY-MM-DD), and with them every mail that was
   * not moved to the mail key. Returns the key ids.
   */
  destroyDayKeysBefore(day: Date | string): string[];
  /** Destroys these day keys, whatever their day. */
  destroyDayKeys(keyIds: readonly string[]): void;
};

export type SealOptions = {
  keyFile: string | null;
  dataDir: string;
  clock: Clock;
  /** Default true: makes a missing root key. False when the database knows one already. */
  create?: boolean;
};

/** Largest mail that is sealed or opened (bytes): a bound for decompression, far above every mail limit. */
export const MAX_BYTES = 256 * 1024 * 1024;

const MAX_CHUNK = 1024 * 1024;
/** Bytes that are unpacked at once where a mail is opened in slices. */
const SLICE_BYTES = 64 * 1024;

const DATA_KEY_BYTES = 32;
const MAIL_KEY = 'mail:1';
/** Format 1: version, size of the raw mail (4 bytes, big endian), then what aesGcm writes. The header is bound to it. */
const VERSION = 1;
const HEADER_BYTES = 5;

/** Opens the keys (see keys.ts for what is refused). */
export function openSeal(options: SealOptions): Seal {
  const { keyFile, dataDir, create = true } = options;
  return sealWith(openKeyring({ keyFile, dataDir, create }), options.clock);
}

function sealWith(keys: Keyring, clock: Clock): Seal {
  const moveTo = (to: string, wrappedKey: Uint8Array, keyId: string) => {
    if (keyId === to) return { wrappedKey: buffer(wrappedKey), keyId };
    const dataKey = decrypt(keys.find(keyId), buffer(wrappedKey), wrapBound(keyId));
    return { wrappedKey: encrypt(keys.findOrMake(to), dataKey, wrapBound(to)), keyId: to };
  };
  return {
    seal(raw) {
      const header = headerOf(raw.byteLength);
      const keyId = `day:${dayOf(clock.now())}`;
      const dataKey = randomBytes(DATA_KEY_BYTES);
      // Told the size, zstd makes tables that fit it: half the work for the usual mail.
      const packed = zstdCompressSync(raw, {
        params: { [constants.ZSTD_c_compressionLevel]: 3 },
        pledgedSrcSize: raw.byteLength,
        // A mail gets smaller than half.
        chunkSize: chunkOf(raw.byteLength / 2),
      });
      const bytes = encrypt(dataKey, packed, header, header);
      return { bytes, wrappedKey: encrypt(keys.findOrMake(keyId), dataKey, wrapBound(keyId)), keyId };
    },
    open(bytes, wrappedKey, keyId) {
      const dataKey = decrypt(keys.find(keyId), buffer(wrappedKey), wrapBound(keyId));
      const header = buffer(bytes).subarray(0, HEADER_BYTES);
      const size = sizeIn(header);
      const packed = decrypt(dataKey, buffer(bytes).subarray(HEADER_BYTES), header);
      // maxOutputLength 0 means no limit to zlib.
      const raw = zstdDecompressSync(packed, { maxOutputLength: Math.max(size, 1), chunkSize: chunkOf(size) });
      if (raw.length !== size) throw new Error('the sealed mail has not the size that it was sealed with');
      return raw;
    },
    async openSlices(slices, wrappedKey, keyId) {
      const dataKey = decrypt(keys.find(keyId), buffer(wrappedKey), wrapBound(keyId));
      const from = slices[Symbol.asyncIterator]();
      const first = await from.next();
      const start: Buffer = first.done ? Buffer.alloc(0) : first.value;
      const header = start.subarray(0, HEADER_BYTES);
      const raw = Buffer.allocUnsafe(sizeIn(header));
      const packed = decryptSlices(dataKey, rest(start.subarray(HEADER_BYTES), from), header);
      let filled = 0;
      const fill = new Writable({
        write(chunk: Buffer, _encoding, done) {
          if (filled + chunk.length > raw.length) {
            done(new Error('the sealed mail is larger than it was sealed with'));
            return;
          }
          filled += chunk.copy(raw, filled);
          done();
        },
      });
      await pipeline(packed, createZstdDecompress({ chunkSize: SLICE_BYTES }), fill);
      if (filled !== raw.length) throw new Error('the sealed mail has not the size that it was sealed with');
      return raw;
    },
    toMailKey: (wrappedKey, keyId) => moveTo(MAIL_KEY, wrappedKey, keyId),
    toDayKey: (wrappedKey, keyId) => moveTo(`day:${dayOf(clock.now())}`, wrappedKey, keyId),
    derive: (purpose) => keys.derive(purpose),
    signingKey: (domain, make) => keys.findOrMake(`dkim:${domain}`, make),
    keyCheck: () => keys.check(),
    dayKeysBefore: (day) => keys.daysBefore(day),
    destroyDayKeys: (keyIds) => keys.destroyDays(keyIds),
    destroyDayKeysBefore: (day) => keys.destroyDaysBefore(typeof day === 'string' ? day : dayOf(day)),
  };
}

async function* rest(first: Buffer, others: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await others.next(); !next.done; next = await others.next()) yield next.value;
}

/** zlib makes its result in pieces of this size: one piece when it is of usual size. */
function chunkOf(size: number): number {
  return Math.min(Math.max(Math.ceil(size), 64), MAX_CHUNK);
}

function headerOf(size: number): Buffer {
  if (size > MAX_BYTES) throw new RangeError(`at most ${MAX_BYTES} bytes are sealed`);
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt8(VERSION, 0);
  header.writeUInt32BE(size, 1);
  return header;
}

function sizeIn(header: Buffer): number {
  if (header.length < HEADER_BYTES || header.readUInt8(0) !== VERSION)
    throw new Error('not bytes that were sealed here');
  const size = header.readUInt32BE(1);
  if (size > MAX_BYTES) throw new RangeError(`at most ${MAX_BYTES} bytes are opened`);
  return size;
}

/** A view, not a copy. */
function buffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function wrapBound(keyId: string): Buffer {
  return Buffer.from(`rootdesk data key ${keyId}`);
}

function dayOf(at: Date): string {
  return at.toISOString().slice(0, 10);
}
