import { foldPhrase } from './foldText.ts';

/** A subject taken apart: what gateways, lists and people put in front of it, and what it says. */
export type SubjectForm = {
  /** RE:, AW:, 答复: … stood in front. */
  reply: boolean;
  /** FW:, Fwd:, WG:, 転送: … stood in front. */
  forwarded: boolean;
  /** `[CASE n]` stood in front. */
  caseTag: boolean;
  /** What is left, as written. */
  bare: string;
  /** What is left without account tags, folded: the same for all voices of one incident. */
  tail: string;
};

const REPLY = /^(?:re|aw|antw|sv|vs|ref|回复|答复|返信|답장|回信)\s?(?:\[\d{1,3}\]|\(\d{1,3}\))?\s?[:：]\s*/i;
const FORWARD = /^(?:fwd?|wg|tr|enc|rv|転送|전달|转发|轉寄)\s?[:：]\s*/i;
const CASE = /^\[\s?(?:aws )?case(?:\s?(?:id|no\.?|number))?\s?[:#]?\s?\d{8,18}\s?\]\s*/i;
/** Tags of gateways and lists: short, in brackets, and not one of AWS's own. */
const GATEWAY =
  /^(?:\[|【|\(|\*{2,3}|［)\s?(?:ext(?:ernal|erne)?(?:[ -](?:e-?mail|sender|mail))?|external:?|caution|warning|sus?pe[ck]ted spam|spam\??|bulk|社外(?:メール)?|外部(?:メール)?|注意|迷惑メール|외부(?:메일)?|外部邮件|extern|virus checked|checked|secure|safe)\s?[^\]】)*］]{0,20}(?:\]|】|\)|\*{2,3}|］)\s*/i;
const LIST =
  /^\[(?!action|case|aws|retirement|maintenance|cancel|resched|final|important|urgent|reminder|notice|notification|update|resolved|closed)[a-z0-9][\w .:-]{1,40}\]\s*/i;
const ACCOUNT_TAG =
  /\s*[[(]\s?(?:aws )?(?:account|acct|id|アカウント)?\s?(?:id|number|番号)?\s?[:：]?\s?\d{12}\s?[\])]/gi;

/** What follow-ups of a matter put in front of its subject; without it they have the subject of the first mail. */
const FOLLOW_UP =
  /^(?:\[\s?(?:(?:final |last |second |third |2nd |3rd )?reminder|resolved|closed|updated?|follow-?up|cancel?led|rescheduled|postponed|recurring)\s?\]|【\s?(?:再通知|再送|リマインド|リマインダー|復旧|解決済み|更新|延期|中止)\s?】|(?:(?:final |last |second |third |2nd |3rd )?reminder|follow-?up|updated?|resolved|cancel?led|rescheduled)\s?[:：-]|(?:再通知|再送|リマインド|リマインダー)\s?[:：])\s*/i;
const LEADING_TAG = /^(\[[^\]]{1,30}\]\s*)/;

/** The subject without the words of a follow-up, also where one of AWS's tags stands before them. */
function withoutFollowUp(subject: string): string {
  let tags = '';
  let rest = subject;
  for (let round = 0; round < 4; round++) {
    const shorter = rest.replace(FOLLOW_UP, '');
    if (shorter !== rest && shorter !== '') {
      rest = shorter;
      continue;
    }
    const tag = LEADING_TAG.exec(rest)?.[1];
    if (tag === undefined || tag.length === rest.length) break;
    if (!LIST.test(rest)) tags += tag;
    rest = rest.slice(tag.length);
  }
  return tags + rest;
}

/** Total; at most twelve layers are taken off. */
export function readSubject(subject: string): SubjectForm {
  let rest = subject.trim();
  const form = { reply: false, forwarded: false, caseTag: false };
  for (let round = 0; round < 12; round++) {
    const before = rest;
    for (const [pattern, flag] of [
      [CASE, 'caseTag'],
      [REPLY, 'reply'],
      [FORWARD, 'forwarded'],
      [GATEWAY, null],
      [LIST, null],
    ] as const) {
      const match = pattern.exec(rest);
      if (match === null || match[0].length === rest.length) continue;
      rest = rest.slice(match[0].length);
      if (flag !== null) form[flag] = true;
    }
    if (rest === before) break;
  }
  const tail = foldPhrase(withoutFollowUp(rest.replace(ACCOUNT_TAG, '').trim()))
    .replace(/[\s.。!！]+$/, '')
    .trim();
  return { ...form, bare: rest, tail };
}
