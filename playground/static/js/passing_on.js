/** Where talk goes on: threads opened under a message, and messages forwarded elsewhere. */

import { askWords } from "./dialogs.js";
import { h } from "./dom.js";
import { icon } from "./icons.js";
import { markdown } from "./markdown_view.js";
import { attachments } from "./media.js";
import { openMenu } from "./menu.js";
import { CHANNEL } from "./store.js";

const THREAD_NAME_MOST = 100;
const CREATE_PUBLIC_THREADS = 1n << 35n;
const FORWARDABLE = new Set([0, 19, 20, 23]);

/** The menu entries of *message* that lead elsewhere; *anchor* is where a further menu opens. */
export function passingOnEntries(page, message, anchor) {
  return [
    mayHaveThread(page.store, message) ? { label: "Open a thread", icon: "thread", run: () => openThread(page, message) } : null,
    FORWARDABLE.has(message.type ?? 0) ? { label: "Forward", icon: "right", run: () => chooseTarget(page, message, anchor) } : null,
  ];
}

/** What a message forwards: words and files of others, without who they are. */
export function forwarded(store, message) {
  return (message.message_snapshots ?? []).map(({ message: kept }) => h("blockquote", { class: "forwarded" },
    h("div", { class: "forwarded-mark" }, icon("right", 14), "Forwarded"),
    kept.content ? markdown(store, kept.content) : null, attachments(kept.attachments)));
}

function mayHaveThread(store, message) {
  const channel = store.channel(message.channel_id);
  const isPlace = channel && store.guildOf(channel.id) && !CHANNEL.threads.includes(channel.type);
  return Boolean(isPlace && !message.thread && BigInt(channel.permissions ?? 0) & CREATE_PUBLIC_THREADS);
}

async function openThread(page, message) {
  const words = (message.content ?? "").replace(/<[@#:][^>]*>/g, "").trim().slice(0, 40);
  const name = await askWords({ title: "Open a thread", label: "What is it called?", value: words, most: THREAD_NAME_MOST, yes: "Open" });
  const thread = name && (await page.actions.startThread(message, name));
  if (thread) await page.openChannel(thread.id);
}

function chooseTarget(page, message, anchor) {
  const { store } = page;
  const rooms = store.guilds.flatMap((guild) => guild.channels ?? []).filter((channel) => [CHANNEL.text, CHANNEL.news, ...CHANNEL.threads].includes(channel.type));
  const places = [...rooms, ...store.dms].filter((channel) => channel.id !== message.channel_id);
  openMenu(anchor, "Forward to", [{ heading: "Forward to" }, ...places.map((channel) => ({
    label: store.channelName(channel.id), icon: store.guildOf(channel.id) ? "hash" : "at", run: () => page.actions.forward(message, channel.id),
  }))]);
}
