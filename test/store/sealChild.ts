/** Seals a mail under a day's key as soon as its parent says so: for keys that several processes make at once. */
import { openSeal } from '../../src/lib/seal.ts';

const [dataDir = '', now = ''] = process.argv.slice(2);
process.once('message', () => {
  const seal = openSeal({ keyFile: null, dataDir, clock: { now: () => new Date(now) } });
  const { bytes, wrappedKey, keyId } = seal.seal(Buffer.from(`from ${process.pid}`));
  process.send?.({ bytes: bytes.toString('hex'), wrappedKey: wrappedKey.toString('hex'), keyId });
  process.disconnect();
});
process.send?.('ready');
