// The products, each with its life on a common axis of time.

import { arrange, byId, el, mark, show, soon, write } from "./dom.js";
import { now, state, watch } from "./store.js";
import { away, count, whole } from "./words.js";

const FIRST = 14;
const pool = new Map();
let all = false;

/** How much of the axis lies before the present. */
const PAST = 0.2;
const STEPS = [
  300,
  900,
  3600,
  3 * 3600,
  6 * 3600,
  12 * 3600,
  86400,
  2 * 86400,
  7 * 86400,
  14 * 86400,
  30 * 86400,
  365 * 86400,
  730 * 86400,
];

function axis() {
  const length = Number(byId("axis").value) * 1000;
  const from = now() - (length / (1 - PAST)) * PAST;
  const whole = length / (1 - PAST);
  return { from, to: from + whole, at: (instant) => ((instant - from) / whole) * 100 };
}

function kindFits(product, kind, { to, from }) {
  const end = product.expiresAt ? Date.parse(product.expiresAt) : null;
  switch (kind) {
    case "living":
      return !product.gone;
    case "window":
      return !product.gone && end !== null && end <= to && end >= from;
    case "warned":
      return !product.gone && Boolean(product.warnedAt);
    case "protected":
      return !product.gone && Boolean(product.protected);
    case "never":
      return !product.gone && (product.end === "never" || product.end === "unreadable" || product.end === "outside");
    case "gone":
      return product.gone;
    default:
      return true;
  }
}

function textFits(product, text) {
  if (!text) return true;
  const tags = Object.entries(product.tags).map(([key, value]) => `${key}=${value}`);
  return [product.name, product.id, product.product, product.status, product.why ?? "", ...tags]
    .join("\n")
    .toLowerCase()
    .includes(text);
}

const rank = (product) => (product.gone ? 2 : product.expiresAt ? 0 : 1);

function order(a, b) {
  return rank(a) - rank(b) || (a.expiresAt ?? "").localeCompare(b.expiresAt ?? "") || a.name.localeCompare(b.name);
}

/** What is said of an end, besides when. */
function words(product) {
  if (product.gone) return ["gone"];
  const said = [];
  if (product.protected) said.push("protected");
  else if (product.end === "never") said.push("never ends");
  else if (product.end === "unreadable") said.push("unreadable");
  else if (product.end === "outside") said.push("none of Steward's");
  if (product.expiresAt && Date.parse(product.expiresAt) < now()) said.push("over");
  if (product.warnedAt) said.push("warned");
  if (product.extendedUntil && Date.parse(product.extendedUntil) > now()) said.push("extended");
  return said;
}

function make(product, open) {
  const name = el("button", { type: "button", class: "link name", on: { click: () => open(product.id) } });
  const bar = el("span", { class: "bar" });
  return Object.assign(
    el(
      "tr",
      {},
      el("th", { scope: "row" }, name, el("span", { class: "id" })),
      el("td", { class: "status-cell" }, el("span", { class: "word" }), el("span", { class: "tags" })),
      el("td", { class: "end-cell" }, el("span", { class: "when" }), el("span", { class: "tags" })),
      el(
        "td",
        { class: "axis-cell" },
        el("span", { class: "track", "aria-hidden": "true" }, bar, el("span", { class: "now" })),
        el("span", { class: "hidden axis-words" }),
      ),
    ),
    { name, bar },
  );
}

function tags(container, texts) {
  if ([...container.children].map((child) => child.textContent).join() === texts.join()) return;
  container.replaceChildren(...texts.map((text) => el("span", { class: `tag ${text.replace(/\W+/g, "-")}` }, text)));
}

function update(row, product) {
  const here = axis();
  write(row.name, product.name);
  write(row.querySelector(".id"), product.id);
  write(row.querySelector(".word"), product.status);
  mark(row.querySelector(".word"), "data-status", product.status);
  tags(row.querySelector(".status-cell .tags"), product.drifted ? ["drifted"] : []);
  const when = row.querySelector(".when");
  const text = product.gone ? "" : product.expiresAt ? away(product.expiresAt, now()) : "";
  write(when, text);
  mark(when, "title", product.expiresAt ? whole(product.expiresAt) : null);
  tags(row.querySelector(".end-cell .tags"), words(product));
  mark(row, "data-gone", product.gone ? "yes" : null);
  draw(row, product, here);
}

