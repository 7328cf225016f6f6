import { foldPlain } from './foldText.ts';
import { type DateFound, scanDates } from './scanDates.ts';
import { type DurationFound, scanDurations } from './scanDurations.ts';
import { type Signs, signsOf } from './signs.ts';
import type { Deadline } from './values.ts';

/** Dates of a text that something hangs on, with how sure we are. Prose decides: a date without a cue is no deadline. */
export type DeadlineFound = { index: number; deadline: Deadline; sureness: number };

const RESPOND_BEFORE =
  /(?:\bby|\bbefore|no later than|not later than|\buntil|\btill|prior to|on or before|\bbis(?: spätestens)?(?: zum)?|spätestens(?: am| bis(?: zum)?)?|\bavant le|au plus tard le|jusqu['’]au|antes del?|\bhasta el|a más tardar el|\baté(?: o dia)?|\bentro il|\bdeadline(?: is| for [^.:\n]{1,40})?|\bdue(?: date)?(?: is)?|respon[ds]e? (?:by|required by|due)|valid until|期限(?:日)?(?:は|が)?|期日(?:は|が)?|締め?切り?(?:は)?|기한은?|截止(?:日期)?)[\s:：|（(]{0,4}(?:on |at )?(?:the end of |end of day |midnight |close of business )?(?:on )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? |\(?[a-z]{3}\)?,? )?(?:\d{1,2}:\d{2}\s?(?:[ap]m)?\s?[a-z]{0,4} (?:on )?)?$/i;
const ACT_BEFORE =
  /(?:on or after|no earlier than|\bbetween|\bafter|\bstarting(?: on| from)?|\bbeginning(?: on)?|\bstarts?(?: on| at)?|\bbegins?(?: on| at)?|effective(?: on| from)?|\bam|\bab(?: dem)?|à (?:partir|compter) du|\ble|\bel(?: día)?|\bno dia|\bem|\bdal|\bil|\bas of|\bfrom|\bon|scheduled (?:for|to [^.\n]{1,60}? on)|start(?: time| date)?|time|window|開始(?:日時|時刻|日)?|実施(?:日時|日)?|予定(?:日時|日)?)[\s:：|（(]{0,4}(?:on |at )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? |\(?[a-z]{3}\)?,? )?(?:\d{1,2}:\d{2}\s?(?:[ap]m)?\s?[a-z]{0,4} (?:on )?)?$/i;
const EXPIRES_BEFORE =
  /\b(?:expires?|expiring|expire|ends?|ending|expiration(?: date)?|expiry(?: date)?)[\s:：|（(]{0,4}(?:on |at |by )?(?:(?:mon|tues|wednes|thurs|fri|satur|sun)day,? |\(?[a-z]{3}\)?,? )?$/i;
/** What runs out for whoever was asked; all else that expires is taken away by AWS. */
const ANSWERABLE = /\b(?:link|invitation|offer|request|code|verification)\b/i;
const RESPOND_BEHIND = /^[^\n。.]{0,24}?(?:まで|迄|までに|以内|까지|之前|前)/;
const ACT_BEHIND = /^[^\n。.]{0,12}?(?:以降|から|より|に(?!まで)|をもって|頃|이후|부터|起|之后)/;
const ON_OR_AFTER = /on or after\s*$|after\s*$|以降/i;
const RESPOND_WORDS =
  /\b(?:respond|response|reply|contact us|please|you must|must be|you need|you have|you (?:can|may) (?:accept|migrate|upgrade)|take action|action is required|complete|update|upgrade|migrate|pay|payment|paid|accept|confirm|verify|review|ensure|recommend|to avoid|to prevent|bitte|antworten|bezahlen|begleichen|bestätigen|aktualisieren|veuillez|répond\w*|payer|payez|réglez|régler|confirme[rz]?|por favor|respond[ae]\w*|pague|pagar|póngase|actualice|renew|answer|provide|submit|remit|decide|deadline|due)\b|ください|下さい|ご対応|ご返信|返信|お支払い|支払|確認|承認|更新|期限|必要|주십시오|하세요|해야|请|務必/i;
/** A sentence that begins with what somebody shall do. */
const IMPERATIVE =
  /^[\s.!?*•-]*(?:(?:to [^,]{3,60}, )?(?:please |kindly |then )?)(?:delete|rotate|remove|replace|disable|deactivate|switch|move|back up|renew|change|secure|check|settle|resolve|log in|sign in|stop|restart|reboot|download|export|act)\b|hear (?:back )?from you|(?:receive|get) (?:a|an|any|your) (?:answer|response|reply)/i;
const ACT_WORDS =
  /\b(?:will (?:be|begin|no longer|not|end|stop|start|charge|require|change|move|increase|become|apply|take effect|remove|enforce|expire|retire|terminate|suspend|delete|close|reboot|discontinue|automatically|permanently|replace|migrate|perform|restart|patch|interrupt|take place)|may (?:be|suspend|terminate)|scheduled|end of (?:life|support|standard)|end-of-(?:life|support)|deprecat\w*|retire\w*|terminat\w*|suspend\w*|delet\w*|reboot\w*|maintenance|(?:new|maintenance) window|re-?scheduled|postponed|moved|ends?|goes offline|ending|ended|closed?|expires?|expiring|discontinu\w*|unavailab\w*|(?:is|are) going to|stopped|installed|applied|turned off|switched off|shut down|ersetzt|wartung\w*|gewartet|nicht (?:verfügbar|erreichbar)|gelöscht|beendet|eingestellt|abgeschaltet|gesperrt|gestoppt|läuft ab|endet|supprim\w*|interromp\w*|remplac\w*|arrêt\w*|résili\w*|mantenimiento|elimin\w*|reempla\w*|caduc\w*|vence\w*|substitu\w*|encerr\w*|manutenção|manutenzione|renew(?:s|ed)? automatically|auto-?renew\w*)\b|停止|終了|削除|廃止|期限切れ|満了|失効|有効期限|延期|변경|만료|到期|过期|メンテナンス|再起動|予定|実施|リタイア|閉鎖|중지|종료|삭제|예정|终止|停用/i;
const PAST =
  /\b(?:detected|received|observed|reported|created|opened|issued|sent|dated|was|were|since|occurred|began|copyright|invoice date|statement date|billing period|period|dear|last (?:used|updated))\b[^.\n]{0,24}$/i;
/** "moved from … to", "rescheduled for": the date behind it counts, the one before it is history. */
const MOVED_TO =
  /\b(?:moved|re-?scheduled|postponed|changed|shifted|delayed|deferred|brought forward|extended)\b[^.\n]{0,70}\b(?:to|until|till|for)[\s:]{0,3}(?:the )?$|\bnew (?:date|time|window|schedule|deadline)[^.\n]{0,12}$|(?:変更後|新しい日程|新日程|新しい期限)[^。\n]{0,6}$/i;
const MOVED_FROM =
  /\b(?:moved|re-?scheduled|postponed|changed|shifted|delayed|extended)\b[^.\n]{0,40}\bfrom[\s:]{0,3}$|\b(?:instead of|previously|originally|old date|formerly|earlier date|rather than)\b[^.\n]{0,30}$|(?:変更前|当初)[^。\n]{0,12}$/i;
const MOVED_FROM_BEHIND = /^[^。\n]{0,14}(?:から|より)[^。\n]{0,40}(?:に|へ)(?:変更|延期|移動|延長)/;
/** "from <time> to <time>" is a window of work also where no word says so. */
const WINDOW_BEHIND = /^\s*(?:(?:gmt|utc|[a-z]{3,4})\s*)?(?:to|until|and|[–-])\s/i;
const OURS_TO_WAIT = /\b(?:we|our team|aws support|an engineer)\s(?:will|aim to|typically|usually)\b/i;
const DAY = 86_400_000;

/**
 * Deadlines in one text (`mailTime` ISO 8601): dates in prose and durations counted from the mail's own time. Dates more
 * than a day before the mail are history. `respond`: somebody must act until then; `awsActs`: AWS acts from then on.
 */
export function scanDeadlines(text: string, mailTime: string, signs: Signs = signsOf(text)): DeadlineFound[] {
  const now = Date.parse(mailTime);
  const found: DeadlineFound[] = [];
  for (const date of scanDates(text, mailTime)) {
    if (Date.parse(date.date) < now - 2 * DAY) continue;
    const judged = judgeDate(text, date);
    if (judged !== null) found.push({ index: date.index, ...judged });
  }
  for (const duration of scanDurations(text, signs)) {
    const judged = judgeDuration(text, duration, now);
    if (judged !== null) found.push({ index: duration.index, ...judged });
  }
  return found;
}

/** The one that counts: of the preferred sort when there is one, the surest, the earliest. */
export function pickDeadline(found: readonly DeadlineFound[], prefer: Deadline['sort'] | null): DeadlineFound | null {
  if (found.length === 0) return null;
  const wanted = prefer !== null && found.some((one) => one.deadline.sort === prefer);
  const sort = wanted ? prefer : found.some((one) => one.deadline.sort === 'respond') ? 'respond' : 'awsActs';
  const pool = found.filter((one) => one.deadline.sort === sort);
  const best = Math.max(...pool.map((one) => one.sureness));
  return pool
    .filter((one) => one.sureness >= best - 2)
    .reduce((first, one) => (instantOf(one.deadline) < instantOf(first.deadline) ? one : first));
}

function judgeDate(text: string, date: DateFound): Omit<DeadlineFound, 'index'> | null {
  const before = text.slice(Math.max(0, date.index - 90), date.index).replace(/\n/g, ' ');
  const behind = text.slice(date.end, date.end + 40);
  const sentence = sentenceAround(text, date.index, date.end);
  const asks = RESPOND_WORDS.test(sentence) || IMPERATIVE.test(sentence);
  const acts = ACT_WORDS.test(sentence);
  const make = (sort: Deadline['sort'], sureness: number) => ({
    deadline: { date: date.date, at: date.at, sort },
    sureness: sureness - (date.guessedYear ? 1 : 0),
  });
  if (MOVED_FROM.test(before) || MOVED_FROM_BEHIND.test(text.slice(date.end, date.end + 70))) return null;
  if (MOVED_TO.test(before)) return /\bdeadline\b|期限/i.test(sentence) ? make('respond', 9) : make('awsActs', 9);
  if (ON_OR_AFTER.test(before) || behind.trimStart().startsWith('以降'))
    return acts ? make('awsActs', 9) : make('awsActs', 6);
  if (RESPOND_BEFORE.test(before) || RESPOND_BEHIND.test(behind)) {
    if (acts && !asks) return make('awsActs', 6);
    return make('respond', asks ? 10 : 7);
  }
  // "It expires on …": what does is named in the sentence before.
  const about = /\b(?:it|this)\s+(?:expire|end)s?\b/i.test(sentence)
    ? text.slice(Math.max(0, date.index - 260), date.index)
    : sentence;
  if (EXPIRES_BEFORE.test(before)) return ANSWERABLE.test(about) ? make('respond', 8) : make('awsActs', 8);
  if (PAST.test(before)) return null;
  if (ACT_BEFORE.test(before) || ACT_BEHIND.test(behind)) {
    if (acts) return make('awsActs', 8);
    if (date.at !== null && /\b(?:from|between)\s+(?:[a-z]{3,9},?\s)?$/i.test(before) && WINDOW_BEHIND.test(behind))
      return make('awsActs', 7);
    return /(?:start|scheduled|window|開始|予定|実施)[^\n]{0,12}$/i.test(before) ? make('awsActs', 6) : null;
  }
  return null;
}

function judgeDuration(text: string, duration: DurationFound, now: number): Omit<DeadlineFound, 'index'> | null {
  const sentence = sentenceAround(text, duration.index, duration.end);
  if (OURS_TO_WAIT.test(sentence) && !/\b(?:suspend|terminate|close|delete|block|restrict)/i.test(sentence))
    return null;
  const expires = /^(?:expires?|valid)/i.test(text.slice(duration.index, duration.end));
  const asks =
    RESPOND_WORDS.test(sentence) || (expires && (ANSWERABLE.test(sentence) || /^\W*(?:it|this)\b/i.test(sentence)));
  const acts = expires || ACT_WORDS.test(sentence);
  if (!asks && !acts) return null;
  const end = new Date(duration.business ? addBusinessDays(now, duration.days) : now + duration.hours * 3_600_000);
  return {
    deadline: {
      date: end.toISOString().slice(0, 10),
      at: duration.exact ? end.toISOString() : null,
      sort: asks ? 'respond' : 'awsActs',
    },
    sureness: asks ? 8 : 6,
  };
}

function addBusinessDays(from: number, days: number): number {
  let at = from;
  for (let left = days; left > 0; ) {
    at += DAY;
    const weekday = new Date(at).getUTCDay();
    if (weekday !== 0 && weekday !== 6) left--;
  }
  return at;
}

/** The sentence or table row around a place, at most 260 characters to each side. */
function sentenceAround(text: string, index: number, end: number): string {
  const before = text.slice(Math.max(0, index - 260), index);
  const behind = text.slice(end, end + 260);
  const starts = Math.max(
    before.lastIndexOf('\n\n'),
    before.lastIndexOf('. '),
    before.lastIndexOf('.\n'),
    before.lastIndexOf('。'),
    before.lastIndexOf('! '),
    before.lastIndexOf('? '),
  );
  const stop = /\n\n|[.!?](?:\s|$)|。/.exec(behind);
  return foldPlain(
    before.slice(starts + 1) + text.slice(index, end) + behind.slice(0, stop?.index ?? behind.length),
  ).replace(/\n/g, ' ');
}

function instantOf(deadline: Deadline): number {
  return Date.parse(deadline.at ?? deadline.date);
}
