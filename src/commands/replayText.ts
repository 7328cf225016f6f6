import type { ReplayResult } from '../decide/replay.ts';

/** What each group of codes is about, in the order in which they are shown. */
const GROUPS: readonly [prefix: string, words: string][] = [
  ['outcome', 'outcome'],
  ['kind', 'kind'],
  ['urgency', 'urgency'],
  ['thread', 'thread'],
  ['ticket', 'ticket'],
  ['secret', 'secret level'],
  ['deadline', 'deadline'],
  ['action', 'action required or resolved'],
  ['rule', 'rule'],
  ['text', 'text and facts'],
  ['reasons', 'reasons'],
  ['notice', 'notices'],
  ['skipped', 'left as they are'],
];

/** What a code means, where it does not say so by itself. */
const MEANINGS: Record<string, string> = {
  'thread:opened': 'now on a ticket of their own',
  'thread:joined': 'now on a ticket that exists',
  'thread:moved': 'moved to another ticket',
  'thread:split': 'moved to a new ticket',
  'thread:left': 'taken off their ticket',
  'thread:renamed': 'same ticket, under another key',
  'ticket:emptied': 'left without a mail, solved',
  'ticket:refolded': 'summed up otherwise, though no mail reads otherwise',
  'secret:kept': "today's rules alone would lower it: left as it was",
  'skipped:raw_removed': 'the raw mail was removed',
  'skipped:key_destroyed': 'the key of its day was destroyed',
  'skipped:damaged': 'the stored bytes cannot be opened',
  'skipped:unreadable': 'could not be read in time',
  'skipped:waiting': 'waiting to be decided, or removed',
  'skipped:busy': 'decided again and again meanwhile',
};

/** The result of a replay for people: counts by code. */
export function replayText({ total, done, resumed, stopped, report }: ReplayResult, dry: boolean): string {
  const count = (code: string) => report[code] ?? 0;
  const lines: string[] = [];
  if (resumed) lines.push('Went on with a replay that was cut off; the counts are of both parts.');
  if (total === 0) return 'No stored mail is asked for.\n';
  const would = dry ? 'would change' : 'changed';
  lines.push(
    `${number(done)} of ${number(total)} mails: ${number(count('changed'))} ${would}, ${number(count('unchanged'))} say the same`,
  );
  for (const [prefix, words] of GROUPS) {
    const codes = Object.keys(report)
      .filter((code) => code === prefix || code.startsWith(`${prefix}:`))
      .toSorted((a, b) => count(b) - count(a) || (a < b ? -1 : 1));
    if (codes.length === 0) continue;
    lines.push(`  ${words}`);
    for (const code of codes) {
      const meaning = MEANINGS[code] === undefined ? '' : `  (${MEANINGS[code]})`;
      lines.push(`    ${number(count(code)).padStart(7)}  ${code}${meaning}`);
    }
  }
  if (stopped) lines.push('Stopped before the end: the same command goes on from there.');
  else if (dry) lines.push('This was a dry run: nothing was changed.');
  return `${lines.join('\n')}\n`;
}

function number(value: number): string {
  return value.toLocaleString('en-US');
}
