/** Applies what the events socket brings to the store. */

import { isMentioning } from "./store.js";

const WORLD_CHANGES = new Set([
  "CHANNEL_CREATE", "CHANNEL_UPDATE", "CHANNEL_DELETE", "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE", "THREAD_LIST_SYNC",
  "GUILD_CREATE", "GUILD_UPDATE", "GUILD_DELETE", "GUILD_MEMBER_ADD", "GUILD_MEMBER_UPDATE", "GUILD_MEMBER_REMOVE",
  "GUILD_ROLE_CREATE", "GUILD_ROLE_UPDATE", "GUILD_ROLE_DELETE", "USER_UPDATE", "PLAY_PEOPLE",
]);

const APPLY = {
  MESSAGE_CREATE: created,
  MESSAGE_UPDATE: updated,
  MESSAGE_DELETE: (store, { id, channel_id: channelId }) => store.dropMessages(channelId, [id]),
  MESSAGE_DELETE_BULK: (store, { ids, channel_id: channelId }) => store.dropMessages(channelId, ids),
  MESSAGE_REACTION_ADD: (store, event) => reaction(store, event, 1),
  MESSAGE_REACTION_REMOVE: (store, event) => reaction(store, event, -1),
  MESSAGE_REACTION_REMOVE_ALL: (store, event) => changeReactions(store, event, () => []),
  MESSAGE_REACTION_REMOVE_EMOJI: (store, event) => changeReactions(store, event, (all) => all.filter((one) => !sameEmoji(one.emoji, event.emoji))),
  TYPING_START: (store, { channel_id: channelId, user_id: userId }) => store.startTyping(channelId, userId),
  PRESENCE_UPDATE: presence,
  PLAY_APP: (store, { online }) => setOnline(store, Boolean(online)),
  PLAY_PANEL: panel,
};

/** Apply one event; says whether the page should ask for the whole state again. */
export function applyEvent(store, name, detail) {
  APPLY[name]?.(store, detail);
  return WORLD_CHANGES.has(name);
}

/** Whether two emoji are the same reaction. */
function sameEmoji(one, other) {
  return (one.id ?? null) === (other.id ?? null) && (one.id ? true : one.name === other.name);
}

function created(store, message) {
  store.stopTyping(message.channel_id, message.author?.id);
  const isKnown = store.record(message.channel_id, message.id) !== null;
  store.putMessage(message);
  if (isKnown || message.author?.id === store.me?.id) return;
  const isSeen = message.channel_id === store.channelId && document.visibilityState === "visible";
  if (isSeen) return;
  const guild = store.guildOf(message.channel_id);
  const member = guild?.members?.find((one) => one.user?.id === store.me?.id);
  store.countUnread(message.channel_id, !guild || isMentioning(message, store.me, member));
}

function updated(store, message) {
  const record = store.record(message.channel_id, message.id);
  if (record) store.putMessage({ reactions: record.message.reactions, ...message });
}

function reaction(store, event, step) {
  changeReactions(store, event, (all) => {
    const isMine = event.user_id === store.me?.id;
    const found = all.find((one) => sameEmoji(one.emoji, event.emoji));
    if (!found) return step > 0 ? [...all, { emoji: event.emoji, count: 1, me: isMine }] : all;
    if (isMine && found.me === step > 0) return all;
    const next = { ...found, count: found.count + step, me: isMine ? step > 0 : found.me };
    return all.map((one) => (one === found ? next : one)).filter((one) => one.count > 0);
  });
}

function changeReactions(store, event, change) {
  store.changeMessage(event.channel_id, event.message_id, (message) => {
    message.reactions = change(message.reactions ?? []);
  });
}

function presence(store, { user, status, activities }) {
  if (!store.isApp(user?.id)) return;
  store.app = { ...store.app, presence: { status, activities } };
  store.emit("connection");
}

function setOnline(store, isOnline) {
  if (!store.app || store.app.online === isOnline) return;
  store.app = { ...store.app, online: isOnline };
  store.emit("connection");
  store.emit("world");
}

function panel(store, detail) {
  store.panel = detail && Object.keys(detail).length ? detail : null;
  store.emit("panel");
}
