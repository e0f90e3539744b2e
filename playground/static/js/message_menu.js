/** What can be done with a message: its tools, its menu, and the application's own entries. */

import { confirmDialog } from "./dialogs.js";
import { h } from "./dom.js";
import { emojiName, openEmojiPicker, QUICK_EMOJI } from "./emoji.js";
import { icon } from "./icons.js";
import { INTERACTION } from "./interactions.js";
import { preview } from "./markdown_view.js";
import { openMenu } from "./menu.js";
import { passingOnEntries } from "./passing_on.js";
import { isEphemeral } from "./store.js";

/** Application command kinds as Discord numbers them. */
export const COMMAND = { slash: 1, user: 2, message: 3 };

/** The floating tools of a message, or nothing for one that has none. */
export function messageTools(page, record) {
  const { message } = record;
  if (record.state !== "sent" || isEphemeral(message)) return null;
  const isMine = message.author?.id === page.store.me?.id;
  const quick = QUICK_EMOJI.map(([character, name]) => tool(`React with ${name}`, h("span", { class: "emoji" }, character), () => toggle(page, message, character)));
  const react = tool("Add a reaction", icon("smile"), (event) => openEmojiPicker(event.currentTarget, (character) => toggle(page, message, character)));
  const reply = tool("Reply", icon("reply"), () => page.reply(message));
  const edit = isMine ? tool("Edit", icon("pencil"), () => page.store.setEditing(message.id)) : null;
  const more = tool("More", icon("more"), (event) => openMessageMenu(page, record, event.currentTarget, { align: "end" }));
  more.setAttribute("aria-haspopup", "menu");
  return h("div", { class: "tools", role: "toolbar", "aria-label": "Message tools" }, h("span", { class: "tools-quick" }, quick), react, reply, edit, more);
}

/** Open the whole menu of a message. */
export function openMessageMenu(page, record, anchor, options = {}) {
  const { message } = record;
  if (record.state !== "sent") return;
  openMenu(anchor, "Message", isEphemeral(message) ? ephemeralEntries(page, message) : entries(page, message, anchor), options);
}

/** Put a reaction there, or take it back when it is one's own. */
export function toggle(page, message, character) {
  const mine = (message.reactions ?? []).find((one) => one.emoji.name === character && !one.emoji.id)?.me;
  page.actions.react(message, { id: null, name: character }, !mine);
}

/** Ask, then delete. */
export async function askDelete(page, message) {
  const quoted = h("blockquote", { class: "quoted" }, preview(page.store, message.content) || "A message without text");
  const isSure = await confirmDialog({ title: "Delete message", text: "It disappears for everyone. This cannot be undone.", extra: quoted, yes: "Delete" });
  if (isSure) page.actions.remove(message);
}

/** The application's own context menu entries of one kind. */
export function appEntries(page, kind, targetId) {
  const commands = (page.store.commands.get(page.store.channelId) ?? []).filter((command) => command.type === kind);
  if (!commands.length) return [];
  const run = (command) => runContext(page, command, targetId);
  return [{ line: true }, { heading: "Apps" }, ...commands.map((command) => ({ label: command.name, icon: "spark", run: () => run(command) }))];
}

async function runContext(page, command, targetId) {
  const data = { id: command.id, name: command.name, type: command.type, target_id: targetId };
  const failure = await page.interactions.perform(INTERACTION.command, data);
  if (failure) page.notice(`“${command.name}” was not answered: ${failure}`);
}

function entries(page, message, anchor) {
  const isMine = message.author?.id === page.store.me?.id;
  return [
    { label: "Add a reaction", icon: "smile", run: () => openEmojiPicker(anchor, (character) => toggle(page, message, character)) },
    { label: "Reply", icon: "reply", run: () => page.reply(message) },
    isMine ? null : { label: "Reply without a ping", icon: "reply", run: () => page.reply(message, false) },
    isMine ? { label: "Edit", icon: "pencil", run: () => page.store.setEditing(message.id) } : null,
    ...passingOnEntries(page, message, anchor),
    { line: true },
    { label: "Copy text", icon: "copy", run: () => page.copy(message.content ?? "", "Text copied") },
    { label: "Copy message id", icon: "copy", run: () => page.copy(message.id, "Message id copied") },
    ...appEntries(page, COMMAND.message, message.id),
    isMine ? { line: true } : null,
    isMine ? { label: "Delete", icon: "trash", isDanger: true, run: () => askDelete(page, message) } : null,
  ];
}

function ephemeralEntries(page, message) {
  return [
    { label: "Copy text", icon: "copy", run: () => page.copy(message.content ?? "", "Text copied") },
    { label: "Copy message id", icon: "copy", run: () => page.copy(message.id, "Message id copied") },
    { label: "Dismiss", icon: "close", run: () => page.actions.remove(message) },
  ];
}

function tool(label, picture, run) {
  return h("button", { type: "button", class: "tool", tabindex: "-1", "aria-label": label, title: label, onclick: run }, picture);
}

/** One reaction's chip, pressed when it is one's own. */
export function reactionChip(page, message, reaction) {
  const name = reaction.emoji.id ? reaction.emoji.name : emojiName(reaction.emoji.name);
  const people = reaction.count === 1 ? "1 reaction" : `${reaction.count} reactions`;
  return h("button", {
    type: "button", class: "reaction", "aria-pressed": String(Boolean(reaction.me)), "aria-label": `${name}, ${people}`, title: name,
    onclick: () => page.actions.react(message, reaction.emoji, !reaction.me),
  }, h("span", { class: reaction.emoji.id ? "custom-emoji" : "emoji" }, reaction.emoji.id ? `:${name}:` : reaction.emoji.name), h("span", {}, String(reaction.count)));
}
