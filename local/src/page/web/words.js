// How times and names are said.

const UNITS = [
  [365 * 86400, "y"],
  [86400, "d"],
  [3600, "h"],
  [60, "min"],
];

/** How far an instant is from now: "in 3 h", "5 min ago". */
export function away(instant, now) {
  const seconds = Math.round((Date.parse(instant) - now) / 1000);
  const length = Math.abs(seconds);
  if (length < 2) return "now";
  const unit = UNITS.find(([size]) => length >= 2 * size);
  const words = unit ? `${Math.round(length / unit[0])} ${unit[1]}` : `${length} s`;
  return seconds > 0 ? `in ${words}` : `${words} ago`;
}

const CLOCK = new Intl.DateTimeFormat(undefined, {
  hour: "2-digit",
  minute: "2-digit",
  second: "2-digit",
  hour12: false,
});
const WHOLE = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium", hour12: false });

/** The time of day. */
export const clock = (instant) => CLOCK.format(new Date(instant));
/** Day and time. */
export const whole = (instant) => WHOLE.format(new Date(instant));

/** What an operation is about, in few words. */
export function subject(operation, products) {
  const named = operation.productName ?? products[operation.productId]?.name ?? products[operation.subject]?.name;
  if (named) return named;
  if (operation.productId) return operation.productId;
  const stack = operation.subject.startsWith("arn:") ? operation.subject.split("/")[1] : null;
  return stack ?? operation.subject;
}

const LIVING = new Set(["submitting", "submitted", "waiting"]);

/** Whether it is over. */
export const isEnded = (operation) => !LIVING.has(operation.state);

/** A sign for a state, beside its word and never instead of it. */
export function sign(state) {
  return { succeeded: "✓", failed: "✕", rejected: "⊘", skipped: "→" }[state] ?? "•";
}

/** "1 message", "2 messages". */
export const count = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;
