import { lookAhead } from './peek.js';

/** The cursor is the focused row; only one row is in the order of Tab. */
const ROWS =
  '[data-rows] .matter > a, [data-rows] .review-line > a, .customers td:first-child > a, .story summary, .story .step:not(:has(summary)), .list a[data-row]';
export const rows = () => [...document.querySelectorAll(ROWS)];

/** The row that has the focus, or null. */
export const current = () => {
  const active = document.activeElement;
  return rows().find((row) => row === active || row.closest('tr, li[data-id]')?.contains(active)) ?? null;
};

function rove(to) {
  for (const link of rows()) link.tabIndex = link === to ? 0 : -1;
}

/** The row `step` rows on, with the focus on it; null where there are none. */
export function move(step) {
  const all = rows();
  if (all.length === 0) return null;
  const at = all.indexOf(document.activeElement);
  const from = at >= 0 ? at : all.findIndex((link) => link.hasAttribute('aria-current'));
  const next = all[from < 0 ? 0 : Math.min(all.length - 1, Math.max(0, from + step))];
  next.focus({ preventScroll: true });
  next.closest('tr, li')?.scrollIntoView({ block: 'nearest' });
  return next;
}

const list = rows();
if (list.length > 0) rove(list.find((link) => link.hasAttribute('aria-current')) ?? list[0]);
document.querySelector('[data-rows], .story')?.addEventListener('focusin', (event) => {
  if (!event.target.matches(ROWS)) return;
  rove(event.target);
  if (document.body.dataset.live === 'queue') lookAhead(event.target);
});
/** After an act the focus is on the row that is named: by the browser, and once more for those that have moved on. */
if (/^#row-\d+$/.test(location.hash)) document.querySelector(location.hash)?.focus();
