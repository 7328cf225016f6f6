/** Letters as the reader wants them: off, or other ones in the place of ours (WCAG 2.1.4; the page /preferences). */
const { keys, map = '' } = document.documentElement.dataset;
const theirs = new Map(map.split(' ').flatMap((pair) => (pair === '' ? [] : [pair.split(/=(.*)/s).slice(0, 2)])));
const ours = new Map([...theirs].map(([letter, key]) => [key, letter]));

export const lettersOff = keys === 'off';

/** Our name of the key that was pressed; null where the reader put another in its place. */
export function letterOf(key) {
  if (key.length !== 1) return key;
  const small = key.toLowerCase();
  const letter = ours.get(small) ?? (theirs.has(small) ? null : small);
  return letter !== null && key !== small ? letter.toUpperCase() : letter;
}

/** Puts the reader's keys on the caps. */
export function label(root) {
  for (const cap of root.querySelectorAll('kbd')) {
    const key = theirs.get(cap.textContent);
    if (key !== undefined) cap.textContent = key;
  }
}
if (theirs.size > 0) label(document);
