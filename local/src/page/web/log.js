// Events and calls as they come.

import { arrange, byId, el, mark, soon, write } from "./dom.js";
import { state, watch } from "./store.js";
import { clock, whole } from "./words.js";

const pool = new Map();
const SHOWN_MAX = 200;
let held = null;

// What is asked every second, whatever happens.
const ROUTINE = /^dynamodb:(Query|GetItem|BatchGetItem)$|^servicecatalog:(Describe|Search|List)/;

function rows() {
  const events = state.events.map((event) => ({ key: `event-${event.n}`, at: event.at, event }));
  const calls = state.calls.map((call) => ({ key: `call-${call.n}`, at: call.at, call }));
  return [...events, ...calls].sort((a, b) => b.at.localeCompare(a.at) || b.key.localeCompare(a.key));
}

function kindFits({ event, call }, kind) {
  switch (kind) {
    case "events":
      return Boolean(event);
    case "calls":
      return Boolean(call);
    case "faults":
      return Boolean(call?.fault);
    case "calm":
      return event
        ? event.detailType !== "Scheduled Event"
        : Boolean(call.fault) || call.status !== 200 || !ROUTINE.test(call.call);
    default:
      return true;
  }
}

function textFits({ event, call }, text) {
  if (!text) return true;
  const said = event
    ? [event.detailType, event.source, event.bus, event.detail, ...event.rules]
    : [call.caller, call.call, String(call.status), call.fault ?? ""];
  return said.join("\n").toLowerCase().includes(text);
}

function make({ at, event, call }) {
  const time = el("td", { class: "time" }, el("time", { datetime: at, title: whole(at) }, clock(at)));
  if (event) {
    const rules = event.rules.length ? `to ${event.rules.join(", ")}` : "no rule takes it";
    const detail = el("details", {}, el("summary", {}, event.detailType), el("pre", {}, pretty(event.detail)));
    return el(
      "tr",
      { class: "event" },
      time,
      el("td", {}, event.source),
      el("td", {}, detail),
      el("td", { class: "quiet" }, rules),
    );
  }
  const end = call.status === null ? "connection closed" : String(call.status);
  const result = el(
    "td",
    {},
    el("span", { class: call.status === 200 ? "quiet" : "bad" }, end),
    el("span", { class: "quiet" }, ` ${call.ms} ms`),
  );
  if (call.fault) result.append(" ", el("span", { class: "tag fault" }, `fault: ${call.fault}`));
  return el("tr", { class: "call" }, time, el("td", {}, call.caller), el("td", { class: "mono" }, call.call), result);
}

function pretty(text) {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}

function render() {
  if (!state) return;
  const known = held ?? rows();
  const kind = byId("log-kind").value;
  const text = byId("log-filter").value.trim().toLowerCase();
  const fitting = known.filter((row) => kindFits(row, kind) && textFits(row, text)).slice(0, SHOWN_MAX);
  arrange(byId("log"), fitting, { key: (row) => row.key, make, update: () => {}, pool, home: byId("log-title") });
  const newer = held ? rows().filter((row) => !held.some((one) => one.key === row.key)).length : 0;
  write(byId("log-count"), `${fitting.length} of the last ${known.length}${held ? `; held, ${newer} newer` : ""}`);
}

export function start() {
  const hold = byId("log-hold");
  hold.addEventListener("click", () => {
    held = held ? null : rows();
    mark(hold, "aria-pressed", String(Boolean(held)));
    render();
  });
  byId("log-kind").addEventListener("change", render);
  byId("log-filter").addEventListener("input", soon(render));
  watch((_, change) => {
    // Another cloud counts from one again.
    if (!change) {
      pool.clear();
      byId("log").replaceChildren();
      held = null;
      mark(hold, "aria-pressed", "false");
    }
    if (!change || change.calls || change.events) render();
  });
}
