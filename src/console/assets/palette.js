/** Ctrl or Cmd with k: every act and page by its name, and any ticket by its number. Made of what the page itself shows. */
const dialog = document.querySelector('dialog.palette');
const input = dialog?.querySelector('input');
const list = dialog?.querySelector('ul');
const fold = (text) => text.normalize('NFKC').toLowerCase();
let acts = [];
let shown = [];
let at = 0;

/** `act` does what a letter does. */
export function openPalette(act) {
  if (!dialog || dialog.open) return false;
  acts = [...keyActs(act), ...pageActs()];
  input.value = '';
  dialog.showModal();
  show();
  return true;
}

function keyActs(act) {
  return [...document.querySelectorAll('.all-keys li[data-act]:not([data-act=""])')].map((item) => ({
    name: item.querySelector('span').textContent.trim(),
    cap: item.querySelector('kbd').textContent,
    run: () => act(item.dataset.act),
  }));
}

function pageActs() {
  return [...document.querySelectorAll('.side nav a, .side-foot a')].map((link) => ({
    name: (link.querySelector('span') ?? link).textContent.trim(),
    cap: null,
    run: () => location.assign(link.href),
  }));
}

function show() {
  const text = fold(input.value.trim());
  shown = acts.filter(({ name }) => text.split(/\s+/).every((word) => fold(name).includes(word)));
  const number = /^#?([1-9]\d{0,14})$/.exec(text)?.[1];
  if (number !== undefined) {
    const name = dialog.dataset.wordsTicket.replace('#', number);
    shown = [{ name, cap: null, run: () => location.assign(`/tickets/${number}`) }];
  }
  at = 0;
  list.replaceChildren(...shown.map(item));
  if (shown.length === 0) {
    const none = document.createElement('li');
    none.className = 'none';
    none.textContent = dialog.dataset.wordsNone;
    list.append(none);
  }
  mark();
}

function item({ name, cap }, index) {
  const option = document.createElement('li');
  option.id = `palette-${index}`;
  option.role = 'option';
  option.append(name);
  if (cap !== null) {
    const key = document.createElement('kbd');
    key.textContent = cap;
    option.append(key);
  }
  option.addEventListener('click', () => run(index));
  return option;
}

function mark() {
  [...list.children].forEach((option, index) => {
    option.ariaSelected = String(index === at);
  });
  if (shown.length === 0) input.removeAttribute('aria-activedescendant');
  else input.setAttribute('aria-activedescendant', `palette-${at}`);
  list.children[at]?.scrollIntoView({ block: 'nearest' });
}

function run(index) {
  const chosen = shown[index];
  // The focus is where it was before an act looks for its row.
  dialog.close();
  chosen?.run();
}

input?.addEventListener('input', show);
dialog?.addEventListener('click', (event) => {
  if (event.target === dialog) dialog.close();
});
input?.addEventListener('keydown', (event) => {
  if (event.isComposing) return;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step !== undefined && shown.length > 0) {
    at = (at + step + shown.length) % shown.length;
    mark();
  } else if (event.key === 'Enter') run(at);
  else return;
  event.preventDefault();
});
