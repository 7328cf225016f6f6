import { fork } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { constants, zstdCompressSync } from 'node:zlib';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { decrypt, encrypt } from '../../src/lib/aesGcm.ts';
import { MAX_BYTES, openSeal, type Seal } from '../../src/lib/seal.ts';

let dataDir: string;
let today: string;

beforeEach(() => {
  dataDir = mkdtempSync('/tmp/rootdesk-test-');
  today = '2026-11-24T23:59:59.999Z';
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

const clock = { now: () => new Date(today) };
const open = (options: { keyFile?: string; create?: boolean } = {}): Seal =>
  openSeal({ keyFile: null, dataDir, clock, ...options });
const keys = () => join(dataDir, 'keys');

describe('sealing', () => {
  it('gives back any bytes, in this process and the next', () => {
    const seal = open();
    const next = open();
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 5000 }), (raw) => {
        const { bytes, wrappedKey, keyId } = seal.seal(raw);
        expect(next.open(bytes, wrappedKey, keyId).equals(Buffer.from(raw))).toBe(true);
      }),
      { numRuns: 50 },
    );
  });

  it('gives back any bytes that come in slices of any size, and nothing that was changed in any byte or cut', async () => {
    const seal = open();
    async function* slices(bytes: Buffer, size: number) {
      for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
    }
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 3000 }), fc.integer({ min: 5, max: 400 }), async (raw, size) => {
        const { bytes, wrappedKey, keyId } = seal.seal(raw);
        const opened = await seal.openSlices(slices(bytes, size), wrappedKey, keyId);
        expect(opened.equals(Buffer.from(raw))).toBe(true);
      }),
      { numRuns: 50 },
    );
    const { bytes, wrappedKey, keyId } = seal.seal(Buffer.from('text '.repeat(20)));
    for (let at = 0; at < bytes.length; at += 1) {
      const broken = Buffer.from(bytes);
      broken[at]! ^= 1;
      await expect(seal.openSlices(slices(broken, 16), wrappedKey, keyId)).rejects.toThrow();
      await expect(seal.openSlices(slices(bytes.subarray(0, at), 16), wrappedKey, keyId)).rejects.toThrow();
    }
  });

  it('makes small what repeats, shows nothing of it, and never the same twice', () => {
    const seal = open();
    const raw = Buffer.from('Your code is 493817. '.repeat(2000));
    const one = seal.seal(raw);
    expect(one.bytes.length).toBeLessThan(raw.length / 20);
    expect(one.bytes.includes('493817')).toBe(false);
    expect(one.bytes.equals(seal.seal(raw).bytes)).toBe(false);
    expect(one.wrappedKey).toHaveLength(12 + 32 + 16);
  });

  it('opens nothing that was changed in any byte, cut, or wrapped for another key', () => {
    const seal = open();
    const { bytes, wrappedKey, keyId } = seal.seal(Buffer.from('text'));
    for (const part of ['bytes', 'wrappedKey'] as const) {
      const whole = { bytes, wrappedKey }[part];
      for (let at = 0; at < whole.length; at += 1) {
        const broken = Buffer.from(whole);
        broken[at]! ^= 1;
        const both = { bytes, wrappedKey, [part]: broken };
        expect(() => seal.open(both.bytes, both.wrappedKey, keyId)).toThrow();
        const cut = { bytes, wrappedKey, [part]: whole.subarray(0, at) };
        expect(() => seal.open(cut.bytes, cut.wrappedKey, keyId)).toThrow();
      }
    }
    const moved = seal.toMailKey(wrappedKey, keyId);
    expect(() => seal.open(bytes, moved.wrappedKey, keyId)).toThrow();
    expect(() => seal.open(bytes, wrappedKey, 'mail:1')).toThrow();
    for (const id of ['../root', 'day:../x', 'day:2026-11-24/..', '', 'mail:']) {
      expect(() => seal.open(bytes, wrappedKey, id)).toThrow(/no key id/);
    }
  });

  it('does not inflate more than was sealed', () => {
    const dataKey = randomBytes(32);
    const seal = open();
    const { keyId } = seal.seal(Buffer.alloc(0));
    // Only who has the keys could make this; it must not fill the memory even so.
    const day = readFileSync(join(keys(), 'day-2026-11-24.key'));
    expect(day.length).toBeGreaterThan(0);
    const header = Buffer.from([1, 0, 0, 0, 10]);
    const bomb = zstdCompressSync(Buffer.alloc(1024 * 1024), { params: { [constants.ZSTD_c_compressionLevel]: 3 } });
    const bytes = Buffer.concat([header, encrypt(dataKey, bomb, header)]);
    const wrapped = wrapWithDayKey(dataKey);
    expect(() => seal.open(bytes, wrapped, keyId)).toThrow(/larger than|size/);
    expect(() => seal.seal(new Uint8Array(new ArrayBuffer(MAX_BYTES + 1)))).toThrow(RangeError);
  });

  it('uses one key a day (UTC) and keeps it', () => {
    const seal = open();
    expect(seal.seal(Buffer.from('a')).keyId).toBe('day:2026-11-24');
    today = '2026-11-25T00:00:00.000Z';
    expect(seal.seal(Buffer.from('a')).keyId).toBe('day:2026-11-25');
    expect(readdirSync(keys()).sort()).toEqual(['day-2026-11-24.key', 'day-2026-11-25.key', 'root.key']);
  });

  it('makes mail unreadable when its day is destroyed, for other processes too, unless it moved to the mail key', () => {
    const seal = open();
    const other = open();
    const secret = seal.seal(Buffer.from('secret'));
    const plain = seal.seal(Buffer.from('plain'));
    const moved = seal.toMailKey(plain.wrappedKey, plain.keyId);
    expect(moved.keyId).toBe('mail:1');
    expect(seal.toMailKey(moved.wrappedKey, moved.keyId)).toEqual(moved);
    expect(other.open(secret.bytes, secret.wrappedKey, secret.keyId).toString()).toBe('secret');
    today = '2026-11-26T08:00:00.000Z';
    const later = seal.seal(Buffer.from('later'));
    expect(seal.destroyDayKeysBefore('2026-11-24')).toEqual([]);
    expect(seal.destroyDayKeysBefore(new Date('2026-11-25T12:00:00Z'))).toEqual(['day:2026-11-24']);
    for (const one of [seal, other, open()]) {
      expect(() => one.open(secret.bytes, secret.wrappedKey, secret.keyId)).toThrow(
        expect.objectContaining({ code: 'seal.key_gone' }),
      );
      expect(one.open(plain.bytes, moved.wrappedKey, moved.keyId).toString()).toBe('plain');
      expect(one.open(later.bytes, later.wrappedKey, later.keyId).toString()).toBe('later');
    }
    expect(() => seal.destroyDayKeysBefore('2026')).toThrow(RangeError);
  });

  it('agrees on root and day key when processes make them at the same time', async () => {
    const program = fileURLToPath(new URL('./sealChild.ts', import.meta.url));
    const children = Array.from({ length: 4 }, () => fork(program, [dataDir, today]));
    await Promise.all(children.map((child) => once(child, 'message')));
    const answers = children.map((child) => once(child, 'message'));
    for (const child of children) child.send('go');
    const sealed = await Promise.all(answers);
    const seal = open({ create: false });
    for (const [index, answer] of sealed.entries()) {
      const { bytes, wrappedKey, keyId } = answer[0] as Record<string, string>;
      const raw = seal.open(Buffer.from(bytes!, 'hex'), Buffer.from(wrappedKey!, 'hex'), keyId!);
      expect(raw.toString()).toBe(`from ${children[index]!.pid}`);
    }
    expect(readdirSync(keys()).sort()).toEqual(['day-2026-11-24.key', 'root.key']);
  });
});

