/** Where one writes: text, reply bar, files, suggestions, emoji, and the way into commands. */

import { CommandForm, entryItem } from "./command_form.js";
import { matchingEntries, shownName, slashEntries } from "./commands.js";
import { fill, h, put } from "./dom.js";
import { openEmojiPicker } from "./emoji.js";
import { avatar } from "./faces.js";
import { FileTray } from "./file_tray.js";
import { icon } from "./icons.js";
import { grow } from "./inline_editor.js";
import { matching } from "./listbox.js";
import { toWire } from "./mention_text.js";
import { CHANNEL, displayName } from "./store.js";
import { Suggestions } from "./suggestions.js";

const MOST_SUGGESTED = 10;
const COUNT_FROM = 200;
const DEFAULT_LIMIT = 2000;
const NAME_BEFORE_CURSOR = /(^|[\s(])([@#])([\p{L}\p{N}_.\- ]{0,32})$/u;

/** The composer at the foot of the conversation. */
export class Composer {
  constructor(page, root) {
    this.page = page;
    this.root = root;
    this.drafts = new Map();
    this.build();
    this.listen();
  }

  build() {
    this.field = h("textarea", { id: "composer-input", class: "composer-field", rows: 1, role: "combobox", "aria-label": "Message", autocomplete: "off" });
    this.suggestBox = h("div", { class: "suggestions", hidden: true });
    this.optionBox = h("div", { class: "suggestions-host", hidden: true });
    this.replyBar = h("div", { class: "reply-bar", hidden: true });
    this.formBox = h("div", { hidden: true });
    this.count = h("span", { class: "count", role: "status", hidden: true });
    this.trayBox = h("div", { class: "tray", hidden: true });
    this.tray = new FileTray(this.trayBox, { limits: () => this.page.store.limits, onChange: () => this.field.focus(), onTrouble: (text) => this.page.notice(text) });
    const attach = h("button", { type: "button", class: "quiet", "aria-label": "Attach files", title: "Attach files", onclick: () => this.tray.choose() }, icon("plus"));
    const emoji = h("button", { type: "button", class: "quiet", "aria-label": "Insert an emoji", title: "Emoji", onclick: () => this.pickEmoji(emoji) }, icon("smile"));
    this.sendButton = h("button", { type: "button", class: "quiet is-send", "aria-label": "Send message", title: "Send (Enter)", onclick: () => this.send() }, icon("send"));
    this.line = h("div", { class: "composer-line" }, attach, this.field, this.count, emoji, this.sendButton);
    this.box = h("div", { class: "composer-box" }, this.replyBar, this.trayBox, this.line, this.formBox);
    put(this.root, this.suggestBox, this.optionBox, this.box);
    this.suggestions = new Suggestions(this.field, this.suggestBox);
    this.form = new CommandForm(this.page, this.formBox, { onDone: () => this.leaveCommand(), suggestions: this.optionBox });
  }

  listen() {
    const { store } = this.page;
    this.field.addEventListener("input", () => this.changed());
    this.field.addEventListener("keydown", (event) => this.keys(event));
    this.field.addEventListener("click", () => this.suggest());
    this.field.addEventListener("blur", () => this.suggestions.hide());
    this.field.addEventListener("paste", (event) => this.pasted(event));
    store.on("channel", () => this.showChannel());
    store.on("reply", () => this.showReply());
    store.on("world", () => this.label());
    store.on("commands", () => this.suggest());
  }

  /** Put the cursor into the field. */
  focus() {
    this.field.focus();
  }

  /** Replace the text. */
  put(text) {
    this.field.value = text;
    this.field.focus();
    this.changed({ isOwn: true });
  }

  /** Add text at the cursor. */
  insert(text) {
    const { selectionStart: start, selectionEnd: end } = this.field;
    this.field.setRangeText(text, start, end, "end");
    this.field.focus();
    this.changed({ isOwn: true });
  }

  showChannel() {
    if (this.channelId) this.drafts.set(this.channelId, this.field.value);
    this.channelId = this.page.store.channelId;
    this.field.value = this.drafts.get(this.channelId) ?? "";
    if (this.form.entry) this.form.leave();
    this.tray.clear();
    this.suggestions.hide();
    this.label();
    this.changed({ isOwn: true });
    if (window.matchMedia("(pointer: fine)").matches) this.field.focus({ preventScroll: true });
  }

  label() {
    const { store } = this.page;
    const channel = store.current;
    if (!channel) return;
    const name = channel.type === CHANNEL.dm ? `@${store.channelName(channel.id)}` : `#${channel.name}`;
    this.field.placeholder = `Message ${name}`;
    this.field.setAttribute("aria-label", `Message ${name}`);
  }

  get limit() {
    return this.page.store.limits?.message_length ?? this.page.store.limits?.content ?? DEFAULT_LIMIT;
  }

  changed({ isOwn = false } = {}) {
    grow(this.field);
    const left = this.limit - [...toWire(this.page.store, this.field.value)].length;
    this.count.hidden = left > COUNT_FROM;
    this.count.textContent = String(left);
    this.count.classList.toggle("is-over", left < 0);
    this.sendButton.classList.toggle("is-ready", Boolean(this.field.value.trim() || this.tray.files.length));
    this.suggest();
    if (!isOwn && this.field.value.trim() && !this.field.value.startsWith("/")) this.page.actions.typing(this.channelId);
  }

  suggest() {
    const text = this.field.value;
    if (document.activeElement !== this.field) return;
    if (text.startsWith("/") && !text.includes("\n")) this.suggestCommands(text.slice(1));
    else this.suggestNames();
  }

  suggestCommands(typed) {
    const entries = slashEntries(this.page.store.commands.get(this.channelId) ?? []);
    const exact = typed.endsWith(" ") && entries.find((entry) => shownName(entry) === typed.trim());
    if (exact) return this.startCommand(exact);
    const found = matchingEntries(entries, typed);
    const items = found.map((entry) => entryItem(this.page, entry, () => this.startCommand(entry)));
    const note = entries.length || typed ? null : `${this.page.store.appName} has no commands here yet.`;
    return this.suggestions.show(`Commands of ${this.page.store.appName}`, items, { note });
  }

  startCommand(entry) {
    this.suggestions.hide();
    this.field.value = "";
    this.line.hidden = true;
    this.form.start(entry);
  }

  leaveCommand() {
    this.line.hidden = false;
    this.changed({ isOwn: true });
    this.field.focus();
  }

  suggestNames() {
    const found = this.nameBeforeCursor();
    if (!found) return this.suggestions.hide();
    const items = this.fittingNames(found).slice(0, MOST_SUGGESTED);
    return this.suggestions.show(found.mark === "@" ? "People and roles" : "Channels", items.map((one) => ({ ...one, run: () => this.complete(found, one.label) })));
  }

  /** After a space only longer names still fit, so that a finished mention does not hold the Enter key. */
  fittingNames({ mark, typed }) {
    const choices = this.nameChoices(mark);
    if (!typed.includes(" ")) return matching(choices, typed);
    return choices.filter((choice) => choice.label.toLowerCase().startsWith(typed.toLowerCase()));
  }

  nameBeforeCursor() {
    const { selectionStart: cursor, selectionEnd: end, value } = this.field;
    if (cursor !== end) return null;
    const hit = NAME_BEFORE_CURSOR.exec(value.slice(Math.max(0, cursor - 40), cursor));
    return hit && { mark: hit[2], typed: hit[3], from: cursor - hit[3].length - 1, to: cursor };
  }

  nameChoices(mark) {
    const { store } = this.page;
    const guild = store.guild(store.guildId);
    if (mark === "#") return (guild?.channels ?? []).map((one) => ({ key: one.id, label: one.name, picture: () => icon("hash", 20) }));
    const people = store.membersHere().map((user) => ({
      key: user.id, label: displayName(user), description: user.username, keywords: user.username,
      picture: () => avatar(user, { size: 24, isCompanion: store.isApp(user.id) }),
    }));
    const roles = (guild?.roles ?? []).filter((role) => role.name !== "@everyone").map((role) => ({ key: role.id, label: role.name, description: "Role", picture: () => icon("shield", 20) }));
    const all = guild ? [{ key: "everyone", label: "everyone", description: "Everyone who can see this channel", picture: () => icon("bell", 20) }] : [];
    return [...people, ...roles, ...all];
  }

  complete({ mark, from, to }, name) {
    this.field.setRangeText(`${mark}${name} `, from, to, "end");
    this.suggestions.hide();
    this.changed({ isOwn: true });
  }

  keys(event) {
    if (this.suggestions.key(event) || event.isComposing) return;
    if (event.key === "Enter" && !event.shiftKey) {
      event.preventDefault();
      this.send();
    } else if (event.key === "ArrowUp" && !this.field.value) this.editLast(event);
    else if (event.key === "Escape" && this.page.store.reply) {
      event.preventDefault();
      this.page.store.setReply(null);
    }
  }

  editLast(event) {
    const { store } = this.page;
    const mine = store.recordsOf(this.channelId).findLast((record) => record.state === "sent" && record.message.author?.id === store.me?.id);
    if (!mine) return;
    event.preventDefault();
    store.setEditing(mine.message.id);
  }

  async send() {
    const content = toWire(this.page.store, this.field.value).trim();
    const { files } = this.tray;
    if (!content && !files.length) return;
    if ([...content].length > this.limit) {
      this.page.notice(`A message may have ${this.limit} characters; this one has ${[...content].length}.`);
      return;
    }
    this.field.value = "";
    this.tray.clear();
    this.changed({ isOwn: true });
    await this.page.actions.send(content, files);
  }

  showReply() {
    const { reply } = this.page.store;
    this.replyBar.hidden = !reply;
    if (!reply) return this.replyBar.replaceChildren();
    const isOwn = reply.message.author?.id === this.page.store.me?.id;
    const ping = h("button", { type: "button", class: "ping", "aria-pressed": String(reply.isPinging), title: "Whether they are notified" },
      icon("at", 16), reply.isPinging ? "On" : "Off");
    ping.setAttribute("aria-label", "Mention in the reply");
    ping.addEventListener("click", () => {
      this.page.store.setReply(reply.message, !reply.isPinging);
      this.replyBar.querySelector(".ping")?.focus();
    });
    const cancel = h("button", { type: "button", class: "quiet is-small", "aria-label": "Do not reply", onclick: () => this.cancelReply() }, icon("close", 16));
    return fill(this.replyBar, h("span", {}, "Replying to ", h("strong", {}, displayName(reply.message.author))), isOwn ? null : ping, cancel);
  }

  cancelReply() {
    this.page.store.setReply(null);
    this.focus();
  }

  pickEmoji(anchor) {
    openEmojiPicker(anchor, (character) => this.insert(character), { side: "top" });
  }

  pasted(event) {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    this.tray.add(files);
  }
}
