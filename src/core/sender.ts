import type { HeaderField } from './fields.ts';
import type { SenderRules } from './senderRules.ts';
import type { AuthResult, SenderVerdict } from './values.ts';

export { type SenderRules, senderRulesSchema } from './senderRules.ts';

export function judgeSender(_fields: readonly HeaderField[], _auth: AuthResult, _rules: SenderRules): SenderVerdict {
  return { class: 'other', authentic: false, address: null, displayName: null, secretBySender: true, reasons: [] };
}
