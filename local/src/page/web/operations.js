// Operations on their way, and what has become of those that ended.

import { arrange, byId, el, mark, show, soon, write } from "./dom.js";
import { now, state, watch } from "./store.js";
import { away, isEnded, sign, subject, whole } from "./words.js";

const FIRST = 10;
// One for all columns: a card that moves on is the same card.
const pool = new Map();
let all = false;

function cards() {
  const operations = Object.values(state.operations);
  const rejected = Object.values(state.rejected).map((one) => ({
    id: `rejected-${one.id}`,
    kind: "message",
    state: "rejected",
    why: one.error,
    updatedAt: one.at,
    message: one,
  }));
  return [...operations, ...rejected];
}

function title(card) {
  return card.message ? "a message that is no request" : subject(card, state.products);
}

function fits(card, text) {
  return (
    !text ||
    [title(card), card.kind, card.state, card.why ?? "", card.id, card.productId ?? ""]
      .join("\n")
      .toLowerCase()
      .includes(text)
  );
}

function make(card, open) {
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", class: "card", on: { click: () => open(card.id) } },
      el("span", { class: "first" }, el("span", { class: "kind" }), el("span", { class: "end" })),
      el("span", { class: "subject" }),
      el("span", { class: "why" }),
      el("span", { class: "last" }),
    ),
  );
}

function update(node, card) {
  const part = (name) => node.querySelector(`.${name}`);
  write(part("kind"), card.kind);
  write(part("end"), isEnded(card) ? `${sign(card.state)} ${card.state}` : "");
  mark(part("end"), "data-state", card.state);
  write(part("subject"), title(card));
  write(part("why"), card.why ?? card.reason ?? "");
  const attempt = card.attempts > 1 ? `attempt ${card.attempts} · ` : "";
  const due =
    !isEnded(card) && card.dueAt && Date.parse(card.dueAt) > now() + 1500 ? ` · next ${away(card.dueAt, now())}` : "";
  write(part("last"), card.updatedAt ? `${attempt}${away(card.updatedAt, now())}${due}` : attempt);
  if (node.dataset.state && node.dataset.state !== card.state) {
    node.classList.remove("moved");
    // Read, so that the animation begins anew.
    void node.offsetWidth;
    node.classList.add("moved");
  }
  node.dataset.state = card.state;
}

const newest = (a, b) => (b.updatedAt ?? "").localeCompare(a.updatedAt ?? "") || a.id.localeCompare(b.id);

function render(open) {
  if (!state) return;
  const text = byId("operation-filter").value.trim().toLowerCase();
  const fitting = cards()
    .filter((card) => fits(card, text))
    .sort(newest);
  const columns = { submitting: [], submitted: [], waiting: [], ended: [] };
  for (const card of fitting) (columns[isEnded(card) ? "ended" : card.state] ?? columns.waiting).push(card);
  const shown = { ...columns, ended: all ? columns.ended : columns.ended.slice(0, FIRST) };
  // A card that moves on is taken from its column by the next one, not made anew.
  const elsewhere = new Set(
    Object.values(shown)
      .flat()
      .map((card) => card.id),
  );
  for (const [name, rows] of Object.entries(shown)) {
    arrange(byId(name), rows, {
      key: (card) => card.id,
      make: (card) => make(card, open),
      update,
      pool,
      elsewhere,
      home: byId("operations-title"),
    });
    write(byId(`${name}-count`), String(columns[name].length));
  }
  const more = byId("ended-more");
  show(more, columns.ended.length > FIRST);
  write(more, all ? `Show the last ${FIRST}` : `Show all ${columns.ended.length}`);
}

export function start(open) {
  const draw = () => render(open);
  byId("operation-filter").addEventListener("input", soon(draw));
  byId("ended-more").addEventListener("click", () => {
    all = !all;
    draw();
  });
  watch((_, change) => {
    if (!change || change.operations || change.rejected) draw();
  });
  setInterval(draw, 5000);
}

const row = (name, value) =>
  value === undefined || value === null || value === "" ? [] : [el("dt", {}, name), el("dd", {}, String(value))];
const time = (name, value) => row(name, value ? `${whole(value)} (${away(value, now())})` : null);

/** An operation's title and all that is known of it; null if there is none of that id. */
export function describe(id) {
  const card = cards().find((one) => one.id === id);
  if (!card) return null;
  if (card.message) {
    const facts = el(
      "dl",
      { class: "facts" },
      ...row("why", card.why),
      ...time("when", card.updatedAt),
      ...row("operation", card.message.operation),
    );
    return {
      title: "A message that is no request",
      parts: [facts, el("h3", {}, "The message"), el("pre", {}, card.message.body)],
    };
  }
  const facts = el(
    "dl",
    { class: "facts" },
    ...row("state", `${sign(card.state)} ${card.state}`),
    ...row("why", card.why),
    ...row("product", [card.productName, card.productId].filter(Boolean).join(" · ")),
    ...row("subject", card.subject),
    ...row("trigger", card.trigger),
    ...row("asked by", card.requestedBy),
    ...row("because", card.reason),
    ...row("attempt", card.attempts),
    ...row("record", card.recordId),
    ...row("token", card.token),
    ...time("asked", card.requestedAt),
    ...time("claimed", card.createdAt),
    ...time("written last", card.updatedAt),
    ...time("looked at next", card.dueAt),
    ...row("id", card.id),
  );
  return { title: `${card.kind}: ${title(card)}`, parts: [facts, ...history(card)] };
}

function history(card) {
  if (!card.history.length) return [];
  const cells = (one) => [
    whole(one.at),
    String(one.attempt),
    one.what,
    [one.recordId, one.code, one.message].filter(Boolean).join(" · "),
  ];
  return [
    el(
      "table",
      { class: "history" },
      el("caption", {}, "What the service answered, oldest first"),
      el(
        "thead",
        {},
        el(
          "tr",
          {},
          ...["When", "Attempt", "What", "Record, code, words"].map((name) => el("th", { scope: "col" }, name)),
        ),
      ),
      el("tbody", {}, ...card.history.map((one) => el("tr", {}, ...cells(one).map((text) => el("td", {}, text))))),
    ),
  ];
}
