/** Time left ticks on the minute, in place. Words and units are those of the page; the clock is the server's. */
const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const { now, units = '', gap = '', wordsLate: late = '', wordsLeft: left = '', locale } = document.body.dataset;
const ahead = now ? Date.parse(now) - Date.now() : 0;
const [minute, hour, day] = units.split('|');

export const serverNow = () => Date.now() + ahead;

function span(ms) {
  const part = (value, unit) => `${value.toLocaleString(locale)}${gap}${unit}`;
  const minutes = Math.floor(ms / MINUTE);
  if (minutes < 60) return part(minutes, minute);
  const hours = Math.floor(ms / HOUR);
  if (hours < 24) return minutes % 60 === 0 ? part(hours, hour) : `${part(hours, hour)} ${part(minutes % 60, minute)}`;
  const days = Math.floor(ms / DAY);
  return days >= 7 || hours % 24 === 0 ? part(days, day) : `${part(days, day)} ${part(hours % 24, hour)}`;
}

function levelOf(ms) {
  if (ms < 0) return 'late';
  if (ms <= 4 * HOUR) return 'soon';
  if (ms <= DAY) return 'day';
  return ms <= 7 * DAY ? 'week' : 'far';
}

/** Text of the last text node, so that an icon before it stays. */
function setText(element, text) {
  const node = element.lastChild;
  if (node?.nodeType === Node.TEXT_NODE) {
    if (node.data !== text) node.data = text;
  } else element.append(text);
}

export function tick() {
  for (const element of document.querySelectorAll('time.left[datetime], [data-left]')) {
    const at = Date.parse(element.getAttribute('datetime') ?? element.dataset.left);
    if (Number.isNaN(at)) continue;
    const ms = at - serverNow();
    const words = span(Math.abs(ms));
    const level = levelOf(ms);
    const panel = element.closest('.deadline');
    setText(element, level === 'late' ? late.replace('#', words) : panel ? left.replace('#', words) : words);
    const target = panel ?? element;
    const prefix = panel ? 'deadline-' : 'left-';
    if (!target.classList.contains(prefix + level)) {
      for (const one of ['late', 'soon', 'day', 'week', 'far']) target.classList.toggle(prefix + one, one === level);
    }
  }
}

function onTheMinute() {
  setTimeout(
    () => {
      tick();
      onTheMinute();
    },
    MINUTE - (serverNow() % MINUTE) + 50,
  );
}

if (units !== '') onTheMinute();