describe('the keys', () => {
  it('are files of ours alone, and no key file holds a key in clear but the root key', () => {
    const seal = open();
    const { wrappedKey, keyId } = seal.seal(Buffer.from('x'));
    seal.toMailKey(wrappedKey, keyId);
    expect(statSync(keys()).mode & 0o777).toBe(0o700);
    const files = readdirSync(keys());
    expect(files.sort()).toEqual(['day-2026-11-24.key', 'mail-1.key', 'root.key']);
    for (const file of files) expect(statSync(join(keys(), file)).mode & 0o777).toBe(0o600);
    expect(readFileSync(join(keys(), 'root.key'), 'utf8')).toMatch(/^[0-9a-f]{64}\n$/);
    const root = Buffer.from(readFileSync(join(keys(), 'root.key'), 'utf8').trim(), 'hex');
    expect(seal.keyCheck()).toHaveLength(32);
    expect(seal.keyCheck().equals(open().keyCheck())).toBe(true);
    expect(seal.keyCheck().includes(root)).toBe(false);
  });

  it('are refused when the root key is missing, broken, another, or open to others', () => {
    const file = join(keys(), 'root.key');
    expect(() => open({ create: false })).toThrow(expect.objectContaining({ code: 'key.missing', exitCode: 78 }));
    expect(existsSync(keys())).toBe(false);
    const sealed = open().seal(Buffer.from('x'));
    chmodSync(file, 0o640);
    expect(() => open()).toThrow(
      expect.objectContaining({ code: 'key.permissions', exitCode: 78, hint: `chmod 600 ${file}` }),
    );
    chmodSync(file, 0o600);
    chmodSync(keys(), 0o777);
    expect(() => open()).toThrow(expect.objectContaining({ code: 'key.permissions', hint: `chmod 700 ${keys()}` }));
    chmodSync(keys(), 0o700);
    const right = readFileSync(file, 'utf8');
    writeFileSync(file, right.slice(0, 40));
    expect(() => open()).toThrow(expect.objectContaining({ code: 'key.broken' }));
    writeFileSync(file, `${'0'.repeat(64)}\n`);
    expect(() => open().open(sealed.bytes, sealed.wrappedKey, sealed.keyId)).toThrow(
      expect.objectContaining({ code: 'key.mismatch', exitCode: 78 }),
    );
    rmSync(file);
    // A new root key beside keys of the lost one would hide the loss.
    expect(() => open()).toThrow(expect.objectContaining({ code: 'key.missing' }));
    writeFileSync(file, right, { mode: 0o600 });
    expect(open().open(sealed.bytes, sealed.wrappedKey, sealed.keyId).toString()).toBe('x');
  });

  it('may lie elsewhere, with the day keys beside the root key, but not in the folder of the database', () => {
    const keyFile = join(dataDir, 'elsewhere', 'rootdesk.key');
    const sealed = open({ keyFile }).seal(Buffer.from('x'));
    expect(readdirSync(join(dataDir, 'elsewhere')).sort()).toEqual(['day-2026-11-24.key', 'rootdesk.key']);
    cpSync(join(dataDir, 'elsewhere'), join(dataDir, 'moved'), { recursive: true });
    chmodSync(join(dataDir, 'moved'), 0o700);
    const moved = open({ keyFile: join(dataDir, 'moved', 'rootdesk.key') });
    expect(moved.open(sealed.bytes, sealed.wrappedKey, sealed.keyId).toString()).toBe('x');
    mkdirSync(join(dataDir, 'postgres'));
    for (const inside of ['postgres/root.key', 'postgres/base/../keys/root.key', 'elsewhere/../postgres/root.key']) {
      expect(() => open({ keyFile: join(dataDir, inside) })).toThrow(expect.objectContaining({ code: 'key.place' }));
    }
  });
});

function wrapWithDayKey(dataKey: Buffer): Buffer {
  const root = Buffer.from(readFileSync(join(keys(), 'root.key'), 'utf8').trim(), 'hex');
  const wrapped = readFileSync(join(keys(), 'day-2026-11-24.key'));
  const dayKey = decrypt(root, wrapped, Buffer.from('rootdesk day:2026-11-24'));
  return encrypt(dayKey, dataKey, Buffer.from('rootdesk data key day:2026-11-24'));
}