function draw(row, product, { from, to, at }) {
  const begins = Date.parse(product.createdAt);
  const ends = product.expiresAt ? Date.parse(product.expiresAt) : null;
  const kind = product.gone
    ? "gone"
    : product.protected
      ? "protected"
      : ends === null
        ? "never"
        : product.warnedAt
          ? "warned"
          : "ends";
  mark(row.bar, "data-kind", kind);
  mark(row.bar, "data-beyond", ends === null || ends > to ? "yes" : null);
  mark(row.bar, "data-before", ends !== null && ends < from ? "yes" : null);
  const left = Math.min(Math.max(at(begins), 0), 100);
  const right = Math.min(Math.max(ends === null ? 100 : at(ends), 0), 100);
  row.bar.style.left = `${Math.min(left, right).toFixed(3)}%`;
  row.bar.style.width = `${Math.max(right - left, 0.4).toFixed(3)}%`;
  row.querySelector(".now").style.left = `${at(now()).toFixed(3)}%`;
  const end = ends === null ? "no end" : ends > to ? "ends beyond the axis" : `ends ${whole(product.expiresAt)}`;
  write(row.querySelector(".axis-words"), product.gone ? "gone" : end);
}

// Half as wide as a label may be, in pixels: none is cut off, and none lies under another.
const HALF_LABEL = 26;

function ticks() {
  const { from, to, at } = axis();
  const width = byId("ticks").clientWidth || 400;
  const step = STEPS.find((step) => (to - from) / (step * 1000) <= width / 74) ?? STEPS.at(-1);
  const zone = new Date().getTimezoneOffset() * 60_000;
  const labels = [];
  for (let tick = Math.ceil((from - zone) / (step * 1000)) * step * 1000 + zone; tick < to; tick += step * 1000) {
    const place = at(tick);
    const x = (place / 100) * width;
    const isWhole = x > HALF_LABEL && x < width - HALF_LABEL;
    if (isWhole && Math.abs(x - PAST * width) > HALF_LABEL * 2) labels.push([place, label(new Date(tick), step)]);
  }
  const nodes = labels.map(([place, text]) => {
    const node = el("span", { class: "tick" }, text);
    node.style.left = `${place.toFixed(3)}%`;
    return node;
  });
  const present = el("span", { class: "tick present" }, "now");
  present.style.left = `${(PAST * 100).toFixed(3)}%`;
  byId("ticks").replaceChildren(...nodes, present);
}

function label(date, step) {
  if (step >= 365 * 86400) return String(date.getFullYear());
  if (step >= 86400) return date.toLocaleDateString(undefined, { day: "numeric", month: "short" });
  const isMidnight = date.getHours() === 0 && date.getMinutes() === 0;
  if (isMidnight) return date.toLocaleDateString(undefined, { weekday: "short", day: "numeric" });
  return date.toLocaleTimeString(undefined, { hour: "2-digit", minute: "2-digit", hour12: false });
}

function render(open) {
  if (!state) return;
  const here = axis();
  const text = byId("product-filter").value.trim().toLowerCase();
  const kind = byId("product-kind").value;
  const fitting = Object.values(state.products)
    .filter((product) => kindFits(product, kind, here) && textFits(product, text))
    .sort(order);
  const shown = all ? fitting : fitting.slice(0, FIRST);
  arrange(byId("products"), shown, {
    key: (product) => product.id,
    make: (product) => make(product, open),
    update,
    pool,
    home: byId("products-title"),
  });
  const more = byId("products-more");
  show(more, fitting.length > FIRST);
  write(more, all ? `Show the first ${FIRST}` : `Show all ${fitting.length}`);
  const omitted = state.omitted.products ? `; ${state.omitted.products} more are not shown` : "";
  write(
    byId("products-count"),
    fitting.length ? `${shown.length} of ${count(fitting.length, "product")}${omitted}` : "No product is like that.",
  );
  ticks();
}

export function start(open) {
  const draw = () => render(open);
  for (const id of ["product-kind", "axis"]) byId(id).addEventListener("change", draw);
  byId("product-filter").addEventListener("input", soon(draw));
  byId("products-more").addEventListener("click", () => {
    all = !all;
    draw();
  });
  addEventListener("resize", soon(draw));
  watch((_, change) => {
    if (!change || change.products) draw();
  });
  setInterval(draw, 5000);
}
