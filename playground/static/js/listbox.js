/** Choosing from a list: one or several, with a filter when the list is long. */

import { freshId, h } from "./dom.js";
import { icon } from "./icons.js";
import { closePopup, isPopupOf, openPopup, replacePopup } from "./popup.js";

const FILTER_FROM = 9;

/**
 * A button that opens a list. `choices` are `{value, label, description?, picture?, isDefault?}`;
 * `onChoose(values)` is called once the choice is made.
 */
export function selectButton({ label, placeholder, choices, min = 1, max = 1, isDisabled = false, onChoose }) {
  let chosen = choices.filter((choice) => choice.isDefault).map((choice) => choice.value);
  const words = h("span", { class: "select-words" });
  const button = h("button", {
    type: "button", class: "select", "aria-haspopup": "listbox", "aria-expanded": "false", "aria-label": label, disabled: isDisabled || !choices.length,
  }, words, icon("down", 18));
  const show = () => {
    const names = choices.filter((choice) => chosen.includes(choice.value)).map((choice) => choice.label);
    words.textContent = names.join(", ") || placeholder;
    words.classList.toggle("is-empty", !names.length);
    button.setAttribute("aria-label", names.length ? `${label}: ${names.join(", ")}` : `${label}: ${placeholder}`);
  };
  const take = (values) => {
    const isChanged = values.length !== chosen.length || values.some((value) => !chosen.includes(value));
    chosen = values;
    show();
    if (isChanged || max === 1) onChoose(values);
  };
  button.addEventListener("click", () => {
    if (isPopupOf(button)) closePopup();
    else openChoices(button, { label, choices, chosen, min, max, take });
  });
  show();
  return button;
}

function openChoices(button, { label, choices, chosen, min, max, take }) {
  const picked = new Set(chosen);
  const isMany = max > 1;
  const id = freshId("list");
  const list = h("div", { role: "listbox", id, tabindex: "-1", "aria-label": label, "aria-multiselectable": String(isMany), class: "choices" });
  const filter = choices.length >= FILTER_FROM ? filterField(id, label) : null;
  const state = { choices, shown: choices, at: Math.max(0, choices.findIndex((one) => picked.has(one.value))), picked, list, isMany, min, max };
  state.holder = filter ?? list;
  const done = () => {
    button.setAttribute("aria-expanded", "false");
    if (isMany && picked.size >= min) take([...picked]);
  };
  state.pick = (choice) => pick(state, choice, take);
  drawChoices(state);
  const hint = isMany ? h("div", { class: "choices-hint" }, min === max ? `Choose ${max}` : `Choose ${min} to ${max}, then close`) : null;
  if (filter) {
    filter.addEventListener("input", () => {
      state.shown = matching(choices, filter.value);
      state.at = 0;
      drawChoices(state);
      replacePopup();
    });
  }
  const body = h("div", { class: "choices-box" }, filter, list, hint);
  body.addEventListener("keydown", (event) => choiceKeys(event, state));
  openPopup(button, body, { className: "is-choices", onClose: done, takesFocus: false });
  body.parentElement.style.setProperty("min-width", `${Math.max(220, button.offsetWidth)}px`);
  button.setAttribute("aria-expanded", "true");
  state.holder.focus({ preventScroll: true });
  markActive(state);
}

function filterField(id, label) {
  return h("input", {
    type: "text", class: "field choices-filter", placeholder: "Filter", role: "combobox", "aria-expanded": "true",
    "aria-controls": id, "aria-label": `Filter ${label}`, autocomplete: "off",
  });
}

function drawChoices(state) {
  state.list.replaceChildren(...state.shown.map((choice) => choiceNode(choice, state)));
  if (!state.shown.length) state.list.append(h("div", { class: "choices-none" }, "Nothing fits"));
  markActive(state);
}

function choiceNode(choice, state) {
  const isPicked = state.picked.has(choice.value);
  return h("div", {
    role: "option", id: freshId("option"), class: "choice", "aria-selected": String(isPicked),
    onclick: () => state.pick(choice), onpointermove: () => hover(state, choice),
  }, choice.picture?.(), h("span", { class: "choice-words" }, choice.label, choice.description ? h("small", {}, choice.description) : null),
  isPicked ? icon("check", 18) : null);
}

function hover(state, choice) {
  const at = state.shown.indexOf(choice);
  if (at === state.at) return;
  state.at = at;
  markActive(state);
}

function markActive(state) {
  const nodes = [...state.list.querySelectorAll(".choice")];
  nodes.forEach((node, index) => node.classList.toggle("is-active", index === state.at));
  const active = nodes[state.at];
  state.holder.setAttribute("aria-activedescendant", active?.id ?? "");
  active?.scrollIntoView({ block: "nearest" });
}

function pick(state, choice, take) {
  const { picked, isMany, min, max } = state;
  if (!isMany) {
    const isAgain = picked.has(choice.value) && min === 0;
    closePopup();
    take(isAgain ? [] : [choice.value]);
    return;
  }
  if (picked.has(choice.value)) picked.delete(choice.value);
  else if (picked.size < max) picked.add(choice.value);
  drawChoices(state);
}

function choiceKeys(event, state) {
  const last = state.shown.length - 1;
  const moves = { ArrowDown: state.at >= last ? 0 : state.at + 1, ArrowUp: state.at <= 0 ? last : state.at - 1, Home: 0, End: last };
  const isTyping = event.target.tagName === "INPUT";
  if (event.key in moves && !(isTyping && (event.key === "Home" || event.key === "End"))) {
    event.preventDefault();
    state.at = moves[event.key];
    markActive(state);
  } else if (event.key === "Enter" || (event.key === " " && !isTyping)) {
    event.preventDefault();
    if (state.shown[state.at]) state.pick(state.shown[state.at]);
  } else if (event.key === "Tab") closePopup();
}

/** The choices whose words hold *text*, those that begin with it first. */
export function matching(choices, text) {
  const wanted = text.trim().toLowerCase();
  if (!wanted) return choices;
  const found = choices.filter((one) => `${one.label} ${one.keywords ?? ""}`.toLowerCase().includes(wanted));
  return found.sort((a, b) => Number(b.label.toLowerCase().startsWith(wanted)) - Number(a.label.toLowerCase().startsWith(wanted)));
}
