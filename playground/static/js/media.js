/** Pictures, files and players of messages, with a plain tile where one cannot be shown. */

import { openPicture } from "./dialogs.js";
import { h, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { anchor, spoiler } from "./markdown_view.js";

const UNITS = ["bytes", "KB", "MB", "GB"];

/** All attachments of a message: pictures in a mosaic, the rest as tiles. */
export function attachments(list) {
  if (!list?.length) return null;
  const pictures = list.filter((one) => kindOf(one) === "image");
  const others = list.filter((one) => kindOf(one) !== "image");
  return h("div", { class: "attachments" },
    pictures.length ? gallery(pictures.map((one) => ({ ...one, isSpoiler: one.filename?.startsWith("SPOILER_") }))) : null,
    others.map((one) => attachment(one)));
}

/** A mosaic of pictures: `{url, description, width, height, isSpoiler}`. */
export function gallery(items) {
  return h("div", { class: "gallery", data: { count: String(Math.min(items.length, 5)) } }, items.map((item) => {
    const shown = picture(item, "gallery-picture");
    return h("div", { class: "gallery-cell" }, item.isSpoiler ? spoiler(shown, "div") : shown);
  }));
}

/** One picture that opens larger; becomes a tile when it cannot be loaded. */
export function picture({ url, proxy_url: proxyUrl, description, filename, width, height }, className = "") {
  const src = safeUrl(url ?? proxyUrl ?? "");
  if (!src || !url) return missing(description ?? filename);
  const alt = description || filename || "Picture without a description";
  const image = h("img", { src, alt, loading: "lazy", decoding: "async", width: width ?? null, height: height ?? null });
  const button = h("button", { type: "button", class: `picture ${className}`.trim(), "aria-label": `${alt}, enlarge`, onclick: () => openPicture(src, description || filename) }, image);
  image.addEventListener("error", () => button.replaceWith(missing(alt)));
  return button;
}

/** A file with its name and size. */
export function fileTile({ url, filename, size }) {
  const href = safeUrl(url ?? "");
  const name = filename || "file";
  return h("div", { class: "file" }, icon("file", 28),
    h("div", { class: "file-words" }, href && url ? anchor(href, name) : h("span", {}, name), h("small", {}, sizeWords(size))),
    href && url ? h("a", { class: "quiet", href, download: name, "aria-label": `Download ${name}` }, icon("download")) : null);
}

/** "12 KB". */
export function sizeWords(bytes) {
  if (!Number.isFinite(bytes)) return "";
  const step = bytes < 1 ? 0 : Math.min(UNITS.length - 1, Math.floor(Math.log(bytes) / Math.log(1024)));
  return `${(bytes / 1024 ** step).toFixed(step && bytes / 1024 ** step < 10 ? 1 : 0)} ${UNITS[step]}`;
}

function attachment(one) {
  const kind = kindOf(one);
  const src = safeUrl(one.url ?? "");
  if (kind === "video" && src) return h("video", { class: "player", src, controls: true, preload: "metadata", "aria-label": one.description || one.filename });
  if (kind === "audio" && src) return h("audio", { class: "player", src, controls: true, preload: "metadata", "aria-label": one.description || one.filename });
  return fileTile(one);
}

function missing(description) {
  return h("div", { class: "picture-missing", role: "img", "aria-label": description || "Picture" }, icon("eye", 18),
    h("span", {}, description || "A picture that is not on this machine"));
}

function kindOf({ content_type: type, filename }) {
  const named = /\.(png|jpe?g|gif|webp|avif)$/i.test(filename ?? "") ? "image" : "";
  return (type ?? "").split("/")[0] || named;
}
