/** Draws one message: head, reply line, text, extras, reactions, and its state. */

import { components } from "./components.js";
import { h, put } from "./dom.js";
import { openEmojiPicker } from "./emoji.js";
import { embeds } from "./embeds.js";
import { avatar } from "./faces.js";
import { icon } from "./icons.js";
import { markdown, preview } from "./markdown_view.js";
import { attachments } from "./media.js";
import { messageTools, reactionChip, toggle } from "./message_menu.js";
import { inlineEditor } from "./inline_editor.js";
import { forwarded } from "./passing_on.js";
import { displayName, isEphemeral, isMentioning } from "./store.js";
import { clockTime, fullTime, headTime } from "./times.js";

const FLAG = { suppressEmbeds: 4, loading: 128, silent: 4096 };
const KIND = { chat: 0, reply: 19, slash: 20, threadStarter: 21, context: 23 };
const SYSTEM_LINES = {
  1: "added someone to the conversation", 2: "removed someone from the conversation", 4: "changed the name of the conversation",
  6: "pinned a message to this channel", 7: "just arrived", 18: "started a thread", 21: "opened this thread",
};

/** The node of *record*; *isFollowing* leaves out the head of a message in a row. */
export function messageNode(page, record, isFollowing) {
  const { store } = page;
  const { message } = record;
  const guild = store.guildOf(message.channel_id);
  const member = guild?.members?.find((one) => one.user?.id === store.me?.id);
  const node = h("article", {
    class: classes(store, record, isFollowing, member), tabindex: "-1", data: { message: message.id }, "aria-label": spoken(store, record),
  });
  node.addEventListener("contextmenu", (event) => page.openMessageMenuAt(event, record));
  if (isSystem(message)) return put(node, systemLine(store, message));
  return put(node,
    isFollowing ? null : lead(store, message),
    gutter(store, message, isFollowing),
    h("div", { class: "message-main" }, isFollowing ? null : head(store, message), content(page, record), foot(page, record)),
    messageTools(page, record));
}

/** Whether *record* can stand under *before* without a head of its own. */
export function isFollowingOf(record, before, gapMs) {
  const [one, other] = [record.message, before?.message];
  if (!other || isSystem(one) || isSystem(other)) return false;
  if (one.author?.id !== other.author?.id || one.referenced_message || one.message_reference || usedBy(one)) return false;
  if (isEphemeral(one) !== isEphemeral(other) || (one.webhook_id && displayName(one.author) !== displayName(other.author))) return false;
  return new Date(one.timestamp) - new Date(other.timestamp) < gapMs;
}

function classes(store, record, isFollowing, member) {
  const { message } = record;
  return ["message", isFollowing ? "is-following" : "is-first", isMentioning(message, store.me, member) ? "is-mention" : "", isEphemeral(message) ? "is-ephemeral" : "",
    record.state === "sent" ? "" : `is-${record.state}`, store.reply?.message.id === message.id ? "is-replied" : "", store.isApp(message.author?.id) ? "is-app" : ""].filter(Boolean).join(" ");
}

function spoken(store, { message }) {
  return `${displayName(message.author)}, ${headTime(message.timestamp)}: ${preview(store, message.content).slice(0, 120) || "no text"}`;
}

function isSystem(message) {
  return (message.type ?? 0) in SYSTEM_LINES;
}

function systemLine(store, message) {
  return h("div", { class: "system-line" }, icon("right", 16), h("span", {}, h("strong", {}, store.userName(message.author.id)), ` ${SYSTEM_LINES[message.type]}. `,
    message.type === 18 && message.content ? h("em", {}, message.content) : null), h("time", { datetime: message.timestamp, title: fullTime(message.timestamp) }, headTime(message.timestamp)));
}

function lead(store, message) {
  const used = usedBy(message);
  if (used) return h("div", { class: "lead" }, avatar(used.user, { size: 16, isCompanion: store.isApp(used.user.id) }), h("strong", {}, displayName(used.user)), " used ", h("span", { class: "mention" }, used.name ? `/${used.name}` : "an app"));
  if (message.type !== KIND.reply) return null;
  const original = message.referenced_message;
  if (!original) return h("div", { class: "lead" }, icon("reply", 16), h("em", {}, "The original message was deleted"));
  const isPinged = message.mentions?.some((user) => user.id === original.author?.id);
  const words = preview(store, original.content) || (original.attachments?.length ? "An attachment" : "A card");
  return h("button", { type: "button", class: "lead", data: { jump: original.id }, "aria-label": `In reply to ${displayName(original.author)}: ${words.slice(0, 80)}` },
    avatar(original.author, { size: 16, isCompanion: store.isApp(original.author?.id) }), h("strong", {}, `${isPinged ? "@" : ""}${displayName(original.author)}`), h("span", { class: "lead-words" }, words));
}

