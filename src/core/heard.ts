import { NAMES_KEY, WANTS_IT, wantsControl, wantsKey, withoutNegated } from './controlWords.ts';
import {
  DEMANDS,
  type DemandName,
  FILE_ACT,
  HAND_IT,
  MACHINE,
  REPLY,
  SECRET_NAMED,
  THREAT,
  TOLD_NOT,
  WARNS,
} from './demandWords.ts';
import { withoutInvisible } from './invisible.ts';
import { ANNOUNCES, INTRODUCED, NAMED, OURS, PROVIDES, SIGNED, SPEAKS, STATE, YOURS, YOURS_DE } from './voiceWords.ts';

/** Characters of a mail that are read for this: what somebody wants stands on top. */
export const LIMIT = 8000;
const SENTENCES = 120;
const QUOTE_BEGINS =
  /^(?:-{3,}\s?(?:original message|forwarded message|元のメッセージ|転送メッセージ|weitergeleitete nachricht|원본 메시지|原始邮件)|begin forwarded message:|_{10,}\n\s*from:|(?:from|von|差出人|de): .{3,200}\n(?:sent|date|gesendet|送信日時|日時|envoyé|to|an|subject|件名): )/imu;

/** What a sender wrote himself, and what he passes on or answers; both as in the mail. */
export function parted(text: string): { own: string; quoted: string } {
  const at = text.search(QUOTE_BEGINS);
  const own = at < 0 ? text : text.slice(0, at);
  return { own: own.replace(/^>.*$/gm, ''), quoted: at < 0 ? '' : text.slice(at) };
}

/** Sentences without what stands between quotation marks: that is somebody else's. */
function sentencesOf(text: string): string[] {
  return text
    .replace(/["“«「『][^"”»」』\n]{0,300}["”»」』]/g, ' ')
    .split(/[.!?]+(?=\s|$)|(?<=[。！？])|\n\s*\n+/u)
    .map((one) => one.replace(/\s+/g, ' ').trim())
    .filter((one) => one !== '')
    .slice(0, SENTENCES);
}

/** A question how something is done. */
const HOW = /^(?:\S{1,20} ){0,6}?(?:how|where|whether|what happens|is it possible|steps to)(?![\p{L}])/u;

/** How a text speaks and what it wants. */
export function hear(text: string, attachments: number) {
  const sentences = sentencesOf(text);
  const lower = sentences.map((one) => one.toLowerCase());
  const all = lower.join('\n');
  const wants = new Set<DemandName>();
  let keys = false;
  let control = false;
  const requests = lower.map(withoutNegated);
  const named = requests.some((sentence) => NAMES_KEY.test(sentence));
  for (const sentence of requests) {
    if (wantsKey(sentence) || (named && WANTS_IT.test(sentence))) keys = true;
    if (!HOW.test(sentence) && wantsControl(sentence)) control = true;
  }
  for (const sentence of lower) {
    if (attachments > 0 && FILE_ACT.test(sentence)) wants.add('file');
    if (MACHINE.test(sentence)) wants.add('machine');
    if (TOLD_NOT.test(sentence)) continue;
    for (const [name, pattern] of Object.entries(DEMANDS)) if (pattern.test(sentence)) wants.add(name as DemandName);
    if (REPLY.test(sentence)) wants.add('reply');
    if (HAND_IT.test(sentence) && SECRET_NAMED.test(all)) wants.add('secret');
  }
  const shown = sentences.join('\n');
  // Who warns of lures speaks of what is the reader's, too.
  const meant = lower.filter((sentence) => !WARNS.test(sentence)).join('\n');
  return {
    all,
    wants,
    keys,
    control,
    acts: wants.size > (wants.has('reply') ? 1 : 0),
    grave: wants.has('secret') || wants.has('weaken'),
    threat: THREAT.test(all),
    speaks:
      SPEAKS.test(all) ||
      (PROVIDES.test(all) && YOURS.test(all)) ||
      NAMED.test(shown) ||
      sentences.some((one) => INTRODUCED.test(one)) ||
      isSigned(text),
    state: STATE.test(all),
    yours: YOURS.test(meant) || YOURS_DE.test(shown) || ANNOUNCES.test(all),
    ours: OURS.test(all),
  };
}

/** Whether one of the last lines is the name of AWS or of a desk of it, and nothing else. */
function isSigned(text: string): boolean {
  const lines = text
    .toLowerCase()
    .split('\n')
    .filter((line) => line.trim() !== '');
  return lines
    .slice(1)
    .slice(-4)
    .some((line) => line.length < 80 && SIGNED.test(line));
}

export function fold(text: string): string {
  return withoutInvisible(text)
    .normalize('NFKC')
    .replace(/[\u2018\u2019\u201b\u2032]/g, "'")
    .replace(/\r\n?/g, '\n');
}
