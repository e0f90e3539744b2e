/** Draws message components, the first kind and the second, and reports their use. */

import { h, put, safeUrl } from "./dom.js";
import { cssColour } from "./embeds.js";
import { channelChoices, roleChoices, userChoices } from "./entities.js";
import { icon } from "./icons.js";
import { INTERACTION } from "./interactions.js";
import { selectButton } from "./listbox.js";
import { markdown, spoiler } from "./markdown_view.js";
import { fileTile, gallery, picture } from "./media.js";

const BUTTON_STYLES = { 1: "is-primary", 2: "is-plain", 3: "is-success", 4: "is-danger", 5: "is-plain", 6: "is-primary" };
/** Component kinds as Discord numbers them. */
export const COMPONENT = {
  row: 1, button: 2, stringSelect: 3, textInput: 4, userSelect: 5, roleSelect: 6, mentionableSelect: 7, channelSelect: 8, section: 9,
  text: 10, thumbnail: 11, gallery: 12, file: 13, separator: 14, container: 17, label: 18, fileUpload: 19, radioGroup: 21, checkboxGroup: 22, checkbox: 23,
};

/** All components of one message; a use that fails is told below them. */
export function components(page, message) {
  if (!message.components?.length) return null;
  const root = h("div", { class: "components" });
  const trouble = h("div", { class: "trouble", role: "status" });
  const use = async (control, component, values) => {
    trouble.replaceChildren();
    control.classList.add("is-busy");
    control.setAttribute("aria-busy", "true");
    const data = { custom_id: component.custom_id, component_type: component.type };
    if (values) data.values = values;
    const failure = await page.interactions.perform(INTERACTION.component, data, { messageId: message.id, channelId: message.channel_id });
    control.classList.remove("is-busy");
    control.removeAttribute("aria-busy");
    if (failure) put(trouble, icon("alert", 16), failure);
  };
  const scene = { store: page.store, message, use };
  return put(root, message.components.map((component) => draw(scene, component)), trouble);
}

const DRAW = {
  [COMPONENT.row]: (scene, one) => h("div", { class: "row" }, children(scene, one)),
  [COMPONENT.button]: button,
  [COMPONENT.section]: (scene, one) => h("div", { class: "section" }, h("div", { class: "section-words" }, children(scene, one)), one.accessory ? draw(scene, one.accessory) : null),
  [COMPONENT.text]: (scene, one) => markdown(scene.store, one.content, "text-display"),
  [COMPONENT.thumbnail]: (scene, one) => hide(one, picture({ ...media(scene, one.media), description: one.description }, "thumbnail")),
  [COMPONENT.gallery]: (scene, one) => gallery((one.items ?? []).map((item) => ({ ...media(scene, item.media), description: item.description, isSpoiler: item.spoiler }))),
  [COMPONENT.file]: (scene, one) => hide(one, file(scene, one)),
  [COMPONENT.separator]: (scene, one) => h("div", { class: `separator${one.divider === false ? "" : " is-line"}${one.spacing === 2 ? " is-wide" : ""}`, role: one.divider === false ? "presentation" : "separator" }),
  [COMPONENT.container]: container,
};

function draw(scene, component) {
  if (DRAW[component.type]) return DRAW[component.type](scene, component);
  const choices = selectChoices(scene.store, component);
  return choices ? select(scene, component, choices) : null;
}

function children(scene, component) {
  return (component.components ?? []).map((child) => draw(scene, child));
}

function container(scene, one) {
  const colour = cssColour(one.accent_color);
  const box = h("div", { class: `container${colour ? " has-accent" : ""}`, vars: colour ? { "--bar": colour } : {} }, children(scene, one));
  return hide(one, box);
}

function button(scene, one) {
  const words = [emoji(one.emoji), one.label];
  const className = `button ${BUTTON_STYLES[one.style] ?? "is-plain"}`;
  const label = one.label || one.emoji?.name || "Button";
  const href = one.style === 5 ? safeUrl(one.url ?? "") : null;
  if (href && !one.disabled) return h("a", { class: className, href, target: "_blank", rel: "noopener noreferrer nofollow" }, words, icon("external", 16));
  const node = h("button", { type: "button", class: className, disabled: Boolean(one.disabled) || one.style >= 5, "aria-label": one.label ? null : label }, words);
  node.addEventListener("click", () => {
    if (!node.classList.contains("is-busy")) scene.use(node, one, null);
  });
  return node;
}

function select(scene, one, choices) {
  const placeholder = one.placeholder || "Make a selection";
  const node = selectButton({
    label: placeholder, placeholder, choices, min: one.min_values ?? 1, max: Math.min(one.max_values ?? 1, Math.max(1, choices.length)),
    isDisabled: Boolean(one.disabled), onChoose: (values) => scene.use(node, one, values),
  });
  return node;
}

/** The choices a select of any kind offers here, or null for another component. */
export function selectChoices(store, one) {
  const defaults = new Set((one.default_values ?? []).map((value) => value.id));
  const marked = (list) => list.map((choice) => ({ ...choice, isDefault: defaults.has(choice.value) }));
  switch (one.type) {
    case COMPONENT.stringSelect: return (one.options ?? []).map((option) => ({ ...option, picture: () => emoji(option.emoji), isDefault: Boolean(option.default) }));
    case COMPONENT.userSelect: return marked(userChoices(store));
    case COMPONENT.roleSelect: return marked(roleChoices(store));
    case COMPONENT.mentionableSelect: return marked([...userChoices(store), ...roleChoices(store)]);
    case COMPONENT.channelSelect: return marked(channelChoices(store, one.channel_types ?? []));
    default: return null;
  }
}

/** An emoji as text: the character, or the name of a custom one. */
export function emoji(one) {
  if (!one?.name) return null;
  return h("span", { class: one.id ? "custom-emoji" : "emoji" }, one.id ? `:${one.name}:` : one.name);
}

function file(scene, one) {
  const found = media(scene, one.file);
  return fileTile({ url: found.url, filename: one.name ?? found.filename ?? nameFromUrl(found.url), size: one.size ?? found.size });
}

function media(scene, item) {
  const url = item?.url ?? "";
  if (!url.startsWith("attachment://")) return { ...item };
  return scene.message.attachments?.find((one) => one.filename === url.slice("attachment://".length)) ?? { url: null };
}

function nameFromUrl(url) {
  return decodeURIComponent(String(url ?? "").split(/[?#]/)[0].split("/").pop() || "file");
}

function hide(one, node) {
  return one.spoiler ? spoiler(node, "div") : node;
}
