// The sample events, each with a button that publishes it.

import { byId, el, show, soon, write } from "./dom.js";
import { ask } from "./store.js";
import { count } from "./words.js";

const groups = [];

function ends(endsAs) {
  const words = Object.entries(endsAs).map(([state, number]) => `${number} ${state}`);
  return words.length ? `ends as ${words.join(", ")}` : "leads to no operation";
}

/** Words, with those between backticks set as code. */
const phrase = (text) => text.split("`").map((part, i) => (i % 2 ? el("code", {}, part) : part));

async function publish(sample, say) {
  const name = `${sample.function}/${sample.name}`;
  try {
    const { deliveries } = await ask("POST", `samples/${name}`);
    say(
      `Published ${name}: ${deliveries === 1 ? "one delivery" : `${deliveries} deliveries`}; it ${ends(sample.endsAs)}.`,
    );
  } catch (error) {
    say(`Not published: ${error.message}`, true);
  }
}

function group(name, samples, say) {
  const rows = samples.map((sample) => {
    const button = el(
      "button",
      {
        type: "button",
        class: "publish",
        "aria-label": `Publish ${sample.function} ${sample.name}`,
        on: { click: () => publish(sample, say) },
      },
      sample.name,
    );
    const node = el(
      "li",
      {},
      button,
      el(
        "span",
        { class: "what" },
        ...phrase(sample.what || "as its name says"),
        el("span", { class: "quiet" }, ` · ${ends(sample.endsAs)}`),
      ),
    );
    return { node, text: [sample.name, sample.what, ends(sample.endsAs), sample.function].join("\n").toLowerCase() };
  });
  const number = el("span", { class: "count" });
  const node = el(
    "details",
    {},
    el("summary", {}, el("span", {}, name), " ", number),
    el("ul", {}, ...rows.map((row) => row.node)),
  );
  return { node, rows, number };
}

function filter() {
  const text = byId("sample-filter").value.trim().toLowerCase();
  for (const { node, rows, number } of groups) {
    let fitting = 0;
    for (const row of rows) {
      const fits = !text || row.text.includes(text);
      show(row.node, fits);
      fitting += fits ? 1 : 0;
    }
    show(node, fitting > 0);
    write(number, String(fitting));
    if (text && fitting) node.open = true;
  }
}

export async function start(say) {
  byId("sample-filter").addEventListener("input", soon(filter));
  const box = byId("samples");
  try {
    const { samples } = await ask("GET", "samples");
    const functions = [...new Set(samples.map((sample) => sample.function))];
    for (const name of functions)
      groups.push(
        group(
          name,
          samples.filter((sample) => sample.function === name),
          say,
        ),
      );
    box.replaceChildren(...groups.map(({ node }) => node));
    if (!samples.length) box.append(el("p", { class: "quiet" }, `${count(0, "sample")}.`));
    const first = groups.find(({ node }) => node.textContent.startsWith("terminate"));
    if (first) first.node.open = true;
    filter();
  } catch (error) {
    box.replaceChildren(el("p", { class: "bad" }, `No samples: ${error.message}`));
  }
}
