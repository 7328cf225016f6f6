/* Keys. Every page works without this file; nothing here changes what a page says. Letters alone, never with Ctrl, Alt
   or Cmd, never while typing or composing, and they can be turned off (WCAG 2.1.4). */
(() => {
  const line = document.querySelector('.keys');
  const off = () => localStorage.getItem('keys') === 'off';
  const show = () => {
    if (!line) return;
    line.hidden = false;
    line.toggleAttribute('data-off', off());
    const button = line.querySelector('button');
    button.textContent = off() ? button.dataset.keysOn : button.dataset.keysOff;
  };
  show();
  line?.querySelector('button').addEventListener('click', () => {
    localStorage.setItem('keys', off() ? 'on' : 'off');
    show();
  });

  const rows = () => [
    ...document.querySelectorAll(
      '[data-rows] .matter > a, [data-rows] .review-line > a, .customers td:first-child > a',
    ),
  ];
  const move = (step) => {
    const list = rows();
    if (list.length === 0) return false;
    const at = list.indexOf(document.activeElement);
    const from = at >= 0 ? at : list.findIndex((link) => link.hasAttribute('aria-current'));
    const next = list[from < 0 ? 0 : Math.min(list.length - 1, Math.max(0, from + step))];
    next.focus();
    next.scrollIntoView({ block: 'nearest' });
    return true;
  };
  const press = (key) => {
    const target = document.querySelector(`[data-key="${key}"]`);
    if (target) target.click();
    return Boolean(target);
  };
  const go = (address) => {
    location.assign(address);
    return true;
  };

  let afterG = Number.NEGATIVE_INFINITY;
  const typing = (target) => target.closest('input, select, textarea, [contenteditable]') !== null;
  addEventListener('keydown', (event) => {
    if (off() || event.ctrlKey || event.altKey || event.metaKey || event.isComposing || event.defaultPrevented) return;
    if (!(event.target instanceof Element) || typing(event.target)) return;
    const { key } = event;
    const back = document.querySelector('[data-back]')?.dataset.back;
    let done = false;
    if (event.timeStamp - afterG < 1500) {
      const place = { q: '/', u: '/quarantine', h: '/health' }[key];
      if (place) done = go(place);
      afterG = Number.NEGATIVE_INFINITY;
    } else if (key === 'g') {
      afterG = event.timeStamp;
      done = true;
    } else if (key === 'j' || key === 'k') done = press(key) || move(key === 'j' ? 1 : -1);
    else if (key === 'o' && rows().includes(document.activeElement)) {
      document.activeElement.click();
      done = true;
    } else if (key === 'u' && back) done = go(back);
    else if (key === 'e' || key === 'w' || key === 'z') done = press(key);
    if (done) event.preventDefault();
  });
})();
