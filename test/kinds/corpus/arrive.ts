import { generateKeyPairSync } from 'node:crypto';
import type { Arrival, AuthResult } from '../../../src/core/values.ts';
import { authenticate } from '../../../src/receive/authenticate.ts';
import { addressOf, compose, type Keys, SELECTOR } from './compose.ts';
import type { CorpusMail } from './mail.ts';

/** A corpus mail as it came in: its bytes, what its signatures proved, and the hop. */
export type Arrived = { mail: CorpusMail; raw: Buffer; auth: AuthResult; arrival: Arrival };

const FIRST = Date.parse('2026-08-01T00:00:00Z');
const APART_MS = 37 * 3_600_000;

/** Signs the mails with keys made for this call and authenticates each as the road does, in this order. */
export async function arrive(mails: readonly CorpusMail[]): Promise<Arrived[]> {
  const honest = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const pem = (key: typeof honest) => key.privateKey.export({ type: 'pkcs8', format: 'pem' }) as string;
  const keys: Keys = { honest: pem(honest), other: pem(other) };
  const record = `v=DKIM1; k=rsa; p=${honest.publicKey.export({ type: 'spki', format: 'der' }).toString('base64')}`;
  const resolver = async (name: string, type: string) => {
    if (type === 'TXT' && name.startsWith(`${SELECTOR}._domainkey.`)) return [[record]];
    throw Object.assign(new Error('no such name'), { code: 'ENOTFOUND' });
  };
  const arrived: Arrived[] = [];
  for (const [index, mail] of mails.entries()) {
    const at = new Date(mail.at ? Date.parse(mail.at) : FIRST + index * APART_MS);
    const raw = compose(mail, at, keys);
    const arrival = arrivalAt(addressOf(mail), at);
    const auth = await authenticate(raw, arrival, { resolver, now: new Date(arrival.arrivedAt), timeoutMs: 2000 });
    arrived.push({ mail, raw, auth, arrival });
  }
  return arrived;
}

/** Over SMTP, five seconds after it was sent. */
export function arrivalAt(address: string, sent: Date): Arrival {
  return {
    transport: 'smtp',
    arrivedAt: new Date(sent.getTime() + 5000).toISOString(),
    envelopeFrom: 'bounce@amazonses.com',
    envelopeTo: [address],
    roots: [address],
    clientIp: null,
    helo: null,
    tls: false,
    trustedAuthservIds: [],
    trustedReceived: 0,
    source: null,
    uidValidity: null,
    uid: null,
  };
}
