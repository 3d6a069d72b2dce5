// Small words for the page: find, make, and rebuild only what changed.

/** The element with this id. */
export const $ = (id) => document.getElementById(id);

/** A new element; `props` are attributes, children are nodes or text. Text is never read as HTML. */
export function make(tag, props = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (value === false || value === null || value === undefined) continue;
    if (name === "class") node.className = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

const SVG = "http://www.w3.org/2000/svg";

/** One of the symbols in _icons.html, hidden from screen readers: every sign has its word beside it. */
export function icon(name, solid = false) {
  const svg = document.createElementNS(SVG, "svg");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `#${name}`);
  svg.setAttribute("aria-hidden", "true");
  if (solid) svg.setAttribute("class", "solid");
  svg.append(use);
  return svg;
}

/** A key's sign on its button. */
export const key = (name) => make("kbd", {}, name);

const drawn = new WeakMap();

/** Calls `draw` only when `value` differs from what `node` was last drawn from; keeps focus and selection otherwise. */
export function drawOnce(node, value, draw) {
  const now = JSON.stringify(value);
  if (drawn.get(node) === now) return false;
  drawn.set(node, now);
  draw();
  return true;
}

export function show(node, shown) {
  if (node.hidden === shown) node.hidden = !shown;
}

export function setText(node, words) {
  if (node.textContent !== words) node.textContent = words;
}

/** Has screen readers say `words` once, politely. */
export function say(words) {
  const line = $("say");
  line.textContent = "";
  setTimeout(() => { line.textContent = words; }, 50);
}
