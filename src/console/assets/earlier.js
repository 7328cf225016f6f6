import { fetchPage } from './fetchPage.js';

/* Earlier entries of a timeline come in place, above those that are read, which stay where they are. */
addEventListener('click', (event) => {
  const link = event.target instanceof Element ? event.target.closest('[data-gap="upto"] a') : null;
  if (!link || event.defaultPrevented || event.button > 0) return;
  if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
  event.preventDefault();
  show(link).catch(() => location.assign(link.href));
});

async function show(link) {
  const page = await fetchPage(link.pathname + link.search);
  const gap = link.closest('li');
  const known = new Set(Array.from(gap.parentElement.children, (entry) => entry.dataset.entry));
  const came = [...page.querySelectorAll('ol.timeline > li')].filter(
    (entry) => entry.dataset.gap === 'upto' || (entry.dataset.entry && !known.has(entry.dataset.entry)),
  );
  if (came.length === 0) throw new Error('nothing came');
  const below = gap.nextElementSibling;
  const before = below?.getBoundingClientRect().top ?? 0;
  const own = came.map((entry) => document.adoptNode(entry));
  gap.replaceWith(...own);
  if (below) scrollBy(0, below.getBoundingClientRect().top - before);
  own[0].querySelector('a, summary')?.focus({ preventScroll: true });
}
