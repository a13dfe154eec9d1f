// The page: its header, its figures, what it says aloud, and the window with all that is known of one thing.

import { byId, el, mark, show, stay, write } from "./dom.js";
import * as faults from "./faults.js";
import * as log from "./log.js";
import * as operations from "./operations.js";
import * as samples from "./samples.js";
import { ask, connect, now, state, watch } from "./store.js";
import * as timeline from "./timeline.js";
import { away, count, isEnded, subject, whole } from "./words.js";

const SPEEDS = [1, 10, 60, 300, 1000];

/** Says something, on the page and to who cannot see it. */
function say(text, isBad = false) {
  write(byId("status"), text);
  mark(byId("status"), "data-bad", isBad ? "yes" : null);
}

// Theme: the system's, unless somebody has chosen another one here.
function theme() {
  const choice = byId("theme");
  const kept = (() => {
    try {
      return localStorage.getItem("theme");
    } catch {
      return null;
    }
  })();
  if (["light", "dark"].includes(kept)) choice.value = kept;
  const apply = () => {
    mark(document.documentElement, "data-theme", choice.value === "system" ? null : choice.value);
    try {
      localStorage.setItem("theme", choice.value);
    } catch {
      // It is chosen for this page alone then.
    }
  };
  choice.addEventListener("change", apply);
  apply();
}

function link(word) {
  const words = { live: "live", lost: "connection lost, trying again", resting: "resting" };
  write(byId("link"), words[word]);
  mark(byId("link"), "data-link", word);
  if (word === "lost") say("The connection to the local cloud is lost; it is tried again.", true);
}

function header() {
  write(byId("place"), `${state.account} · ${state.region}`);
  const choice = byId("speed");
  const { speed, paused } = state.settings;
  const wanted = [...new Set([...SPEEDS, speed])].sort((a, b) => a - b).map(String);
  if ([...choice.options].map((option) => option.value).join() !== wanted.join()) {
    choice.replaceChildren(...wanted.map((value) => el("option", { value }, `${value} ×`)));
  }
  if (document.activeElement !== choice || choice.value === "") choice.value = String(speed);
  write(byId("pause"), paused === null ? "Pause Steward" : "Resume Steward");
  show(byId("paused"), paused !== null);
  write(
    byId("paused"),
    paused === null ? "" : `Steward is paused: ${paused}. Nothing is sent; what is on its way is followed.`,
  );
}

function figures() {
  const products = Object.values(state.products).filter((product) => !product.gone);
  const waiting = Object.values(state.operations).filter((operation) => !isEnded(operation));
  const dead = Object.values(state.queues)
    .filter((queue) => queue.deadLetters)
    .reduce((sum, queue) => sum + queue.messages, 0);
  const queued = Object.values(state.queues)
    .filter((queue) => !queue.deadLetters)
    .reduce((sum, queue) => sum + queue.messages, 0);
  const soon = products.filter((product) => product.expiresAt && Date.parse(product.expiresAt) - now() < 86_400_000);
  const rows = [
    ["products", products.length],
    ["end within a day", soon.length],
    ["protected", products.filter((product) => product.protected).length],
    ["on their way", waiting.length],
    ["messages queued", queued],
    ["dead letters", dead],
    ["faults on", state.faults.length],
    ["last sweep", state.sweep ?? "none yet"],
  ];
  const box = byId("figures");
  if (box.children.length !== rows.length) {
    box.replaceChildren(...rows.map(([name]) => el("div", {}, el("dt", {}, name), el("dd", {}))));
  }
  rows.forEach(([name, value], i) => {
    write(box.children[i].lastChild, String(value));
    mark(box.children[i], "data-some", ["dead letters", "faults on"].includes(name) && value > 0 ? "yes" : null);
    mark(box.children[i], "class", typeof value === "string" ? "words" : null);
  });
}

function queues() {
  const rows = Object.entries(state.queues).map(([name, queue]) => {
    const letters = queue.deadLetters ? el("span", { class: "tag" }, "dead letters") : null;
    return el(
      "tr",
      {},
      el("th", { scope: "row" }, name, " ", letters ?? ""),
      el("td", { class: "number" }, String(queue.messages)),
      el("td", { class: "number" }, String(queue.inFlight)),
    );
  });
  byId("queues").replaceChildren(...rows);
}

