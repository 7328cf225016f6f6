import { fetchPage } from './fetchPage.js';

/** A ticket beside the queue. The list keeps its order; j and k move and the peek follows. */
const known = new Map();
let shown = null;
let wanted = null;
/** The link of the row that is shown: where the focus goes when the peek closes. */
let origin = null;

const idOf = (link) => /\/tickets\/(\d+)$/.exec(link?.getAttribute('href') ?? '')?.[1] ?? null;

/** Fetched ahead for the row under the cursor, and kept for a few seconds only. */
export function lookAhead(link) {
  const id = idOf(link);
  if (id === null || known.has(id)) return;
  known.set(
    id,
    fetchPage(`/tickets/${id}/peek`).catch(() => null),
  );
  setTimeout(() => known.delete(id), 20_000);
}

export const isPeeking = () => shown !== null;

export async function showPeek(link) {
  const id = idOf(link);
  const main = document.querySelector('main');
  if (id === null || !main) return;
  wanted = id;
  lookAhead(link);
  const page = await known.get(id);
  known.delete(id);
  // Somebody moved on, or closed it, while it came.
  if (wanted !== id) return;
  const panel = page?.querySelector('.peek');
  if (!panel) return;
  for (const back of panel.querySelectorAll('input[name=back]')) back.value = location.pathname + location.search;
  const made = document.adoptNode(panel);
  document.querySelector('.with-peek > .peek')?.remove();
  if (!main.firstElementChild?.classList.contains('with-peek')) {
    const split = document.createElement('div');
    split.className = 'with-peek';
    const list = document.createElement('div');
    list.append(...main.childNodes);
    split.append(list);
    main.append(split);
    // What is moved loses the focus.
    link.focus({ preventScroll: true });
  }
  main.firstElementChild.append(made);
  made.querySelector('[data-peek-close]').addEventListener('click', closePeek);
  shown = id;
  origin = link;
}

export function closePeek() {
  wanted = null;
  shown = null;
  const split = document.querySelector('main > .with-peek');
  if (!split) return false;
  const focused = split.firstElementChild.contains(document.activeElement) ? document.activeElement : origin;
  split.replaceWith(...split.firstElementChild.childNodes);
  focused?.focus({ preventScroll: true });
  return true;
}
