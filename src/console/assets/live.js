import { serverNow, tick } from './clock.js';
import { fetchPage } from './fetchPage.js';
import { isSelecting } from './selection.js';

/**
 * Live news: one stream of ids a browser, however many tabs it has; the tab that holds it tells the others. A page that is
 * told of something asks for itself again and takes over what changed: rows update in place, new ones wait behind the
 * pill, what left is grey and says so. Nothing moves under the hand.
 */
const POLL_MS = 30_000;
/** A stream that was refused is asked for again after this (ms), then after twice as long each time, at most POLL_MS. */
const AGAIN_MS = 1000;
/** A stream that has neither opened nor failed by then (ms) hangs: it is closed and asked for anew. */
const HANGS_MS = 10_000;
/** Pause between two looks (ms): a burst of mails is one look. */
const REST_MS = 2000;
/** Nobody touched a key for so long (ms) and the list is at its top: then new rows come by themselves. */
const STILL_MS = 30_000;

const kind = document.body.dataset.live;
const pill = document.querySelector('.news');
const paused = document.querySelector('.news-paused');
let lastKey = performance.now();
let lastLook = 0;
let planned = null;
let waitingRows = 0;

addEventListener('keydown', () => {
  lastKey = performance.now();
});
addEventListener('pointerdown', () => {
  lastKey = performance.now();
});

const channel = new BroadcastChannel('rootdesk-news');
channel.onmessage = ({ data }) => hear(data);
/** What the tab that holds the stream knows of it; null in every other tab. */
let holding = null;

function hear(message) {
  if (message.type === 'state') setPaused(!message.live);
  else if (message.type === 'ask') holding?.();
  else plan();
}

/** When this page was last as the server has it. */
let asOf = serverNow();
const clockOf = (at) =>
  new Date(at).toLocaleTimeString(document.body.dataset.locale, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });

function setPaused(isPaused) {
  if (paused) {
    if (isPaused && paused.hidden) paused.textContent = paused.dataset.words.replace('#', clockOf(asOf));
    paused.hidden = !isPaused;
  }
  document.body.toggleAttribute('data-polling', isPaused);
}

function plan() {
  if (planned !== null) return;
  const rest = Math.max(200, lastLook + REST_MS - performance.now()) + Math.random() * 300;
  planned = setTimeout(() => {
    planned = null;
    lastLook = performance.now();
    look().catch(() => {});
  }, rest);
}

async function look() {
  const page = await fetchPage(location.pathname + location.search);
  asOf = serverNow();
  takeCounts(page);
  takeFirstRun(page);
  if (kind === 'queue') takeRows(page);
  if (kind === 'ticket') takeEntries(page);
  tick();
}

/** The steps of a first run tick themselves; once mail has come there are rows in their place. */
function takeFirstRun(page) {
  const here = document.querySelector('.first-run');
  const fresh = page.querySelector('.first-run');
  if (here && fresh) here.replaceWith(document.adoptNode(fresh));
  else if (here) location.reload();
}

/** Numbers beside the links, and the worst state in words. */
function takeCounts(page) {
  for (const area of ['.side nav', '.menu nav', '.thumb']) {
    const here = document.querySelectorAll(`${area} a`);
    const there = page.querySelectorAll(`${area} a`);
    here.forEach((link, index) => {
      const fresh = there[index];
      if (!fresh || fresh.getAttribute('href') !== link.getAttribute('href')) return;
      if (link.textContent === fresh.textContent) return;
      link.replaceChildren(...Array.from(fresh.childNodes, (node) => document.adoptNode(node)));
    });
  }
}

function takeRows(page) {
  const rows = new Map(Array.from(document.querySelectorAll('tr[data-id]'), (row) => [row.dataset.id, row]));
  const fresh = new Map(Array.from(page.querySelectorAll('tr[data-id]'), (row) => [row.dataset.id, row]));
  const complete = page.querySelector('table.queue')?.dataset.next !== 'more';
  for (const [id, row] of rows) {
    const now = fresh.get(id);
    if (now) update(row, now);
    // At the end of a page a row may only have moved to the next one.
    else if (complete || !isLast(row)) leave(row);
  }
  const came = [...fresh.keys()].filter((id) => !rows.has(id));
  if (came.length === 0) return;
  const still =
    performance.now() - lastKey > STILL_MS && scrollY === 0 && !isSelecting() && !document.querySelector('.with-peek');
  if (still && !document.querySelector('details.drop[open]')) {
    location.reload();
    return;
  }
  waitingRows = came.length;
  showPill('rows', waitingRows);
}

const isLast = (row) => row === [...document.querySelectorAll('tr[data-id]')].at(-1);

