/**
 * The rows that are ticked, across the pages of one filter. The stylesheet shows their bar; this counts them, ticks them by
 * key and range, and sends those of other pages along. A new filter begins with none.
 */
const STORE = 'selected';
const bar = document.querySelector('form.bulk');
/** Every row of the filter is ticked, whatever the page: only those that are not are counted. */
const everything = bar?.dataset.all === undefined ? null : Number(bar.dataset.all);
const boxes = () => [...document.querySelectorAll('input.pick')];
const idOf = (box) => box.value.split('.')[0];
const rowOf = (box) => box.closest('[data-id]');
/** Number of a ticket -> { version, list } as it was seen. */
const chosen = new Map();
let last = null;

function take(box) {
  if (box.checked) chosen.set(idOf(box), { value: box.value, list: rowOf(box).dataset.list });
  else chosen.delete(idOf(box));
}

function remember() {
  if (everything !== null) return;
  if (chosen.size === 0) sessionStorage.removeItem(STORE);
  else sessionStorage.setItem(STORE, JSON.stringify({ filter: bar.dataset.filter, chosen: [...chosen] }));
}

function restore() {
  for (const box of boxes()) take(box);
  if (everything !== null || chosen.size > 0) return;
  try {
    const stored = JSON.parse(sessionStorage.getItem(STORE) ?? 'null');
    if (stored?.filter !== bar.dataset.filter) return;
    for (const [id, seen] of stored.chosen) chosen.set(id, seen);
  } catch {
    return;
  }
  for (const box of boxes()) {
    box.checked = chosen.has(idOf(box));
    take(box);
  }
}

function show() {
  remember();
  document.body.classList.toggle('selecting', isSelecting());
  const count = everything === null ? chosen.size : everything - boxes().filter((box) => !box.checked).length;
  const words = bar.dataset.wordsSelected.replace('#', count.toLocaleString(document.body.dataset.locale));
  bar.querySelector('[data-selected]').textContent = words;
  const status = document.querySelector('[data-live-status]');
  if (status && count > 0) status.textContent = words;
  const solved = chosen.size > 0 && [...chosen.values()].every(({ list }) => list === 'solved');
  const note = bar.querySelector('[data-bulk-note]');
  if (note === null) return;
  note.textContent = solved ? bar.dataset.wordsSolved : '';
  bar.querySelector('button[data-key="e"]').disabled = solved;
  bar.querySelector('summary[data-key="h"]').closest('details').hidden = solved;
}

export const isSelecting = () => chosen.size > 0;

/** Ticks the row of a link, or takes the tick away; with `extend` all rows from the one before up to it. */
export function toggle(link, extend) {
  const box = link && rowOf(link)?.querySelector('input.pick');
  if (!box || !bar) return false;
  tick(box, !box.checked || extend, extend);
  return true;
}

/** Ticks the row of a link where nothing is ticked yet: the acts of the bar are then for it. */
export function ensure(link) {
  return isSelecting() || (link !== null && toggle(link, false));
}

function tick(box, on, extend) {
  const all = boxes();
  const from = all.indexOf(last);
  const to = all.indexOf(box);
  const range = extend && from >= 0 ? all.slice(Math.min(from, to), Math.max(from, to) + 1) : [box];
  for (const one of range) {
    one.checked = on;
    take(one);
  }
  last = box;
  show();
}

export function clearSelection() {
  if (!bar || !isSelecting()) return false;
  if (everything !== null) {
    location.assign(bar.querySelector('[data-bulk-clear]').href);
    return true;
  }
  for (const box of boxes()) box.checked = false;
  chosen.clear();
  show();
  return true;
}

if (bar) {
  restore();
  show();
  document.addEventListener('click', (event) => {
    if (event.target.matches?.('input.pick')) tick(event.target, event.target.checked, event.shiftKey);
  });
  bar.querySelector('[data-bulk-clear]').addEventListener('click', (event) => {
    if (everything !== null) return;
    event.preventDefault();
    clearSelection();
  });
  bar.addEventListener('submit', () => {
    const all = boxes();
    const here = new Set(all.map(idOf));
    const add = (name, value) => {
      const input = document.createElement('input');
      input.type = 'hidden';
      input.name = name;
      input.value = value;
      bar.append(input);
    };
    const name = all[0]?.name ?? 't';
    if (everything === null) for (const [id, { value }] of chosen) if (!here.has(id)) add(name, value);
    // The focus goes to the first row below that stays.
    const lastTicked = all.findLastIndex((box) => box.checked);
    const next = rowOf(all.slice(lastTicked + 1).find((box) => !box.checked) ?? all[0]);
    if (next?.querySelector('.matter')) bar.elements.back.value = `${bar.elements.back.value}#row-${next.dataset.id}`;
    sessionStorage.removeItem(STORE);
  });
  // A page that the browser kept whole still holds what was typed into it.
  addEventListener('pageshow', ({ persisted }) => {
    if (persisted) location.reload();
  });
}
