/** The slash command being written: a chip with its name, a field for each option, and what is wrong. */

import { commandData, localized, OPTION, shownDescription, shownName } from "./commands.js";
import { fill, h, put } from "./dom.js";
import { icon } from "./icons.js";
import { INTERACTION } from "./interactions.js";
import { OptionField } from "./option_field.js";

/** Takes the composer's place while a command is filled in. */
export class CommandForm {
  constructor(page, box, { onDone, suggestions }) {
    this.page = page;
    this.box = box;
    this.onDone = onDone;
    this.suggestionsBox = suggestions;
    this.entry = null;
    this.fields = [];
  }

  /** Begin to fill in *entry*. */
  start(entry) {
    this.entry = entry;
    this.fields = entry.options.filter((option) => option.required).map((option) => this.fieldOf(option));
    this.draw();
    this.box.hidden = false;
    this.focusNext();
  }

  /** Leave the command. */
  leave() {
    this.entry = null;
    this.fields = [];
    this.box.hidden = true;
    this.box.replaceChildren();
    this.suggestionsBox.hidden = true;
    this.onDone();
  }

  fieldOf(option) {
    return new OptionField(this.page, option, {
      box: this.suggestionsBox,
      complete: (field) => this.page.interactions.complete(commandData(this.entry, this.values(field))),
      onEnter: () => this.run(),
      onNext: () => this.focusNext(),
      onRemove: option.required ? null : () => this.drop(option),
    });
  }

  draw() {
    const { entry } = this;
    const name = h("span", { class: "command-name" }, `/${shownName(entry)}`);
    const rest = entry.options.filter((option) => option.type !== OPTION.attachment && !this.fields.some((field) => field.option === option));
    this.trouble = h("div", { class: "trouble", role: "alert" });
    this.runButton = h("button", { type: "submit", class: "quiet is-send", "aria-label": `Run /${shownName(entry)}` }, icon("send"));
    const line = h("div", { class: "command-line" }, name, this.fields.map((field) => field.node), rest.map((option) => this.adder(option)));
    const cancel = h("button", { type: "button", class: "quiet", "aria-label": "Leave this command", onclick: () => this.leave() }, icon("close"));
    const form = h("form", { class: "command", "aria-label": `Command ${shownName(entry)}`, novalidate: true },
      h("div", { class: "command-about" }, shownDescription(entry)), h("div", { class: "command-body" }, line, cancel, this.runButton), this.trouble);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.run();
    });
    form.addEventListener("keydown", (event) => this.keys(event));
    fill(this.box, form);
  }

  adder(option) {
    return h("button", { type: "button", class: "option-add", title: localized(option, "description"), onclick: () => this.add(option) }, icon("plus", 14), localized(option, "name"));
  }

  add(option) {
    const field = this.fieldOf(option);
    this.fields.push(field);
    this.draw();
    field.focus();
  }

  drop(option) {
    this.fields = this.fields.filter((field) => field.option !== option);
    this.draw();
    this.focusNext();
  }

  focusNext() {
    const next = this.fields.find((field) => field.option.required && field.isEmpty);
    if (next) next.focus();
    else this.runButton.focus();
  }

  keys(event) {
    if (event.key === "Escape") this.leave();
    else if (event.key === "Backspace" && event.target === this.runButton) this.leave();
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  values(focused = null) {
    return this.fields.filter((field) => field === focused || !field.isEmpty).map((field) => field.wire(field === focused));
  }

  async run() {
    const bad = this.fields.find((field) => field.problem());
    if (bad) {
      fill(this.trouble, icon("alert", 16), `${localized(bad.option, "name")}: ${bad.problem()}`);
      return bad.focus();
    }
    const { entry } = this;
    const data = commandData(entry, this.values());
    this.leave();
    const failure = await this.page.interactions.perform(INTERACTION.command, data);
    if (failure) this.page.notice(`/${shownName(entry)} was not answered: ${failure}`);
    return null;
  }
}

/** A row of the palette for *entry*. */
export function entryItem(page, entry, run) {
  const needed = entry.options.filter((option) => option.required).map((option) => localized(option, "name"));
  return {
    key: shownName(entry), description: shownDescription(entry), hint: page.store.appName, run,
    label: put(h("span", { class: "command-title" }, `/${shownName(entry)}`), needed.map((name) => h("span", { class: "option-need" }, name))),
  };
}
