/** An AWS account id with its place; `masked` ones (`****1926`) stay masked. */
export type AccountFound = { index: number; id: string; masked: boolean; labelled: boolean };

/** East Asian words stand beside numbers without a space; letters of other scripts make them names. */
const TWELVE =
  /(?<![\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d_./%=&-])(?:\d{12}|\d{4}-\d{4}-\d{4})(?![\p{Script=Latin}\p{Script=Cyrillic}\p{Script=Greek}\d_/%=&-]|\.\d)/gu;
const IN_ARN = /\barn:aws[a-z-]{0,12}:[a-z0-9-]{1,32}:[a-z0-9-]{0,24}:(\d{12})(?=:)/gi;
const MASKED = /(?:account|アカウント|계정)[^\n\d]{0,40}?((?:[*xX•●]{2,8}[- ]?){1,3}\d{2,6})(?!\d)/giu;
const LABEL =
  /(?:aws id|account(?:s|[ -]?ids?| number| no\.?)?|\bID|acct|アカウント(?:\s?(?:ID|番号))?|계정(?:\s?ID)?|账户|帳戶|cuenta|conta|compte|konto)(?:\s?\([^)\n]{0,40}\))?["'\s:#[(（=：、,はの\]-]{0,12}(?:(?:is|your|number|id|ending|of)\s){0,2}$/iu;
const OTHER_LABEL =
  /(?:case|ケース|invoice|請求書|order|reference|ref\.?|tracking|transaction|receipt|phone|tel\.?|fax|電話|card|policy|ticket|report|serial|meeting|conference|passcode|code|番号|번호|编号|コード)(?:\s?(?:id|number|no\.?|番号|#))?["'\s:#[(（=：-]{0,6}$/iu;
const LIST_BEFORE =
  /(?:accounts?|アカウント|계정)[^\n]{0,60}[:：)]?(?:[\s,;、・*•-]|\d{12}|\([^()\n]{0,60}\)){0,400}$/iu;

/**
 * Account ids of a text: labelled ones, ones in ARNs and, when `loose`, every twelve digits that stand alone and are
 * not called something else. Never bitten out of a longer number; leading zeros are kept.
 */
export function scanAccounts(text: string, loose: boolean): AccountFound[] {
  const found: AccountFound[] = [];
  for (const match of text.matchAll(IN_ARN)) {
    found.push({ index: match.index, id: match[1]!, masked: false, labelled: true });
  }
  for (const match of text.matchAll(TWELVE)) {
    const before = text.slice(Math.max(0, match.index - 60), match.index);
    const id = match[0].replaceAll('-', '');
    if (found.some((one) => one.id === id && match.index > one.index && match.index - one.index < 100)) continue;
    const labelled = LABEL.test(before);
    if (!labelled && (OTHER_LABEL.test(before) || before.endsWith('+'))) continue;
    if (!labelled && !loose && !LIST_BEFORE.test(text.slice(Math.max(0, match.index - 400), match.index))) continue;
    found.push({ index: match.index, id, masked: false, labelled });
  }
  for (const match of text.matchAll(MASKED)) {
    found.push({ index: match.index, id: match[1]!.replace(/[- ]/g, ''), masked: true, labelled: true });
  }
  return found.sort((a, b) => a.index - b.index);
}