/** Everything of a row but the link that may have the focus. */
function update(row, now) {
  if (row.dataset.version === now.dataset.version) return;
  row.dataset.version = now.dataset.version;
  row.dataset.list = now.dataset.list;
  const box = row.querySelector('.pick');
  if (box) box.value = `${row.dataset.id}.${row.dataset.version}`;
  row.classList.remove('gone');
  row.querySelector('.gone-word')?.remove();
  for (const cell of ['c-mark', 'c-customer', 'c-kind', 'c-left', 'c-deadline', 'c-changed']) {
    const fresh = now.querySelector(`.${cell}`);
    const old = row.querySelector(`.${cell}`);
    if (fresh && old) old.replaceChildren(...Array.from(fresh.childNodes, (node) => document.adoptNode(node)));
  }
  const words = now.querySelector('.matter > a')?.textContent;
  const link = row.querySelector('.matter > a bdi');
  if (words && link && link.textContent !== words) link.textContent = words;
}

function leave(row) {
  if (row.classList.contains('gone')) return;
  row.classList.add('gone');
  const word = document.createElement('span');
  word.className = 'gone-word';
  word.textContent = document.body.dataset.gone;
  row.querySelector('.matter').append(word);
}

/** New entries stand below; what is read stays where it is. */
function takeEntries(page) {
  const list = document.querySelector('ol.timeline');
  if (!list) return;
  const known = new Set(Array.from(list.children, (entry) => entry.dataset.entry));
  const came = [...page.querySelectorAll('ol.timeline > li')].filter((entry) => !known.has(entry.dataset.entry));
  const state = page.querySelector('[data-live-state]');
  const here = document.querySelector('[data-live-state]');
  if (state && here && state.textContent !== here.textContent) here.textContent = state.textContent;
  // Forms name the version that was seen: what came is seen now.
  const version = page.querySelector('.acts input[name=version]')?.value;
  for (const input of document.querySelectorAll('.acts input[name=version]')) if (version) input.value = version;
  if (came.length === 0) return;
  const out = came.map((entry) => document.adoptNode(entry));
  list.append(...out);
  if (out[0].getBoundingClientRect().top > innerHeight) showPill('entries', out.length, out[0]);
}

let target = null;
function showPill(what, count, entry = null) {
  if (!pill) return;
  target = entry;
  const words = count === 1 ? pill.dataset[`${what}One`] : pill.dataset[`${what}Many`].replace('#', count);
  const since = `${pill.dataset.since} ${clockOf(serverNow())}`;
  const text = what === 'rows' && pill.hidden ? `${words} ${since}` : words;
  pill.querySelector('[data-news]').textContent = text;
  pill.hidden = false;
  const status = document.querySelector('[data-live-status]');
  if (status) status.textContent = words;
}

export function showNews() {
  if (!pill || pill.hidden) return false;
  if (target) {
    target.scrollIntoView({ block: 'start' });
    pill.hidden = true;
  } else location.reload();
  return true;
}
pill?.addEventListener('click', showNews);

/** Held by one tab; when it closes, the next one takes over. */
function holdStream() {
  let live = true;
  const tell = (message) => {
    if (message.type === 'state') live = message.live;
    hear(message);
    channel.postMessage(message);
  };
  holding = () => channel.postMessage({ type: 'state', live });
  return new Promise(() => {
    let again = AGAIN_MS;
    const open = () => {
      const stream = new EventSource('/events');
      const hangs = setTimeout(() => {
        stream.close();
        tell({ type: 'state', live: false });
        open();
      }, HANGS_MS);
      stream.addEventListener('hello', () => tell({ type: 'state', live: true }));
      stream.addEventListener('news', () => tell({ type: 'news' }));
      stream.addEventListener('resync', () => tell({ type: 'news' }));
      stream.onopen = () => {
        clearTimeout(hangs);
        again = AGAIN_MS;
        tell({ type: 'state', live: true });
      };
      stream.onerror = () => {
        clearTimeout(hangs);
        tell({ type: 'state', live: false });
        if (stream.readyState !== EventSource.CLOSED) return;
        setTimeout(open, again * (0.75 + Math.random() / 2));
        again = Math.min(again * 2, POLL_MS);
      };
      addEventListener('pagehide', () => stream.close());
    };
    open();
  });
}

if (navigator.locks && 'EventSource' in window) {
  void navigator.locks.request('rootdesk-news', holdStream);
  // Whoever comes later asks how it is.
  channel.postMessage({ type: 'ask' });
} else document.body.toggleAttribute('data-polling', true);
setInterval(() => {
  if (document.body.hasAttribute('data-polling') && !document.hidden) plan();
}, POLL_MS);
// What happened while nobody looked.
document.addEventListener('visibilitychange', () => {
  if (!document.hidden && performance.now() - lastLook > POLL_MS) plan();
});