function usedBy(message) {
  const metadata = message.interaction_metadata ?? message.interaction;
  if (!metadata?.user || ![KIND.slash, KIND.context].includes(message.type)) return null;
  return { user: metadata.user, name: message.interaction?.name ?? metadata.name ?? null };
}

function gutter(store, message, isFollowing) {
  if (isFollowing) return h("time", { class: "gutter-time", datetime: message.timestamp, title: fullTime(message.timestamp) }, clockTime(message.timestamp));
  return h("button", { type: "button", class: "gutter", tabindex: "-1", "aria-label": `About ${displayName(message.author)}`, data: { profile: message.author?.id } },
    avatar(message.author, { size: 40, isCompanion: store.isApp(message.author?.id) }));
}

function head(store, message) {
  return h("div", { class: "head" },
    h("button", { type: "button", class: "name", tabindex: "-1", data: { profile: message.author?.id } }, authorName(store, message)),
    message.author?.bot ? h("span", { class: "tag" }, "APP") : null,
    h("time", { datetime: message.timestamp, title: fullTime(message.timestamp) }, headTime(message.timestamp)),
    (message.flags ?? 0) & FLAG.silent ? h("span", { class: "quiet-mark", title: "Sent without a notification" }, icon("bell", 14)) : null);
}

function authorName(store, { author, webhook_id: webhookId }) {
  // a webhook has another name with each message
  const known = webhookId && !store.isApp(author?.id) ? "unknown-user" : store.userName(author?.id);
  return known === "unknown-user" ? displayName(author) : known;
}

function content(page, record) {
  const { store } = page;
  const { message } = record;
  if (store.editing === message.id) return inlineEditor(page, message);
  if ((message.flags ?? 0) & FLAG.loading) return thinking(store, message);
  const edited = message.edited_timestamp ? h("span", { class: "edited", title: fullTime(message.edited_timestamp) }, "(edited)") : null;
  const text = message.content ? markdown(store, message.content) : null;
  if (text && edited) (text.lastElementChild?.classList.contains("md-text") ? text.lastElementChild : text).append(" ", edited);
  return [
    text,
    forwarded(store, message),
    attachments(shownAttachments(message)),
    localFiles(message),
    (message.flags ?? 0) & FLAG.suppressEmbeds ? null : embeds(store, message.embeds),
    (message.sticker_items ?? []).map((sticker) => h("div", { class: "sticker" }, icon("spark", 22), `Sticker: ${sticker.name}`)),
    components(page, message),
    text ? null : edited,
  ];
}

function shownAttachments(message) {
  const isLayout = (message.flags ?? 0) & (1 << 15);
  return isLayout ? [] : message.attachments;
}

function localFiles(message) {
  if (!message.local_files?.length || message.attachments?.length) return null;
  return h("div", { class: "local-files" }, message.local_files.map((file) => h("span", { class: "file-chip" }, icon("file", 16), file.name)));
}

function thinking(store, message) {
  return h("div", { class: "thinking" }, dots(), `${displayName(message.author)} is thinking…`);
}

/** Three dots that breathe, unless motion is unwanted. */
export function dots() {
  return h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
}

function foot(page, record) {
  const { message } = record;
  return [reactions(page, message), record.state === "failed" ? failed(page, record) : null, isEphemeral(message) ? onlyYou(page, message) : null, thread(page, message)];
}

function thread(page, message) {
  const known = message.thread && page.store.channel(message.thread.id);
  return known ? h("button", { type: "button", class: "thread-chip", data: { channel: known.id } }, icon("thread", 16), known.name) : null;
}

function reactions(page, message) {
  if (!message.reactions?.length) return null;
  const add = h("button", { type: "button", class: "reaction is-add", "aria-label": "Add a reaction" }, icon("smile", 18));
  add.addEventListener("click", () => openEmojiPicker(add, (character) => toggle(page, message, character), { align: "start" }));
  return h("div", { class: "reactions", role: "group", "aria-label": "Reactions" }, message.reactions.map((one) => reactionChip(page, message, one)), add);
}

function failed(page, record) {
  return h("div", { class: "trouble", role: "alert" }, icon("alert", 16), `Not sent. ${record.error ?? ""}`,
    h("button", { type: "button", class: "link", onclick: () => page.actions.resend(record) }, "Try again"),
    h("button", { type: "button", class: "link", onclick: () => page.actions.remove(record.message) }, "Discard"));
}

function onlyYou(page, message) {
  return h("div", { class: "only-you" }, icon("eye", 16), "Only you can see this • ",
    h("button", { type: "button", class: "link", onclick: () => page.actions.remove(message) }, "Dismiss message"));
}
