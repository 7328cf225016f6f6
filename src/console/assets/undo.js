/** The undo line stands for 20 seconds; its key goes on working, and History has it after that. */
const line = document.querySelector('form.undo');
if (line) {
  setTimeout(() => {
    if (!line.contains(document.activeElement)) line.classList.add('hidden');
  }, 20_000);
}
/* What was done is said once: a reload, a copied link and the way back do not say it again. */
const clean = new URL(location.href);
for (const name of ['done', 'kept']) clean.searchParams.delete(name);
if (clean.href !== location.href) history.replaceState(null, '', clean);
