import './clock.js';
import './live.js';
import { showNews } from './live.js';
import { closePeek, isPeeking, lookAhead, showPeek } from './peek.js';

/* Keys. Every page works without this file; nothing here changes what a page says. Letters alone, never with Ctrl, Alt
   or Cmd, never while typing or composing, and they can be turned off (WCAG 2.1.4). */
const line = document.querySelector('.keys');
const dialog = document.querySelector('.all-keys');
const toggle = document.querySelector('[data-keys-off]');
const off = () => localStorage.getItem('keys') === 'off';
document.documentElement.classList.add('js');

function showKeys() {
  document.documentElement.classList.toggle('keys-off', off());
  if (line) line.hidden = false;
  if (toggle) toggle.textContent = off() ? toggle.dataset.keysOn : toggle.dataset.keysOff;
}
showKeys();
toggle?.addEventListener('click', () => {
  localStorage.setItem('keys', off() ? 'on' : 'off');
  showKeys();
});
document.querySelector('.keys button')?.addEventListener('click', () => dialog.showModal());

/* The undo line stands for 20 seconds; its key goes on working, and History has it after that. */
const undo = document.querySelector('form.undo');
if (undo) {
  setTimeout(() => {
    if (!undo.contains(document.activeElement)) undo.classList.add('hidden');
  }, 20_000);
  const clean = new URL(location.href);
  clean.searchParams.delete('done');
  history.replaceState(null, '', clean);
}

/* One menu at a time; a press elsewhere or Escape closes it. */
addEventListener('click', (event) => {
  for (const open of document.querySelectorAll('details.drop[open]')) {
    if (!open.contains(event.target)) open.open = false;
  }
});

const ROWS =
  '[data-rows] .matter > a, [data-rows] .review-line > a, .customers td:first-child > a, .story .step, .list a[data-row]';
const rows = () => [...document.querySelectorAll(ROWS)];

/** The cursor is the focused row; only one of them is in the order of Tab. */
function rove(current) {
  for (const link of rows()) link.tabIndex = link === current ? 0 : -1;
}
const list = rows();
if (list.length > 0) rove(list.find((link) => link.hasAttribute('aria-current')) ?? list[0]);
document.querySelector('[data-rows], .story')?.addEventListener('focusin', (event) => {
  if (!event.target.matches(ROWS)) return;
  rove(event.target);
  if (document.body.dataset.live === 'queue') lookAhead(event.target);
});

function move(step) {
  const all = rows();
  if (all.length === 0) return false;
  const at = all.indexOf(document.activeElement);
  const from = at >= 0 ? at : all.findIndex((link) => link.hasAttribute('aria-current'));
  const next = all[from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + step))];
  next.focus({ preventScroll: true });
  next.closest('tr, li')?.scrollIntoView({ block: 'nearest' });
  if (isPeeking()) void showPeek(next);
  return true;
}

const current = () => {
  const active = document.activeElement;
  return rows().includes(active) ? active : null;
};

function press(key) {
  const scope = isPeeking() ? document.querySelector('.with-peek > .peek') : document;
  const target = scope.querySelector(`[data-key="${key}"]`);
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

/** In the queue: solve the row under the cursor; the next one has the focus afterwards. */
function solveRow() {
  const link = current();
  const row = link?.closest('tr[data-id]');
  if (!row) return false;
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

/** After an act the focus is on the row that is named. */
const named = /^#row-\d+$/.test(location.hash) ? document.querySelector(location.hash) : null;
named?.querySelector('.matter > a')?.focus();

/** The other form of the mail that is open: text, or as it was made to look. */
function otherForm() {
  const tabs = [...document.querySelectorAll('.mail[open] .forms a')];
  const other = tabs.find((tab, index) => index < 2 && !tab.hasAttribute('aria-current'));
  return other ? go(other.href) : false;
}

async function copyAddress() {
  await navigator.clipboard.writeText(location.origin + location.pathname);
  const status = document.querySelector('[data-live-status]');
  if (status) status.textContent = status.dataset.copied;
}

function closeAny() {
  const open = document.querySelector('details.drop[open]');
  if (open) {
    open.open = false;
    open.querySelector('summary').focus();
    return true;
  }
  return closePeek();
}

let afterG = Number.NEGATIVE_INFINITY;
const PLACES = { q: '/', u: '/quarantine', h: '/health' };
const typing = (target) => target.closest('input:not([type=checkbox]), select, textarea, [contenteditable]') !== null;

/** Whether this key did something here. */
function act(key, target) {
  const back = document.querySelector('[data-back]')?.dataset.back;
  if (key === 'j' || key === 'k') return (!isPeeking() && press(key)) || move(key === 'j' ? 1 : -1);
  if (key === 'o' && current()) return go(current().href);
  if (key === ' ') {
    if (document.body.dataset.live !== 'queue' || target.closest('button, summary')) return false;
    if (isPeeking()) return closePeek();
    const link = current() ?? rows()[0];
    link?.focus();
    void showPeek(link);
    return true;
  }
  if (key === 'u') return closePeek() || (back ? go(back) : false);
  if (key === '/') {
    const box = [...document.querySelectorAll('input[name=q]')].find((one) => one.checkVisibility?.() ?? true);
    box?.focus();
    box?.select();
    return Boolean(box);
  }
  if (key === '.') return showNews();
  if (key === 't') return otherForm();
  if (key === 'c' && location.pathname !== '/') {
    void copyAddress();
    return true;
  }
  if (key === '?') {
    dialog.showModal();
    return true;
  }
  if (key === 'e') return press(key) || solveRow();
  return 'swhfz12'.includes(key) && press(key);
}

addEventListener('keydown', (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
  if (!(event.target instanceof Element)) return;
  if (event.key === 'Escape') {
    if (closeAny()) event.preventDefault();
    return;
  }
  if (off() || typing(event.target) || dialog?.open) return;
  let done;
  if (event.timeStamp - afterG < 1500) {
    done = event.key in PLACES && go(PLACES[event.key]);
    afterG = Number.NEGATIVE_INFINITY;
  } else if (event.key === 'g') {
    afterG = event.timeStamp;
    done = true;
  } else done = act(event.key, event.target);
  if (done) event.preventDefault();
});
