// What is known of the cloud: a snapshot, then changes, for as long as somebody looks at the page.

const LOG_MAX = 200;

/** The cloud, as last told; null until the first snapshot. */
export let state = null;
/** How far this machine's clock is from the cloud's, in milliseconds. */
let apart = 0;
let source = null;
const watchers = [];

/** Calls `act(state, change)` after each change; `change` is null when everything may be another. */
export function watch(act) {
  watchers.push(act);
}

/** The cloud's present. */
export function now() {
  return Date.now() + apart;
}

function tell(change) {
  for (const act of watchers) act(state, change);
}

function take(message) {
  state = JSON.parse(message.data);
  apart = Date.parse(state.at) - Date.now();
  tell(null);
}

function add(message) {
  if (!state) return;
  const change = JSON.parse(message.data);
  state.at = change.at;
  for (const part of ["settings", "sweep", "faults", "omitted"]) {
    if (change[part] !== undefined) state[part] = change[part];
  }
  for (const part of ["products", "operations", "rejected", "queues"]) {
    const before = {};
    for (const [id, row] of Object.entries(change[part] ?? {})) {
      before[id] = state[part][id];
      state[part][id] = row;
    }
    for (const id of change.gone?.[part] ?? []) delete state[part][id];
    change[part] = Object.keys(before).length || change.gone?.[part] ? before : undefined;
  }
  for (const part of ["calls", "events"]) {
    if (change[part]) state[part] = [...state[part], ...change[part]].slice(-LOG_MAX);
  }
  tell(change);
}

/** Opens the stream while the page is seen, and closes it while it is not. */
export function connect(onLink) {
  const open = () => {
    if (document.hidden) {
      source?.close();
      source = null;
      onLink("resting");
      return;
    }
    if (source) return;
    source = new EventSource("/_local/events");
    source.addEventListener("open", () => onLink("live"));
    source.addEventListener("snapshot", take);
    source.addEventListener("change", add);
    source.addEventListener("error", () => {
      onLink("lost");
      // A browser gives up on an answer that is no stream; a new cloud at this address is to be found all the same.
      if (source?.readyState === EventSource.CLOSED) {
        source = null;
        setTimeout(open, 2000);
      }
    });
  };
  document.addEventListener("visibilitychange", open);
  open();
}

/** Asks for something below /_local/; gives the answer, or throws its one line. */
export async function ask(method, path, body) {
  const options = { method, headers: {} };
  if (body !== undefined) {
    options.headers["content-type"] = "application/json";
    options.body = JSON.stringify(body);
  }
  let answer;
  try {
    answer = await fetch(`/_local/${path}`, options);
  } catch {
    throw new Error("the local cloud does not answer");
  }
  const members = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(members.error ?? `it answers ${answer.status}`);
  return members;
}
