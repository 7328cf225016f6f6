import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto';
import type { Seal } from './seal.ts';

/** The key that signs mail whose From is of this domain (DKIM, RFC 6376). */
export type SigningKey = {
  domain: string;
  selector: string;
  privateKey: KeyObject;
  /** What `<selector>._domainkey.<domain>` must hold. */
  record: string;
};

/** One key a domain; a second one, when keys are changed, gets another selector. */
const SELECTOR = 'rootdesk1';
/** RFC 8301 §3.2: at least 1024, and signers should use 2048; more does not fit every DNS answer. */
const BITS = 2048;

/** The signing key of a domain, made when it is not there yet. It lies wrapped in the key folder. */
export function openSigningKey(seal: Pick<Seal, 'signingKey'>, domain: string): SigningKey {
  const der = seal.signingKey(domain, () =>
    generateKeyPairSync('rsa', { modulusLength: BITS }).privateKey.export({ type: 'pkcs8', format: 'der' }),
  );
  const privateKey = createPrivateKey({ key: der, type: 'pkcs8', format: 'der' });
  const spki = createPublicKey(privateKey).export({ type: 'spki', format: 'der' });
  return { domain, selector: SELECTOR, privateKey, record: `v=DKIM1; k=rsa; p=${spki.toString('base64')}` };
}
