import './clock.js';
import './copy.js';
import './undo.js';
import { copyFact } from './copy.js';
import './earlier.js';
import { current, move, rows } from './cursor.js';
import { letterOf, lettersOff } from './letters.js';
import { showNews } from './live.js';
import { openPalette } from './palette.js';
import { closePeek, isPeeking, showPeek } from './peek.js';
import { clearSelection, ensure, isSelecting, toggle } from './selection.js';
import './tableFile.js';

/* Keys. Every page works without this file; nothing here changes what a page says. Letters alone, never with Ctrl, Alt
   or Cmd, never while typing or composing, and they can be changed or turned off (WCAG 2.1.4). */
const line = document.querySelector('.keys');
const dialog = document.querySelector('.all-keys');
document.documentElement.classList.add('js');
if (line) line.hidden = false;
line?.querySelector('button').addEventListener('click', () => dialog.showModal());

/* One menu at a time; a press elsewhere or Escape closes it. */
addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('details.drop[open]')) {
    if (!open.contains(event.target)) open.open = false;
  }
});

function press(key) {
  const scope = isPeeking() ? document.querySelector('.with-peek > .peek') : document;
  const all = [...scope.querySelectorAll(`[data-key="${key}"]`)];
  // What the bar of a selection does, or the page without one: of two the one that is seen.
  const target = all.find((one) => one.checkVisibility?.()) ?? all[0];
  if (!target) return false;
  target.click();
  const drop = target.closest('details.drop');
  if (drop?.open) drop.querySelector('button, select, input:not([type=hidden])')?.focus();
  return true;
}

const go = (address) => {
  location.assign(address);
  return true;
};

function step(by) {
  const row = move(by);
  if (row !== null && isPeeking()) void showPeek(row);
  return row !== null;
}

/** A row is opened; a step of a story shows or hides its reasons. */
function open(row) {
  if (row === null) return false;
  if (row.href !== undefined) return go(row.href);
  const reasons = row.closest('details');
  if (reasons) reasons.open = !reasons.open;
  return true;
}

/** In the queue: solve the row under the cursor; the next one has the focus afterwards. */
function solveRow() {
  const link = current();
  const row = link?.closest('tr[data-id]');
  if (!row) return false;
  // It stands for the tickets of several customers: each is solved by itself.
  if (row.dataset.incident) return go(link.href);
  const next = rows()[rows().indexOf(link) + 1]?.closest('tr[data-id]');
  const form = document.createElement('form');
  form.method = 'post';
  form.action = `/tickets/${row.dataset.id}/state`;
  const back = location.pathname + location.search + (next ? `#row-${next.dataset.id}` : '');
  for (const [name, value] of Object.entries({ to: 'solved', version: row.dataset.version, back })) {
    const input = document.createElement('input');
    input.type = 'hidden';
    input.name = name;
    input.value = value;
    form.append(input);
  }
  document.body.append(form);
  form.submit();
  return true;
}

/** The other form of the mail that is open: text, or as it was made to look. */
function otherForm() {
  const tabs = [...document.querySelectorAll('.mail[open] .forms a')];
  const other = tabs.find((tab, index) => index < 2 && !tab.hasAttribute('aria-current'));
  return other ? go(other.href) : false;
}

function closeAny() {
  const menu = document.querySelector('details.drop[open]');
  if (menu) {
    menu.open = false;
    menu.querySelector('summary').focus();
    return true;
  }
  return closePeek() || clearSelection();
}

function togglePeek() {
  if (isPeeking()) return closePeek();
  const link = current() ?? rows()[0];
  link?.focus();
  void showPeek(link);
  return true;
}

function search() {
  const box = [...document.querySelectorAll('input[name=q]')].find((one) => one.checkVisibility?.() ?? true);
  box?.focus();
  box?.select();
  return Boolean(box);
}

let afterG = Number.NEGATIVE_INFINITY;
const PLACES = { q: '/', u: '/quarantine', h: '/health', l: '/lists' };
const typing = (target) =>
  target.closest('input:not([type=checkbox], [type=radio]), select, textarea, [contenteditable]') !== null;

/** Acts of lists with boxes; peek and state only the queue has. */
function inList(key) {
  if (document.body.dataset.live !== 'queue')
    return (key === 'x' || key === 'X') && current() !== null && toggle(current(), key === 'X');
  if (key === ' ') return togglePeek();
  if (isPeeking()) return false;
  if (key === 'x' || key === 'X') return current() !== null && toggle(current(), key === 'X');
  // With nothing ticked an act is for the row under the cursor.
  if (key === 'e') return isSelecting() ? press(key) : solveRow();
  return (key === 's' || key === 'h') && ensure(current()) && press(key);
}

/** Whether this key did something here; named as ours, whatever the reader calls it. */
function act(key) {
  const back = document.querySelector('[data-back]')?.dataset.back;
  if (inList(key)) return true;
  switch (key) {
    case 'j':
    case 'k':
      return (!isPeeking() && press(key)) || step(key === 'j' ? 1 : -1);
    case 'o':
    case 'Enter':
      return open(current());
    case 'u':
      return closePeek() || (back ? go(back) : false);
    case '/':
      return search();
    case '.':
      return showNews();
    case 't':
      return otherForm();
    case 'c':
      return copyFact();
    case '?':
      dialog.showModal();
      return true;
    default:
      return 'swehfzn12'.includes(key) && press(key);
  }
}

addEventListener('keydown', (event) => {
  if (event.isComposing || event.defaultPrevented || !(event.target instanceof Element)) return;
  if ((event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey && event.key === 'k') {
    const row = current();
    const did = openPalette((key) => {
      row?.focus();
      act(key === 'Space' ? ' ' : key);
    });
    if (did) event.preventDefault();
    return;
  }
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key === 'Escape') {
    if (closeAny()) event.preventDefault();
    return;
  }
  if (typing(event.target) || document.querySelector('dialog[open]')) return;
  // What has the focus acts by itself: links open, buttons are pressed, boxes are ticked.
  const own = event.target.closest('a, button, summary, input, label');
  if (event.key === 'Enter' && own && !own.matches('.pick')) return;
  if (event.key === ' ' && own && own !== current()) return;
  if (lettersOff && event.key.length === 1) return;
  const key = letterOf(event.key);
  let done = false;
  if (event.timeStamp - afterG < 1500) {
    done = event.key in PLACES && go(PLACES[event.key]);
    afterG = Number.NEGATIVE_INFINITY;
  } else if (key === 'g') {
    afterG = event.timeStamp;
    done = true;
  } else if (key !== null) done = act(key);
  if (done) event.preventDefault();
});
