// Elements without markup: texts are texts, so nothing that comes from anywhere can become anything else.

/** An element with properties and children; a child that is no node becomes text. */
export function el(tag, properties = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "class") node.className = value;
    else if (name === "on") for (const [event, act] of Object.entries(value)) node.addEventListener(event, act);
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

export const byId = (id) => document.getElementById(id);

/** Writes a text where it is another one: what is the same is not touched, and so not read out again. */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Sets or takes away an attribute where it is another one. */
export function mark(node, name, value) {
  if (value === null || value === undefined || value === false) {
    if (node.hasAttribute(name)) node.removeAttribute(name);
  } else if (node.getAttribute(name) !== String(value)) {
    node.setAttribute(name, value);
  }
}

export function show(node, shown) {
  if (node.hidden === shown) node.hidden = !shown;
}

const keys = new WeakMap();

/**
 * Makes a container's children those of `rows`, in order, and keeps the nodes that it has: by key, wherever they are in
 * `pool`, a map that several containers may share; a node whose key is in `elsewhere` is left for another one to take. What
 * has the focus keeps it; if its row goes, `home` gets it.
 */
export function arrange(container, rows, { key, make, update, pool, home, elsewhere }) {
  const focused = document.activeElement;
  const wanted = new Set();
  let place = container.firstChild;
  for (const row of rows) {
    const id = key(row);
    let node = pool.get(id);
    if (!node) {
      node = make(row);
      pool.set(id, node);
      keys.set(node, id);
    }
    update(node, row);
    wanted.add(node);
    if (node === place) place = place.nextSibling;
    else container.insertBefore(node, place);
  }
  const left = [...container.children].filter((node) => !wanted.has(node) && !elsewhere?.has(keys.get(node)));
  const lost = left.some((node) => node.contains(focused));
  for (const node of left) {
    pool.delete(keys.get(node));
    node.remove();
  }
  if (focused && focused !== document.body && document.activeElement !== focused) {
    if (focused.isConnected) focused.focus({ preventScroll: true });
    else if (lost && home) home.focus({ preventScroll: true });
  }
}

/** Acts once after a burst of calls. */
export function soon(act, wait = 120) {
  let timer;
  return () => {
    clearTimeout(timer);
    timer = setTimeout(act, wait);
  };
}

/** Keeps what the keyboard has reached in sight while the page above it grows or shrinks. */
export function stay(grows) {
  let inSight = false;
  const look = () => {
    const node = document.activeElement;
    const { top, bottom } = node.getBoundingClientRect();
    inSight = node !== document.body && node.matches(":focus-visible") && top >= 0 && bottom <= innerHeight;
  };
  addEventListener("focusin", () => requestAnimationFrame(look));
  addEventListener("scroll", look, { passive: true, capture: true });
  new ResizeObserver(() => {
    if (inSight) document.activeElement.scrollIntoView({ block: "nearest" });
    look();
  }).observe(grows);
}
