/* A table may come from a file: it is read here and put into the field, where one sees what is sent. */
for (const input of document.querySelectorAll('input[data-into]')) {
  input.closest('label').hidden = false;
  input.addEventListener('change', async () => {
    const field = input.form.elements.namedItem(input.dataset.into);
    const [file] = input.files;
    if (file && field) field.value = (await file.text()).slice(0, field.maxLength);
  });
}
/* A link to a field puts the cursor into it. */
addEventListener('hashchange', () => {
  const field = document.getElementById(location.hash.slice(1));
  if (field?.matches('input, textarea')) field.focus();
});
