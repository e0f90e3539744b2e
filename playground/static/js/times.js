/** Dates and times in words, in the reader's own locale and zone. */

const MINUTE = 60;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const RELATIVE_STEPS = [["year", 365 * DAY], ["month", 30 * DAY], ["day", DAY], ["hour", HOUR], ["minute", MINUTE], ["second", 1]];
const STYLES = {
  t: { timeStyle: "short" },
  T: { timeStyle: "medium" },
  d: { dateStyle: "short" },
  D: { dateStyle: "long" },
  f: { dateStyle: "long", timeStyle: "short" },
  F: { dateStyle: "full", timeStyle: "short" },
};
// Date's own range in seconds, as ECMAScript gives it.
const FARTHEST_SECOND = 8.64e12;

const relativeWords = new Intl.RelativeTimeFormat(undefined, { numeric: "auto" });
const formats = new Map();

/** "14:05". */
export function clockTime(iso) {
  return format(new Date(iso), { timeStyle: "short" });
}

/** "Today at 14:05", "Yesterday at 14:05" or a short date with the time. */
export function headTime(iso) {
  const date = new Date(iso);
  const days = daysAgo(date);
  if (days === 0) return `Today at ${clockTime(iso)}`;
  if (days === 1) return `Yesterday at ${clockTime(iso)}`;
  return format(date, { dateStyle: "short", timeStyle: "short" });
}

/** The day's name for the line between two days. */
export function dayLine(iso) {
  return format(new Date(iso), { dateStyle: "long" });
}

/** The full moment, for tooltips. */
export function fullTime(iso) {
  return format(new Date(iso), { dateStyle: "full", timeStyle: "medium" });
}

/** Whether two moments fall on the same day here. */
export function sameDay(one, other) {
  return new Date(one).toDateString() === new Date(other).toDateString();
}

/** What `<t:seconds:style>` shows, or null when it is no moment. */
export function markupTime(seconds, style) {
  if (!Number.isFinite(seconds) || Math.abs(seconds) > FARTHEST_SECOND) return null;
  const date = new Date(seconds * 1000);
  return style === "R" ? relative(date) : format(date, STYLES[style] ?? STYLES.f);
}

/** "in 3 minutes", "2 days ago". */
export function relative(date) {
  const seconds = Math.round((date.getTime() - Date.now()) / 1000);
  const step = RELATIVE_STEPS.find(([, size]) => Math.abs(seconds) >= size) ?? RELATIVE_STEPS.at(-1);
  return relativeWords.format(Math.trunc(seconds / step[1]), step[0]);
}

/** Keep relative times on the page true. */
export function refreshRelativeTimes(root = document) {
  for (const node of root.querySelectorAll("time[data-relative]")) {
    node.textContent = relative(new Date(node.dateTime));
  }
}

function format(date, options) {
  if (Number.isNaN(date.getTime())) return "";
  const key = JSON.stringify(options);
  if (!formats.has(key)) formats.set(key, new Intl.DateTimeFormat(undefined, options));
  return formats.get(key).format(date);
}

function daysAgo(date) {
  const midnight = (day) => new Date(day.getFullYear(), day.getMonth(), day.getDate()).getTime();
  return Math.round((midnight(new Date()) - midnight(date)) / (DAY * 1000));
}