/** Says which operations have ended: what somebody who cannot see the board waits for. */
function outcomes(change) {
  const ended = Object.entries(change.operations ?? {})
    .filter(([id, before]) => state.operations[id] && isEnded(state.operations[id]) && !(before && isEnded(before)))
    .map(([id]) => state.operations[id]);
  if (ended.length > 3) {
    const states = [...new Set(ended.map((one) => one.state))];
    say(
      states
        .map((word) => `${count(ended.filter((one) => one.state === word).length, "operation")} ${word}`)
        .join(", "),
    );
  } else if (ended.length) {
    say(ended.map((one) => `${one.kind} of ${subject(one, state.products)} ${one.state}`).join("; "));
  }
}

let open = null;

function describeProduct(id) {
  const product = state.products[id];
  if (!product) return null;
  const row = (name, value) =>
    value === null || value === undefined || value === "" ? [] : [el("dt", {}, name), el("dd", {}, String(value))];
  const time = (name, value) => row(name, value ? `${whole(value)} (${away(value, now())})` : null);
  const facts = el(
    "dl",
    { class: "facts" },
    ...row("status", [product.status, product.statusMessage].filter(Boolean).join(": ")),
    ...time("ends", product.expiresAt),
    ...row("why", product.why),
    ...row("protected", product.protected),
    ...time("warned", product.warnedAt),
    ...time("extended until", product.extendedUntil),
    ...row("drift", product.drifted ? "its stack is no longer what its template says" : null),
    ...row("product", product.product),
    ...row("type", product.type),
    ...row("owner", product.owner),
    ...time("created", product.createdAt),
    ...row("id", product.id),
    ...Object.entries(product.tags).flatMap(([key, value]) => row(`tag ${key}`, value)),
  );
  const own = Object.values(state.operations).filter((one) => one.productId === id || one.subject === id);
  const list = own.length
    ? [
        el("h3", {}, "Operations"),
        el(
          "ul",
          { class: "plain" },
          ...own.map((one) => el("li", {}, `${one.kind}: ${one.state}${one.why ? `, ${one.why}` : ""}`)),
        ),
      ]
    : [];
  return { title: product.name, parts: [facts, ...list] };
}

function detail() {
  if (!open) return;
  const found = open.product ? describeProduct(open.product) : operations.describe(open.operation);
  if (!found) {
    byId("detail").close();
    return;
  }
  write(byId("detail-title"), found.title);
  byId("detail-body").replaceChildren(...found.parts);
}

function look(what) {
  open = what;
  detail();
  byId("detail").showModal();
}

function controls() {
  byId("speed").addEventListener("change", async (event) => {
    try {
      const { speed } = await ask("PUT", "speed", { speed: Number(event.target.value) });
      say(`What begins from now on passes ${speed} times as fast as at AWS.`);
    } catch (error) {
      say(`Not done: ${error.message}`, true);
    }
  });
  byId("pause").addEventListener("click", async () => {
    try {
      if (state?.settings.paused === null) await ask("PUT", "pause", { reason: "by hand, on the status page" });
      else await ask("DELETE", "pause");
    } catch (error) {
      say(`Not done: ${error.message}`, true);
    }
  });
  byId("detail-close").addEventListener("click", () => byId("detail").close());
  byId("detail").addEventListener("close", () => {
    open = null;
  });
}

theme();
controls();
stay(byId("main"));
timeline.start((product) => look({ product }));
operations.start((operation) => look({ operation }));
log.start();
faults.start(say);
samples.start(say);
let paused = null;
watch((_, change) => {
  if (!change) say("Everything on this page is as it is now.");
  if (change) outcomes(change);
  if (!change || change.settings) header();
  if (change && state.settings.paused !== paused)
    say(state.settings.paused === null ? "Steward goes on." : `Steward is paused: ${state.settings.paused}.`);
  paused = state.settings.paused;
  figures();
  if (!change || change.queues) queues();
  if (!change || change.products || change.operations || change.rejected) detail();
});
connect(link);
