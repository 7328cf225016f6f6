import { fieldsNamed, type HeaderField } from './fields.ts';
import type { AuthResult } from './values.ts';

/** What an ARC seal of ours says and whether there is one. Pure. */

/**
 * The payload of an ARC-Authentication-Results field (RFC 8617 §4.1.1, RFC 8601 §2.2): what was found when the mail came
 * in. Values come out of mail: whatever is no plain token is left out.
 */
export function sealedResults(authservId: string, auth: AuthResult, from: string | null): string {
  const token = (text: string) => /^[a-z0-9._-]{1,253}$/i.test(text);
  const dkim = auth.signatures
    .filter(({ domain, selector }) => token(domain) && token(selector))
    .map(({ result, domain, selector }) => `dkim=${result} header.d=${domain} header.s=${selector}`);
  const rest: string[] = [];
  if (auth.spf && token(auth.spf.result)) {
    rest.push(
      `spf=${auth.spf.result}${auth.spf.domain && token(auth.spf.domain) ? ` smtp.mailfrom=${auth.spf.domain}` : ''}`,
    );
  }
  if (auth.dmarc && token(auth.dmarc.result)) {
    rest.push(`dmarc=${auth.dmarc.result}${from !== null && token(from) ? ` header.from=${from}` : ''}`);
  }
  const results = [...dkim, ...rest];
  return `${authservId}; ${results.length === 0 ? 'none' : results.join(';\r\n ')}`;
}

const ARC = ['arc-seal', 'arc-message-signature', 'arc-authentication-results'];

/**
 * Whether a mail may get the first seal: nobody sealed it before (else that chain would have to be verified first, with
 * DNS), and no signature covers the fields of a seal in their absence (RFC 6376 §5.4.2).
 */
export function maySeal(fields: readonly HeaderField[], signed: readonly string[]): boolean {
  return ARC.every((name) => fieldsNamed(fields, name).length === 0 && !signed.includes(name));
}
