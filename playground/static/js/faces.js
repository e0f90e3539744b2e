/** Draws avatars: a gradient with initials for people, a face for the companion. */

import { h, s } from "./dom.js";

// Pairs of gradient stops, chosen by eye; white initials keep 4.5:1 on the lighter stop.
const GRADIENTS = [
  ["#b3396e", "#7a2a8f"], ["#2f6fb5", "#2b3f9c"], ["#1f7d6d", "#17556e"], ["#a8541c", "#8a2f3c"],
  ["#6b4fc4", "#3f3793"], ["#4a7a24", "#1f5d4b"], ["#a33b3b", "#6d2a5c"], ["#2a7894", "#31508f"],
];
const colourOf = new Map();
const CALM = { pleasure: 0.35, arousal: 0 };

/** Give each of *things* a gradient of its own, in their order, as far as there are enough. */
export function spreadColours(things) {
  things.forEach((thing, index) => colourOf.set(thing.id, index % GRADIENTS.length));
}

/** The picture of *user*; *isCompanion* chooses the drawn face. Decoration only. */
export function avatar(user, { size = 40, isCompanion = false, mood = null } = {}) {
  const holder = h("span", { class: "avatar", "aria-hidden": "true", vars: { "--size": `${size}px` } });
  holder.append(isCompanion ? face(mood ?? CALM) : initialsPicture(user));
  return holder;
}

/** A server's picture: its initials on its gradient. */
export function serverPicture(guild) {
  return h("span", { class: "avatar", "aria-hidden": "true", vars: { "--size": "48px" } }, initialsPicture(guild));
}

/** Up to two letters that stand for a name. */
function initials(name) {
  const words = String(name ?? "?").trim().split(/[\s_.-]+/u).filter(Boolean);
  const letters = words.slice(0, 2).map((word) => [...word][0]);
  return (letters.join("") || "?").toUpperCase();
}

function initialsPicture(thing) {
  const [from, to] = GRADIENTS[colourOf.get(thing.id) ?? hash(String(thing.id)) % GRADIENTS.length];
  const name = thing.global_name || thing.name || thing.username;
  return h("span", { class: "avatar-letters", vars: { "--from": from, "--to": to } }, initials(name));
}

function hash(text) {
  let value = 7;
  for (const character of text) value = (value * 31 + character.codePointAt(0)) >>> 0;
  return value;
}

/** The companion's face: pleasure (-1…1) bends the mouth, arousal (-1…1) opens the eyes. */
function face({ pleasure = 0, arousal = 0 }) {
  const bend = clamp(pleasure) * 4.2 + 1;
  const open = 3.4 + clamp(arousal) * 1.3;
  return s("svg", { viewBox: "0 0 64 64", class: "face", focusable: "false" },
    s("rect", { width: 64, height: 64, fill: "url(#face-sky)" }),
    s("circle", { cx: 51, cy: 12, r: 2, fill: "#fff", opacity: 0.65 }),
    s("circle", { cx: 11, cy: 20, r: 1.2, fill: "#fff", opacity: 0.5 }),
    s("path", { d: "M13 64V33C13 18 21 9 32 9s19 9 19 24v31Z", fill: "url(#face-hair)" }),
    s("path", { d: "M14 64c1-9 8-13 18-13s17 4 18 13Z", fill: "url(#face-cloth)" }),
    s("path", { d: "M27.5 45h9v7c0 3-9 3-9 0Z", fill: "#e9ab95" }),
    s("path", { d: "M19 32c0-11 5.5-15 13-15s13 4 13 15c0 10-6 17-13 17S19 42 19 32Z", fill: "url(#face-skin)" }),
    blush(23.5), blush(40.5), eye(26, open), eye(38, open),
    s("path", { d: `M28.2 ${42 - bend * 0.25} Q32 ${42 + bend} 35.8 ${42 - bend * 0.25}`, class: "face-line", stroke: "#a33d55", "stroke-width": 1.7 }),
    s("path", { d: "M16.5 35c-1-17 7-23 16-23 9.5 0 16 6 15 23-2-7-5-11-9-13.5C35 25 24 25.5 21 24c-2.5 3-4 6-4.5 11Z", fill: "url(#face-hair)" }),
    s("path", { d: "M22 17c4-4 9-5 14-3.5", class: "face-line", stroke: "#c9a6ff", "stroke-width": 1.5, opacity: 0.75 }),
  );
}

function eye(x, open) {
  const brow = s("path", { d: `M${x - 3.4} ${30 - open} q3.4 -2 6.8 0`, class: "face-line", stroke: "#4b2b66", "stroke-width": 1.2 });
  const iris = s("ellipse", { cx: x, cy: 34, rx: 2.5, ry: open, fill: "#3a2458" });
  return [brow, iris, s("circle", { cx: x + 0.9, cy: 32.6, r: 0.9, fill: "#fff" })];
}

function blush(x) {
  return s("ellipse", { cx: x, cy: 39.5, rx: 2.8, ry: 1.6, fill: "#f08a94", opacity: 0.5 });
}

function clamp(value) {
  return Math.max(-1, Math.min(1, Number(value) || 0));
}
