// What goes wrong on purpose: switches for what people try first, and a form for everything else.

import { arrange, byId, el, mark, show, write } from "./dom.js";
import { ask, state, watch } from "./store.js";

const PRESETS = [
  ["Service Catalog throttles", { effect: "throttle", service: "servicecatalog" }],
  ["Every fifth call of Service Catalog is a 500", { effect: "error-500", service: "servicecatalog", percent: 20 }],
  ["Answers to terminations are lost", { effect: "lost-answer", operation: "TerminateProvisionedProduct" }],
  ["Service Catalog is 2 s late", { effect: "slow 2s", service: "servicecatalog" }],
  [
    "terminate dies after each call of Service Catalog",
    { effect: "kill-after", caller: "terminate", service: "servicecatalog" },
  ],
  ["The table throttles every fifth call", { effect: "throttle", service: "dynamodb", percent: 20 }],
  [
    "Terminations fail",
    { effect: "record-fails The bucket you tried to delete is not empty", operation: "TerminateProvisionedProduct" },
  ],
  ["Engines never answer", { effect: "record-never-ends" }],
];
const MEMBERS = ["effect", "caller", "service", "operation", "product", "percent"];
const pool = new Map();
let say;

/** The fault that stands for a preset, if it stands. */
function standing(members) {
  return state.faults.find(
    (fault) => MEMBERS.every((name) => (fault[name] ?? null) === (members[name] ?? null)) && fault.times === undefined,
  );
}

async function attempt(act) {
  try {
    await act();
  } catch (error) {
    say(`Not done: ${error.message}`, true);
  }
}

async function toggle(name, members) {
  const fault = standing(members);
  if (fault) {
    await ask("DELETE", `faults/${fault.id}`);
    say(`Off: ${name}.`);
  } else {
    await ask("POST", "faults", members);
    say(`On: ${name}.`);
  }
}

function makeSwitch([name, members]) {
  const button = el(
    "button",
    {
      type: "button",
      role: "switch",
      "aria-checked": "false",
      class: "switch",
      on: { click: () => attempt(() => toggle(name, members)) },
    },
    el("span", { class: "knob", "aria-hidden": "true" }),
    el("span", { class: "label" }, name),
    el("span", { class: "state", "aria-hidden": "true" }),
  );
  return Object.assign(el("li", {}, button), { button });
}

function updateSwitch(node, [, members]) {
  const on = Boolean(standing(members));
  mark(node.button, "aria-checked", String(on));
  write(node.button.querySelector(".state"), on ? "on" : "off");
}

function of(fault) {
  return [fault.caller, fault.service, fault.operation, fault.product].filter(Boolean).join(" ") || "anything";
}

function makeRow(fault) {
  const remove = el(
    "button",
    {
      type: "button",
      on: {
        click: () =>
          attempt(async () => {
            await ask("DELETE", `faults/${fault.id}`);
            say(`Off: ${fault.effect}.`);
          }),
      },
    },
    "Off",
  );
  remove.setAttribute("aria-label", `Off: ${fault.effect} of ${of(fault)}`);
  return el(
    "tr",
    {},
    el("td", { class: "mono" }, fault.effect),
    el("td", {}, of(fault)),
    el("td", { class: "many" }),
    el("td", { class: "met number" }),
    el("td", {}, remove),
  );
}

function updateRow(row, fault) {
  const many = [fault.times === undefined ? "all" : `${fault.times} more`];
  if (fault.skip) many.push(`after ${fault.skip}`);
  if (fault.percent !== undefined) many.push(`${fault.percent} % (seed ${fault.seed})`);
  write(row.querySelector(".many"), many.join(", "));
  write(row.querySelector(".met"), String(fault.met));
}

function render() {
  const home = byId("faults-title");
  arrange(byId("switches"), PRESETS, {
    key: ([name]) => `preset ${name}`,
    make: makeSwitch,
    update: updateSwitch,
    pool,
    home,
  });
  arrange(byId("faults"), state.faults, { key: (fault) => fault.id, make: makeRow, update: updateRow, pool, home });
  show(byId("faults-table"), state.faults.length > 0);
  show(byId("no-faults"), state.faults.length === 0);
}

function options() {
  const fill = (id, texts, first) =>
    byId(id).replaceChildren(
      ...(first ? [el("option", { value: "" }, first)] : []),
      ...texts.map((text) => el("option", { value: text }, text)),
    );
  const { effects, callers, services } = state.switches;
  if (byId("fault-effect").options.length === effects.length) return;
  fill(
    "fault-effect",
    effects.map(([words]) => words),
  );
  fill("fault-caller", callers, "any");
  fill("fault-service", services, "any");
  explain();
}

/** Shows the members that the chosen effect has. */
function explain() {
  const chosen = byId("fault-effect").value;
  const means = state.switches.effects.find(([words]) => words === chosen)?.[1] ?? "";
  const more = chosen.split(" ").slice(1).join(" ");
  write(byId("fault-means"), `${chosen}: ${means}.`);
  show(byId("fault-words-row"), more !== "");
  mark(byId("fault-words"), "placeholder", more);
  const isOfRecords = chosen.startsWith("record-");
  for (const id of ["fault-caller", "fault-service"]) byId(id).disabled = isOfRecords;
  byId("fault-product").disabled = !isOfRecords;
}

function read() {
  const text = (id) => (byId(id).disabled ? "" : byId(id).value.trim());
  const effect = byId("fault-effect").value.split(" ")[0];
  const words = byId("fault-words-row").hidden ? "" : text("fault-words");
  const members = { effect: `${effect} ${words}`.trim() };
  for (const name of ["caller", "service", "operation", "product"]) {
    if (text(`fault-${name}`)) members[name] = text(`fault-${name}`);
  }
  for (const name of ["times", "percent"]) {
    const given = text(`fault-${name}`);
    if (given && !Number.isFinite(Number(given))) throw new Error(`${name} is a number`);
    if (given) members[name] = Number(given);
  }
  return members;
}

export function start(tell) {
  say = tell;
  byId("faults-clear").addEventListener("click", () =>
    attempt(async () => {
      const { removed } = await ask("DELETE", "faults");
      say(`${removed} switched off.`);
    }),
  );
  byId("fault-effect").addEventListener("change", explain);
  byId("fault-form").addEventListener("submit", (event) => {
    event.preventDefault();
    attempt(async () => {
      const fault = await ask("POST", "faults", read());
      say(`On: ${fault.effect} of ${of(fault)}.`);
    });
  });
  watch((_, change) => {
    if (!change) options();
    if (!change || change.faults) render();
  });
}
