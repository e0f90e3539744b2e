/** A list above a text field that is steered from the field: arrows, Enter, Tab, Escape. */

import { fill, freshId, h } from "./dom.js";
import { icon } from "./icons.js";

/** One list for one field. Items: `{label, description?, hint?, picture?, heading?, run}`. */
export class Suggestions {
  constructor(field, box) {
    this.field = field;
    this.box = box;
    this.items = [];
    this.at = 0;
    this.list = h("div", { role: "listbox", id: freshId("suggestions"), class: "choices", "aria-label": "Suggestions" });
    this.head = h("div", { class: "suggestions-head" });
    this.box.append(this.head, this.list);
    field.setAttribute("aria-controls", this.list.id);
    field.setAttribute("aria-autocomplete", "list");
    this.hide();
  }

  /** Whether the list is on the page. */
  get isShown() {
    return !this.box.hidden;
  }

  /** Show *items* under *title*, or hide when there are none. */
  show(title, items, { note = null } = {}) {
    if (!items.length && !note) return this.hide();
    const before = this.items[this.at]?.key;
    this.items = items;
    this.at = Math.max(0, items.findIndex((item) => item.key !== undefined && item.key === before));
    this.head.textContent = title;
    fill(this.list, items.map((item, index) => this.row(item, index)), note ? h("div", { class: "choices-none" }, note) : null);
    this.box.hidden = false;
    this.field.setAttribute("aria-expanded", "true");
    return this.mark();
  }

  /** Put the list away. */
  hide() {
    this.items = [];
    this.box.hidden = true;
    this.field.setAttribute("aria-expanded", "false");
    this.field.removeAttribute("aria-activedescendant");
  }

  /** Handle a key of the field; true when it was meant for the list. */
  key(event) {
    if (!this.isShown || event.isComposing) return false;
    if (event.key === "Escape") this.hide();
    else if (!this.items.length) return false;
    else if (event.key === "ArrowDown") this.move(1);
    else if (event.key === "ArrowUp") this.move(-1);
    else if ((event.key === "Enter" || event.key === "Tab") && !event.shiftKey) this.items[this.at].run();
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  move(step) {
    this.at = (this.at + step + this.items.length) % this.items.length;
    this.mark();
  }

  mark() {
    const rows = [...this.list.querySelectorAll(".choice")];
    rows.forEach((row, index) => {
      row.classList.toggle("is-active", index === this.at);
      row.setAttribute("aria-selected", String(index === this.at));
    });
    const active = rows[this.at];
    if (active) this.field.setAttribute("aria-activedescendant", active.id);
    active?.scrollIntoView({ block: "nearest" });
  }

  row(item, index) {
    return h("div", {
      role: "option", id: `${this.list.id}-${index}`, class: "choice",
      onpointerdown: (event) => event.preventDefault(),
      onclick: () => item.run(),
      onpointermove: () => index !== this.at && this.move(index - this.at),
    }, item.picture?.(), h("span", { class: "choice-words" }, item.label, item.description ? h("small", {}, item.description) : null),
    item.hint ? h("span", { class: "choice-hint" }, item.hint) : null, item.icon ? icon(item.icon, 16) : null);
  }
}
