/** Forms the application opens: text inputs, selects, radio and checkbox groups. */

import { COMPONENT, emoji, selectChoices } from "./components.js";
import { openDialog } from "./dialogs.js";
import { freshId, h, put } from "./dom.js";
import { icon } from "./icons.js";
import { INTERACTION } from "./interactions.js";
import { selectButton } from "./listbox.js";
import { markdown } from "./markdown_view.js";

const PARAGRAPH = 2;

/** Open the form of a `PLAY_MODAL` event for the channel on show. */
export function openModal(page, modal) {
  const channelId = modal.channel_id ?? page.store.channelId;
  const trouble = h("div", { class: "trouble", role: "alert" });
  const parts = (modal.components ?? []).map((component) => part(page.store, component));
  const submit = h("button", { type: "submit", class: "button is-primary" }, "Submit");
  const cancel = h("button", { type: "button", class: "button is-plain" }, "Cancel");
  const form = h("form", { class: "form", novalidate: true }, parts.map((one) => one.node), trouble, h("div", { class: "dialog-foot" }, cancel, submit));
  const { close, dialog } = openDialog({ title: modal.title, body: form, className: "is-form" });
  cancel.addEventListener("click", close);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const wrong = parts.map((one) => one.check?.()).filter(Boolean);
    if (wrong.length) return;
    submit.disabled = true;
    const data = { id: modal.interaction_id, custom_id: modal.custom_id, components: parts.map((one) => one.data()).filter(Boolean) };
    const failure = await page.interactions.perform(INTERACTION.modal, data, { channelId, messageId: modal.message_id ?? modal.message?.id ?? null });
    submit.disabled = false;
    if (!failure) close();
    else trouble.replaceChildren(icon("alert", 16), failure);
  });
  dialog.querySelector("input, textarea, .select")?.focus();
}

function part(store, component) {
  if (component.type === COMPONENT.text) return { node: markdown(store, component.content), data: () => ({ type: component.type, id: component.id }) };
  if (component.type === COMPONENT.label) {
    const control = controlOf(store, component.component, component.label, component.description);
    return { ...control, data: () => ({ type: component.type, id: component.id, component: control.value() }) };
  }
  const controls = (component.components ?? []).map((child) => controlOf(store, child, child.label));
  return {
    node: h("div", { class: "form-row" }, controls.map((one) => one.node)),
    check: () => controls.map((one) => one.check()).find(Boolean) ?? null,
    data: () => ({ type: component.type, id: component.id, components: controls.map((one) => one.value()) }),
  };
}

function controlOf(store, component, label, description = null) {
  const make = CONTROLS[component.type] ?? selectControl;
  const field = { id: freshId("field"), label: label || component.placeholder || "Answer", isRequired: component.required !== false };
  const control = make(store, component, field);
  const wrong = h("div", { class: "trouble", id: `${field.id}-wrong`, role: "alert" });
  const isGroup = component.type === COMPONENT.radioGroup || component.type === COMPONENT.checkboxGroup;
  const labelNode = h(isGroup ? "div" : "label", { for: isGroup ? null : field.id, id: `${field.id}-label`, class: "form-label" }, field.label,
    field.isRequired && component.type !== COMPONENT.checkbox ? h("span", { class: "required", "aria-hidden": "true" }, " *") : null);
  const node = h("div", { class: "form-field" }, labelNode,
    description ? h("div", { class: "form-hint", id: `${field.id}-hint` }, description) : null, control.node, wrong);
  control.focusable.setAttribute("aria-describedby", `${field.id}-hint ${field.id}-wrong`);
  const check = () => {
    const problem = control.problem();
    wrong.textContent = problem ?? "";
    control.focusable.setAttribute("aria-invalid", String(Boolean(problem)));
    if (problem && !document.activeElement?.matches("[aria-invalid='true']")) control.focusable.focus();
    return problem;
  };
  return { node, check, value: () => ({ type: component.type, id: component.id, custom_id: component.custom_id, ...control.value() }) };
}

function textControl(_store, component, { id, isRequired }) {
  const isLong = component.style === PARAGRAPH;
  const input = h(isLong ? "textarea" : "input", {
    id, class: "field", placeholder: component.placeholder ?? null, maxlength: component.max_length ?? 4000, required: isRequired,
    rows: isLong ? 4 : null, type: isLong ? null : "text", autocomplete: "off", value: component.value ?? "",
  });
  const problem = () => {
    if (isRequired && !input.value.trim()) return "This is needed.";
    const isShort = input.value && input.value.length < (component.min_length ?? 0);
    return isShort ? `At least ${component.min_length} characters.` : null;
  };
  return { node: input, focusable: input, problem, value: () => ({ value: input.value }) };
}

function selectControl(store, component, { label, isRequired }) {
  const choices = selectChoices(store, component);
  if (!choices) return unknownControl(component);
  let values = choices.filter((choice) => choice.isDefault).map((choice) => choice.value);
  const min = component.min_values ?? 1;
  const node = selectButton({
    label, placeholder: component.placeholder || "Make a selection", choices, min: isRequired ? min : 0, max: component.max_values ?? 1,
    onChoose: (chosen) => { values = chosen; },
  });
  const problem = () => (isRequired && values.length < Math.max(1, min) ? "Choose something." : null);
  return { node, focusable: node, problem, value: () => ({ values }) };
}

function groupControl(kind) {
  return (_store, component, { id, isRequired }) => {
    const inputs = (component.options ?? []).map((option) => h("input", { type: kind, name: id, value: option.value, checked: Boolean(option.default) }));
    const rows = (component.options ?? []).map((option, index) => h("label", { class: "tick" }, inputs[index],
      h("span", {}, emoji(option.emoji), option.label, option.description ? h("small", {}, option.description) : null)));
    const node = h("div", { id, role: kind === "radio" ? "radiogroup" : "group", "aria-labelledby": `${id}-label`, class: "ticks", tabindex: "-1" }, rows);
    const chosen = () => inputs.filter((input) => input.checked).map((input) => input.value);
    const least = isRequired ? Math.max(1, component.min_values ?? 1) : 0;
    const problem = () => {
      if (chosen().length < least) return `Choose at least ${least}.`;
      return kind === "checkbox" && chosen().length > (component.max_values ?? inputs.length) ? `Choose at most ${component.max_values}.` : null;
    };
    return { node, focusable: node, problem, value: () => (kind === "radio" ? { value: chosen()[0] ?? null } : { values: chosen() }) };
  };
}

function checkboxControl(_store, component, { id }) {
  const input = h("input", { type: "checkbox", id, checked: Boolean(component.default) });
  return { node: input, focusable: input, problem: () => null, value: () => ({ value: input.checked }) };
}

function unknownControl(component) {
  const node = put(h("div", { class: "form-hint" }), component.type === COMPONENT.fileUpload ? "Files cannot be given in a form here." : "This control is not known here.");
  return { node, focusable: node, problem: () => null, value: () => ({ values: [] }) };
}

const CONTROLS = {
  [COMPONENT.textInput]: textControl,
  [COMPONENT.radioGroup]: groupControl("radio"),
  [COMPONENT.checkboxGroup]: groupControl("checkbox"),
  [COMPONENT.checkbox]: checkboxControl,
};
