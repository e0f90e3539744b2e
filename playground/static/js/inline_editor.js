/** Edits a message where it stands: Enter saves, Escape leaves it as it was. */

import { h } from "./dom.js";
import { askDelete } from "./message_menu.js";
import { toShown, toWire } from "./mention_text.js";

/** The field in place of the message's text; takes the focus once it is on the page. */
export function inlineEditor(page, message) {
  const { store } = page;
  const field = h("textarea", { class: "field editor", rows: 1, "aria-label": "Edit message", value: toShown(store, message.content ?? "") });
  const cancel = () => {
    store.setEditing(null);
    page.focusComposer();
  };
  const save = async () => {
    const content = toWire(store, field.value).trim();
    if (!content) return askDelete(page, message);
    if (content === message.content) return cancel();
    await page.actions.saveEdit(message, content);
    return page.focusComposer();
  };
  field.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "Escape") stop(event, cancel);
    else if (event.key === "Enter" && !event.shiftKey) stop(event, save);
  });
  field.addEventListener("input", () => grow(field));
  queueMicrotask(() => {
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
    grow(field);
  });
  return h("div", { class: "editing" }, field, h("div", { class: "editing-hint" },
    "escape to ", h("button", { type: "button", class: "link", onclick: cancel }, "cancel"),
    " • enter to ", h("button", { type: "button", class: "link", onclick: save }, "save")));
}

/** Let a text field be as tall as its text. */
export function grow(field) {
  field.style.setProperty("height", "auto");
  field.style.setProperty("height", `${field.scrollHeight}px`);
}

function stop(event, run) {
  event.preventDefault();
  event.stopPropagation();
  run();
}
