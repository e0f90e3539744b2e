/** Action menus with arrow keys, Home, End and first letters. */

import { h } from "./dom.js";
import { icon } from "./icons.js";
import { closePopup, openPopup } from "./popup.js";

/**
 * Open a menu. Entries: `{label, icon?, hint?, isDanger?, isChecked?, run}`,
 * `{heading}` or `{line: true}`.
 */
export function openMenu(anchor, label, entries, options = {}) {
  const list = h("div", { role: "menu", "aria-label": label, class: "menu" }, entries.filter(Boolean).map(entryNode));
  list.addEventListener("keydown", (event) => walk(event, items(list)));
  openPopup(anchor, list, options);
  items(list)[0]?.focus({ preventScroll: true });
}

/** Move the focus among *nodes* by arrow keys, Home, End or a first letter. */
export function walk(event, nodes, { columns = 1 } = {}) {
  const at = nodes.indexOf(document.activeElement);
  const steps = { ArrowDown: columns, ArrowUp: -columns };
  if (columns > 1) Object.assign(steps, { ArrowRight: 1, ArrowLeft: -1 });
  let next = null;
  if (event.key in steps) next = nodes[(at + steps[event.key] + nodes.length) % nodes.length];
  else if (event.key === "Home") next = nodes[0];
  else if (event.key === "End") next = nodes.at(-1);
  else if (event.key.length === 1 && columns === 1) next = byLetter(nodes, at, event.key);
  if (!next) return;
  event.preventDefault();
  next.focus();
}

function entryNode(entry) {
  if (entry.line) return h("div", { role: "separator", class: "menu-line" });
  if (entry.heading) return h("div", { class: "menu-heading", role: "presentation" }, entry.heading);
  const isChoice = entry.isChecked !== undefined;
  return h("button", {
    type: "button", role: isChoice ? "menuitemradio" : "menuitem", tabindex: "-1", class: `menu-item${entry.isDanger ? " is-danger" : ""}`,
    "aria-checked": isChoice ? String(entry.isChecked) : null, onclick: () => choose(entry),
  }, entry.picture, h("span", { class: "menu-label" }, entry.label, entry.hint ? h("small", {}, entry.hint) : null),
  entry.isChecked ? icon("check", 18) : entry.icon ? icon(entry.icon, 18) : null);
}

function choose(entry) {
  closePopup();
  entry.run();
}

function items(list) {
  return [...list.querySelectorAll(".menu-item")];
}

function byLetter(nodes, at, letter) {
  const order = [...nodes.slice(at + 1), ...nodes.slice(0, at + 1)];
  return order.find((node) => node.textContent.trim().toLowerCase().startsWith(letter.toLowerCase())) ?? null;
}
