import type { HeaderField } from './fields.ts';
import { judgeSender, type SenderRules } from './sender.ts';
import type { AuthResult } from './values.ts';

/** Why a copy is wrapped. */
export type WrapReason =
  /** No aligned signature verified: sent on as it is, it would be a forgery in our name or refused. */
  | 'unverified'
  /** DNS did not answer in time. */
  | 'unchecked'
  /** Bytes that no mail server hands on unchanged: bare CR or LF, lines above 998 octets. */
  | 'form'
  /** The member's mail server refuses what we send on as it is. */
  | 'member';

const CR = 13;
const LF = 10;
/** RFC 5321 §4.5.3.1.6, without the line break; Postfix breaks longer ones, and with them the signature. */
const LONGEST_LINE = 998;

/**
 * Whether a mail may be sent on as it is: only what still proves itself at the member, by a signature of the From domain
 * that verified (DMARC by SPF alone does not survive a second server). `null`: raw.
 */
export function wrapReason(
  raw: Uint8Array,
  fields: readonly HeaderField[],
  auth: AuthResult,
  rules: SenderRules,
): WrapReason | null {
  if (auth.state === 'temperror') return 'unchecked';
  if (!judgeSender(fields, auth, rules).authentic) return 'unverified';
  return survives(raw) ? null : 'form';
}

/** Whether mail servers hand these bytes on unchanged: lines of at most 998 octets that end in CRLF. */
export function survives(raw: Uint8Array): boolean {
  let start = 0;
  for (let at = raw.indexOf(LF); at >= 0; at = raw.indexOf(LF, at + 1)) {
    if (raw[at - 1] !== CR || at - 1 - start > LONGEST_LINE) return false;
    start = at + 1;
  }
  if (raw.length - start > LONGEST_LINE) return false;
  for (let at = raw.indexOf(CR); at >= 0; at = raw.indexOf(CR, at + 1)) if (raw[at + 1] !== LF) return false;
  return true;
}

/** Whether any byte is above 127. */
export function isEightBit(raw: Uint8Array): boolean {
  for (let at = 0; at < raw.length; at++) if ((raw[at] as number) > 127) return true;
  return false;
}
