/** Native modal dialogs: the browser keeps the focus inside and closes on Escape. */

import { freshId, h, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { closePopup } from "./popup.js";

/** Open a dialog with a title; `body` and `footer` are nodes. Returns `{dialog, close}`. */
export function openDialog({ title, body, footer = null, className = "", onClose = null }) {
  const id = freshId("dialog");
  const previous = document.activeElement;
  const dialog = h("dialog", { class: `dialog ${className}`.trim(), "aria-labelledby": id });
  const close = () => dialog.close();
  dialog.append(
    h("header", { class: "dialog-head" }, h("h2", { id }, title),
      h("button", { type: "button", class: "quiet", "aria-label": "Close", onclick: close }, icon("close"))),
    h("div", { class: "dialog-body" }, body),
  );
  if (footer) dialog.append(h("footer", { class: "dialog-foot" }, footer));
  dialog.addEventListener("close", () => {
    closePopup({ returnsFocus: false });
    dialog.remove();
    if (previous?.isConnected) previous.focus();
    onClose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
  return { dialog, close };
}

/** Ask before something is done; resolves to true or false. */
export function confirmDialog({ title, text, extra = null, yes }) {
  return new Promise((resolve) => {
    let isYes = false;
    const accept = h("button", { type: "button", class: "button is-danger", autofocus: true }, yes);
    const refuse = h("button", { type: "button", class: "button is-plain" }, "Cancel");
    const { close } = openDialog({ title, body: [h("p", {}, text), extra], footer: [refuse, accept], className: "is-small", onClose: () => resolve(isYes) });
    refuse.addEventListener("click", close);
    accept.addEventListener("click", () => {
      isYes = true;
      close();
    });
    accept.focus();
  });
}

/** Ask for a few words; resolves to them, or to null. */
export function askWords({ title, label, value, most, yes }) {
  return new Promise((resolve) => {
    let words = null;
    const id = freshId("field");
    const input = h("input", { id, class: "field", type: "text", maxlength: most, required: true, autocomplete: "off", value });
    const accept = h("button", { type: "submit", class: "button is-primary" }, yes);
    const refuse = h("button", { type: "button", class: "button is-plain" }, "Cancel");
    const form = h("form", { class: "form" },
      h("div", { class: "form-field" }, h("label", { for: id, class: "form-label" }, label), input), h("div", { class: "dialog-foot" }, refuse, accept));
    const { close } = openDialog({ title, body: form, className: "is-small", onClose: () => resolve(words) });
    refuse.addEventListener("click", close);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      words = input.value.trim() || null;
      if (words) close();
    });
    input.select();
  });
}

/** Show a picture as large as the window allows. */
export function openPicture(address, description) {
  const src = safeUrl(address);
  if (!src) return;
  const link = h("a", { href: src, target: "_blank", rel: "noopener noreferrer" }, "Open in its own tab");
  openDialog({ title: description || "Picture", body: [h("img", { src, alt: description || "" }), link], className: "is-picture" });
}
