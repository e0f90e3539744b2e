/** Draws embeds as Discord lays them out. */

import { h, safeUrl } from "./dom.js";
import { anchor, markdown, markdownLine } from "./markdown_view.js";
import { picture } from "./media.js";
import { headTime } from "./times.js";

/** All embeds of a message, or nothing. */
export function embeds(store, list) {
  return (list ?? []).map((embed) => embedNode(store, embed));
}

/** A 24-bit colour number as CSS, or null. */
export function cssColour(number) {
  return Number.isInteger(number) ? `#${(number & 0xffffff).toString(16).padStart(6, "0")}` : null;
}

function embedNode(store, embed) {
  const colour = cssColour(embed.color);
  return h("article", { class: "embed", "aria-label": embed.title ? `Embed: ${embed.title}` : "Embed", vars: colour ? { "--bar": colour } : {} },
    h("div", { class: "embed-main" },
      embed.provider?.name ? h("div", { class: "embed-provider" }, embed.provider.name) : null,
      embed.author?.name ? h("div", { class: "embed-author" }, small(embed.author.icon_url), named(embed.author.url, embed.author.name)) : null,
      embed.title ? h("div", { class: "embed-title" }, named(embed.url, markdownLine(store, embed.title))) : null,
      embed.description ? markdown(store, embed.description, "embed-text") : null,
      fields(store, embed.fields),
      embed.image?.url ? picture({ ...embed.image, description: embed.image.description ?? embed.title }, "embed-image") : null,
      foot(embed)),
    embed.thumbnail?.url ? picture({ ...embed.thumbnail, description: embed.title }, "embed-thumbnail") : null);
}

function fields(store, list) {
  if (!list?.length) return null;
  return h("dl", { class: "embed-fields" }, list.map((field) => h("div", { class: field.inline ? "embed-field is-inline" : "embed-field" },
    h("dt", {}, markdownLine(store, field.name)), h("dd", {}, markdown(store, field.value)))));
}

function foot(embed) {
  const parts = [embed.footer?.text, embed.timestamp ? headTime(embed.timestamp) : null].filter(Boolean);
  return parts.length ? h("div", { class: "embed-foot" }, small(embed.footer?.icon_url), parts.join(" • ")) : null;
}

function named(address, words) {
  return address ? anchor(address, words) : words;
}

function small(address) {
  const src = address ? safeUrl(address) : null;
  if (!src) return null;
  const image = h("img", { src, alt: "", class: "embed-small", width: 20, height: 20 });
  image.addEventListener("error", () => image.remove());
  return image;
}
