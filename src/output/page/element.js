'use strict';

/*
 * Makes an element. What servers and scenarios said gets into the page as text only: children are elements or
 * strings, and no markup is ever parsed.
 */
function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === 'style') Object.entries(value).forEach(([key, text]) => made.style.setProperty(key, text));
    else if (name.startsWith('on')) made.addEventListener(name.slice(2), value);
    else made.setAttribute(name, value === true ? '' : String(value));
  }
  made.append(...children.flat(Infinity).filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

/* The same for SVG. */
function shape(tag, attributes = {}, ...children) {
  const made = document.createElementNS('http://www.w3.org/2000/svg', tag);
  Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, String(value)));
  made.append(...children);
  return made;
}

/* Explanations at hover and focus. One note is open at a time; Escape closes it. */
const Note = (() => {
  let open = null;

  const close = () => {
    open?.remove();
    open = null;
  };
  const show = (target, text) => {
    close();
    open = element('div', {class: 'note', role: 'tooltip'}, text);
    document.body.append(open);
    const place = target.getBoundingClientRect();
    const left = Math.max(12, Math.min(place.left, innerWidth - open.offsetWidth - 12));
    const below = place.bottom + 6 + open.offsetHeight < innerHeight || place.top < open.offsetHeight + 12;
    open.style.left = `${left + scrollX}px`;
    open.style.top = `${scrollY + (below ? place.bottom + 6 : place.top - open.offsetHeight - 6)}px`;
  };
  addEventListener('keydown', (event) => { if (event.key === 'Escape') close(); });
  addEventListener('scroll', close, {passive: true});

  /* Gives a target an explanation. */
  const attach = (target, text) => {
    if (!text) return target;
    target.classList.add('term');
    target.tabIndex = 0;
    target.setAttribute('aria-description', text);
    target.addEventListener('mouseenter', () => show(target, text));
    target.addEventListener('mouseleave', close);
    target.addEventListener('focus', () => show(target, text));
    target.addEventListener('blur', close);
    return target;
  };
  return {attach};
})();

/* A word with its explanation; without one, the word. */
function term(word, help) {
  return help ? Note.attach(element('span', {}, word), help) : element('span', {}, word);
}
