'use strict';

/* Light and dark: as the system has it, until the reader says otherwise; and the colours of style.css for charts. */
const Theme = (() => {
  const root = document.documentElement;
  const system = matchMedia('(prefers-color-scheme: dark)');
  const listeners = [];
  let cache = new Map();
  let chosen = null;

  // Storage may be refused, as on some file:// pages: then the choice holds for this page alone.
  const remembered = () => {
    try { return localStorage.getItem('throng-theme'); } catch { return null; }
  };
  const remember = (name) => {
    try { localStorage.setItem('throng-theme', name); } catch { /* it holds until the page is closed */ }
  };

  const apply = (name) => {
    root.dataset.theme = name;
    cache = new Map();
    listeners.forEach((listener) => listener(name));
  };
  const follow = () => apply(chosen ?? (system.matches ? 'dark' : 'light'));

  const choose = (name) => {
    chosen = name;
    remember(name);
    follow();
  };

  /* A colour of style.css by its variable, as #rrggbb. */
  const color = (variable) => {
    if (!cache.has(variable))
      cache.set(variable, getComputedStyle(root).getPropertyValue(variable).trim());
    return cache.get(variable);
  };

  /* The same, to be seen through: opacity from 0 to 1. */
  const clear = (variable, opacity) =>
    color(variable) + Math.round(opacity * 255).toString(16).padStart(2, '0');

  /* A button that turns it round. */
  const button = () => {
    const made = element('button', {class: 'button', type: 'button'});
    const name = () => {
      const other = root.dataset.theme === 'dark' ? 'light' : 'dark';
      made.textContent = other === 'dark' ? '◐ Dark' : '◑ Light';
      made.setAttribute('aria-label', `Show the page ${other}`);
    };
    made.addEventListener('click', () => choose(root.dataset.theme === 'dark' ? 'light' : 'dark'));
    listeners.push(name);
    name();
    return made;
  };

  const saved = remembered();
  chosen = saved === 'dark' || saved === 'light' ? saved : null;
  follow();
  system.addEventListener('change', follow);
  // Paper is white.
  addEventListener('beforeprint', () => apply('light'));
  addEventListener('afterprint', follow);

  return {button, clear, color, onChange: (listener) => listeners.push(listener)};
})();
