/** Draws a markdown tree. Mentions are looked up in the store, so names stay current. */

import { h, safeUrl } from "./dom.js";
import { icon } from "./icons.js";
import { parse, parseInline, plainText } from "./markdown.js";
import { fullTime, markupTime } from "./times.js";

const ONLY_EMOJI = /^(?:\p{RGI_Emoji}|<a?:\w{2,32}:\d{1,20}>|\s)+$/v;
// As many as Discord shows large.
const MOST_LARGE_EMOJI = 30;
const TAGS = { bold: "strong", italic: "em", underline: "u", strike: "s" };

/** Draw a whole text with blocks. */
export function markdown(store, text, extraClass = "") {
  const large = isJumbo(text) ? " md-jumbo" : "";
  return h("div", { class: `md${large} ${extraClass}`.trim() }, parse(text).map((node) => draw(store, node)));
}

/** Draw one line without blocks. */
export function markdownLine(store, text) {
  return h("span", { class: "md-line" }, parseInline(text).map((node) => draw(store, node)));
}

/** The text in one plain line, with mentions by name. */
export function preview(store, text) {
  const named = String(text ?? "")
    .replace(/<@!?(\d{1,20})>/g, (_, id) => `@${store.userName(id)}`)
    .replace(/<#(\d{1,20})>/g, (_, id) => `#${store.channelName(id)}`)
    .replace(/<@&(\d{1,20})>/g, (_, id) => `@${store.roleName(id)}`);
  return plainText(parse(named)).replace(/\s+/g, " ").trim();
}

function isJumbo(text) {
  const trimmed = String(text ?? "").trim();
  return trimmed.length > 0 && trimmed.length <= MOST_LARGE_EMOJI * 12 && ONLY_EMOJI.test(trimmed);
}

const DRAW = {
  text: (store, node) => document.createTextNode(node.text),
  paragraph: (store, node) => h("div", { class: "md-text" }, all(store, node)),
  heading: (store, node) => h("div", { class: `md-h${node.level}`, role: "heading", "aria-level": node.level + 3 }, all(store, node)),
  subtext: (store, node) => h("div", { class: "md-sub" }, all(store, node)),
  quote: (store, node) => h("blockquote", {}, all(store, node)),
  fence: (store, node) => fence(node),
  list: (store, node) => list(store, node),
  code: (store, node) => h("code", {}, node.text),
  spoiler: (store, node) => spoiler(all(store, node)),
  link: (store, node) => anchor(node.address, all(store, node)),
  user: (store, node) => userMention(store, node.id),
  role: (store, node) => h("span", { class: "mention" }, `@${store.roleName(node.id)}`),
  channel: (store, node) => channelMention(store, node.id),
  command: (store, node) => h("span", { class: "mention" }, `/${node.name}`),
  emoji: (store, node) => h("span", { class: "custom-emoji", title: `:${node.name}:` }, `:${node.name}:`),
  everyone: (store, node) => h("span", { class: "mention" }, node.text),
  time: (store, node) => time(node),
};

function draw(store, node) {
  if (TAGS[node.type]) return h(TAGS[node.type], {}, all(store, node));
  return DRAW[node.type](store, node);
}

function all(store, node) {
  return node.children.map((child) => draw(store, child));
}

function fence(node) {
  const copy = h("button", { type: "button", class: "quiet fence-copy", "aria-label": "Copy code" }, icon("copy", 16));
  copy.addEventListener("click", async () => {
    await navigator.clipboard?.writeText(node.text);
    copy.replaceChildren(icon("check", 16));
  });
  return h("div", { class: "fence" },
    h("pre", { tabindex: "0", "aria-label": node.language ? `Code in ${node.language}` : "Code" }, h("code", {}, node.text)), copy);
}

function list(store, node) {
  const items = node.items.map((item) => h("li", {}, all(store, item)));
  return node.ordered ? h("ol", { start: node.start }, items) : h("ul", {}, items);
}

/** Hide *content* until it is asked for by click, Enter or Space. */
export function spoiler(content, tag = "span") {
  const inner = h(tag, { class: "spoiler-inner", "aria-hidden": "true", inert: true }, content);
  const outer = h(tag, { class: "spoiler", role: "button", tabindex: "0", "aria-label": "Spoiler, show it" }, inner);
  const reveal = (event) => {
    if (event.type === "keydown" && event.key !== "Enter" && event.key !== " ") return;
    if (outer.classList.contains("is-shown")) return;
    event.preventDefault();
    event.stopPropagation();
    outer.classList.add("is-shown");
    for (const name of ["role", "tabindex", "aria-label"]) outer.removeAttribute(name);
    inner.removeAttribute("aria-hidden");
    inner.removeAttribute("inert");
  };
  outer.addEventListener("click", reveal);
  outer.addEventListener("keydown", reveal);
  return outer;
}

/** A link that opens elsewhere, or only its words when the address is not plain http(s). */
export function anchor(address, children) {
  const href = safeUrl(address);
  if (!href) return h("span", {}, children);
  return h("a", { href, target: "_blank", rel: "noopener noreferrer nofollow", title: href }, children);
}

function userMention(store, id) {
  const label = `@${store.userName(id)}`;
  return h("button", { type: "button", class: "mention", data: { profile: id } }, label);
}

function channelMention(store, id) {
  const known = store.channel(id);
  return h("button", { type: "button", class: "mention", data: known ? { channel: id } : {} }, `#${store.channelName(id)}`);
}

function time(node) {
  const words = markupTime(node.seconds, node.style);
  if (words === null) return document.createTextNode(node.raw);
  const iso = new Date(node.seconds * 1000).toISOString();
  return h("time", { class: "md-time", datetime: iso, title: fullTime(iso), "data-relative": node.style === "R" }, words);
}
