/** Copying: one fact by its button or by the key while the focus is in its row, else the address of the page. */
const buttons = document.querySelectorAll('button[data-copy]');
for (const button of buttons) {
  button.hidden = false;
  button.addEventListener('click', () => void copy(button.dataset.copy));
}

async function copy(text) {
  await navigator.clipboard.writeText(text);
  const status = document.querySelector('[data-live-status]');
  // The same words again are no news to a screen reader.
  if (status) status.textContent = status.textContent === status.dataset.copied ? '' : status.dataset.copied;
}

export function copyFact() {
  const fact = document.activeElement?.closest('tr')?.querySelector('button[data-copy]');
  if (!fact && location.pathname === '/') return false;
  void copy(fact?.dataset.copy ?? location.origin + location.pathname);
  return true;
}
