/** One option of a command: its text, its choices, and the value that is sent. */

import { localized, OPTION } from "./commands.js";
import { freshId, h } from "./dom.js";
import { channelChoices, roleChoices, userChoices } from "./entities.js";
import { icon } from "./icons.js";
import { matching } from "./listbox.js";
import { Suggestions } from "./suggestions.js";

const YES_NO = [{ label: "True", value: true }, { label: "False", value: false }];
const MOST_SHOWN = 25;

/** A field for one option. */
export class OptionField {
  constructor(page, option, { box, complete, onEnter, onNext, onRemove }) {
    Object.assign(this, { page, option, complete, onEnter, onNext, onRemove });
    this.chosen = null;
    this.id = freshId("option-field");
    this.node = this.textNode(box);
  }

  /** Whether nothing was given. */
  get isEmpty() {
    return !this.chosen && !this.input.value.trim();
  }

  /** Put the cursor here. */
  focus() {
    this.input.focus();
  }

  /** The option as it is sent. */
  wire(isFocused = false) {
    const wired = { name: this.option.name, type: this.option.type, value: this.value() };
    return isFocused ? { ...wired, value: this.input.value, focused: true } : wired;
  }

  /** What is wrong with the value, or null. */
  problem() {
    const { option } = this;
    if (option.type === OPTION.attachment) return "files cannot be given to commands here";
    if (this.isEmpty) return option.required ? "this is needed" : null;
    if (option.type === OPTION.string) return this.lengthProblem();
    if (option.type === OPTION.integer || option.type === OPTION.number) return this.numberProblem();
    return this.value() === null ? "choose one from the list" : null;
  }

  value() {
    const { option } = this;
    if (this.chosen) return this.chosen.value;
    const text = this.input.value;
    if (option.type === OPTION.string) return option.choices?.length ? this.exactChoice() : text;
    if (option.type === OPTION.integer || option.type === OPTION.number) return option.choices?.length ? this.exactChoice() : Number(text);
    return this.exactChoice();
  }

  exactChoice() {
    const wanted = this.input.value.trim().replace(/^[@#]/, "").toLowerCase();
    return this.localChoices().find((choice) => choice.label.toLowerCase() === wanted)?.value ?? null;
  }

  lengthProblem() {
    const { min_length: min = 0, max_length: max = 6000 } = this.option;
    if (this.value() === null) return "choose one from the list";
    const size = [...String(this.value())].length;
    return size < min ? `at least ${min} characters` : size > max ? `at most ${max} characters` : null;
  }

  numberProblem() {
    const { type, min_value: min, max_value: max } = this.option;
    const value = this.value();
    if (value === null) return "choose one from the list";
    if (!Number.isFinite(value)) return "this is not a number";
    if (type === OPTION.integer && !Number.isSafeInteger(value)) return "this is not a whole number";
    if (min !== undefined && value < min) return `at least ${min}`;
    return max !== undefined && value > max ? `at most ${max}` : null;
  }

  textNode(box) {
    const isNumber = this.option.type === OPTION.integer || this.option.type === OPTION.number;
    this.input = h("input", {
      type: "text", id: this.id, class: "option-input", autocomplete: "off", role: "combobox", size: 8, inputmode: isNumber ? "decimal" : null,
      "aria-required": String(Boolean(this.option.required)), title: localized(this.option, "description"),
    });
    this.suggestions = new Suggestions(this.input, h("div", { class: "suggestions", hidden: true }));
    this.input.addEventListener("input", () => this.typed());
    this.input.addEventListener("focus", () => this.entered(box));
    this.input.addEventListener("blur", () => this.suggestions.hide());
    this.input.addEventListener("keydown", (event) => this.keys(event));
    return h("span", { class: "option" }, this.label(), this.input, this.remover());
  }

  label() {
    return h("label", { class: "option-name", for: this.id }, localized(this.option, "name"));
  }

  remover() {
    if (!this.onRemove) return null;
    return h("button", { type: "button", class: "option-remove", "aria-label": `Remove ${localized(this.option, "name")}`, onclick: this.onRemove }, icon("close", 12));
  }

  entered(box) {
    box.replaceChildren(this.suggestions.box);
    box.hidden = false;
    this.offer();
  }

  typed() {
    this.chosen = null;
    this.input.size = Math.max(8, Math.min(40, this.input.value.length + 1));
    this.offer();
  }

  async offer() {
    const title = localized(this.option, "description") || localized(this.option, "name");
    if (!this.option.autocomplete) return this.list(title, matching(this.localChoices(), this.chosen ? "" : this.input.value.replace(/^[@#]/, "")));
    if (!this.suggestions.isShown) this.suggestions.show(title, [], { note: "Loading…" });
    const choices = await this.complete(this);
    if (choices === null || document.activeElement !== this.input) return null;
    return this.list(title, choices.map((choice) => ({ ...choice, label: String(localized(choice, "name")) })), choices.length ? null : "Nothing fits");
  }

  list(title, choices, note = null) {
    const items = choices.slice(0, MOST_SHOWN).map((choice) => ({ ...choice, key: String(choice.value), run: () => this.take(choice) }));
    this.suggestions.show(title, items, { note: note ?? (items.length ? null : this.hint()) });
  }

  /** What may be written when there is nothing to choose from. */
  hint() {
    const { type, min_value: min, max_value: max, choices } = this.option;
    if (type === OPTION.string && !choices?.length) return "Write anything";
    if (type !== OPTION.integer && type !== OPTION.number) return "Nothing fits";
    const bounds = [min === undefined ? "" : `from ${min}`, max === undefined ? "" : `up to ${max}`].filter(Boolean).join(" ");
    return `A ${type === OPTION.integer ? "whole number" : "number"} ${bounds}`.trim();
  }

  take(choice) {
    this.chosen = choice;
    this.input.value = choice.label;
    this.input.size = Math.max(8, Math.min(40, choice.label.length + 1));
    this.suggestions.hide();
    this.onNext();
  }

  localChoices() {
    const { store } = this.page;
    const { type, choices, channel_types: kinds } = this.option;
    if (choices?.length) return choices.map((choice) => ({ ...choice, label: String(localized(choice, "name")) }));
    if (type === OPTION.boolean) return YES_NO;
    if (type === OPTION.user) return userChoices(store);
    if (type === OPTION.role) return roleChoices(store);
    if (type === OPTION.channel) return channelChoices(store, kinds ?? []);
    return type === OPTION.mentionable ? [...userChoices(store), ...roleChoices(store)] : [];
  }

  keys(event) {
    const isListed = this.suggestions.isShown && this.suggestions.items.length > 0;
    const isSettled = event.key === "Enter" && this.chosen;
    if (!isSettled && event.key !== "Escape" && isListed && this.suggestions.key(event)) return;
    if (event.key === "Enter" && !event.isComposing) {
      event.preventDefault();
      this.onEnter();
    } else if (event.key === "Backspace" && !this.input.value && this.onRemove) {
      event.preventDefault();
      this.onRemove();
    }
  }
}
