/**
 * What the page knows. Views subscribe to topics: `world`, `channel`, `messages`,
 * `typing`, `unread`, `commands`, `panel`, `connection`, `reply`, `editing`.
 */

import { compareIds } from "./snowflakes.js";

// Discord shows a typing signal for about ten seconds.
const TYPING_MS = 10_000;
const MOST_KEPT = 400;

/** Channel kinds as Discord numbers them. */
export const CHANNEL = { text: 0, dm: 1, voice: 2, group: 3, category: 4, news: 5, threads: [10, 11, 12], stage: 13, forum: 15, media: 16 };

/** The state of the page for the person it is used as. */
export class Store {
  constructor() {
    this.listeners = new Map();
    this.clear();
  }

  /** Forget everything, for another person. */
  clear() {
    this.me = null;
    this.app = null;
    this.people = new Map();
    this.guilds = [];
    this.dms = [];
    this.modelLabel = "";
    this.limits = {};
    this.channelId = null;
    this.guildId = null;
    this.records = new Map();
    this.loaded = new Set();
    this.exhausted = new Set();
    this.typing = new Map();
    this.unread = new Map();
    this.commands = new Map();
    this.panel = null;
    this.connection = "connecting";
    this.reply = null;
    this.editing = null;
  }

  /** Call *listener* whenever *topic* changes; returns the way to stop. */
  on(topic, listener) {
    if (!this.listeners.has(topic)) this.listeners.set(topic, new Set());
    this.listeners.get(topic).add(listener);
    return () => this.listeners.get(topic).delete(listener);
  }

  /** Tell the views of *topic*. */
  emit(topic, detail = null) {
    for (const listener of this.listeners.get(topic) ?? []) listener(detail);
  }

  /** Take over what `GET /play/state` gave. */
  takeState(state) {
    this.me = state.me;
    this.app = state.app;
    this.people = new Map(state.people.map((person) => [person.id, person]));
    if (state.app?.user) this.people.set(state.app.user.id, state.app.user);
    this.guilds = state.guilds ?? [];
    this.dms = state.dms ?? [];
    this.modelLabel = state.model_label ?? "";
    this.limits = state.limits ?? {};
    this.emit("world");
  }

  /** Remember a user seen in a message or an event. */
  learnUser(user) {
    if (user?.id && !this.people.has(user.id)) this.people.set(user.id, user);
  }

  /** The companion's user id. */
  get appUserId() {
    return this.app?.user?.id ?? null;
  }

  /** What the companion is called. */
  get appName() {
    return this.app?.user ? displayName(this.app.user) : "The app";
  }

  /** What the companion shows beside its name: its activity, or whether it is connected. */
  get appStatus() {
    if (!this.app?.online) return "not connected";
    const activity = this.app.presence?.activities?.[0];
    return activity?.state || activity?.name || "here";
  }

  /** Whether *userId* is the companion. */
  isApp(userId) {
    return userId !== null && userId === this.appUserId;
  }

  /** A user by id, or null. */
  user(userId) {
    return this.people.get(userId) ?? this.guilds.flatMap((guild) => guild.members ?? []).find((one) => one.user?.id === userId)?.user ?? null;
  }

  /** A user's name as shown here. */
  userName(userId) {
    const member = this.guild(this.guildId)?.members?.find((one) => one.user?.id === userId);
    const user = this.user(userId);
    return member?.nick || (user ? displayName(user) : "unknown-user");
  }

  /** A server by id, or null. */
  guild(guildId) {
    return this.guilds.find((guild) => guild.id === guildId) ?? null;
  }

  /** A channel or thread by id, or null. */
  channel(channelId) {
    const everywhere = [...this.dms, ...this.guilds.flatMap((guild) => guild.channels ?? [])];
    return everywhere.find((channel) => channel.id === channelId) ?? null;
  }

  /** The server a channel is in, or null for direct messages. */
  guildOf(channelId) {
    return this.guilds.find((guild) => guild.channels?.some((channel) => channel.id === channelId)) ?? null;
  }

  /** The channel on show. */
  get current() {
    return this.channel(this.channelId);
  }

  /** A channel's name; a direct message is named after the others in it. */
  channelName(channelId) {
    const channel = this.channel(channelId);
    if (!channel) return "unknown-channel";
    return channel.name || this.others(channel).map(displayName).join(", ") || "direct message";
  }

  /** The people of a direct message without oneself. */
  others(channel) {
    return (channel.recipients ?? []).filter((user) => user.id !== this.me?.id);
  }

  /** A role's name. */
  roleName(roleId) {
    const role = this.guilds.flatMap((guild) => guild.roles ?? []).find((one) => one.id === roleId);
    return role ? role.name.replace(/^@/, "") : "unknown-role";
  }

  /** Who can be named in the channel on show. */
  membersHere() {
    const channel = this.current;
    if (!channel) return [];
    const guild = this.guildOf(channel.id);
    if (guild) return (guild.members ?? []).map((member) => ({ ...member.user, nick: member.nick }));
    return [...this.others(channel), this.me];
  }

  /** Records of a channel, oldest first: `{message, state, error, version}`. */
  recordsOf(channelId) {
    if (!this.records.has(channelId)) this.records.set(channelId, []);
    return this.records.get(channelId);
  }

  /** One record, or null. */
  record(channelId, messageId) {
    return this.recordsOf(channelId).find((record) => record.message.id === messageId) ?? null;
  }

  /** Insert a message or merge it into the one with its id or nonce; tells the views. */
  putMessage(message, { state = "sent", error = null, isQuiet = false } = {}) {
    const records = this.recordsOf(message.channel_id);
    this.learnUser(message.author);
    const known = records.find((record) => record.message.id === message.id || isEcho(record, message));
    const record = known ?? { message, version: 0 };
    Object.assign(record, { message: { ...record.message, ...message }, state, error, version: record.version + 1 });
    if (!known) records.push(record);
    records.sort((one, other) => compareRecords(one, other));
    if (records.length > MOST_KEPT * 2) records.splice(0, records.length - MOST_KEPT);
    if (!isQuiet) this.emit("messages", { channelId: message.channel_id, isNew: !known });
    return record;
  }

  /** Change a known message in place. */
  changeMessage(channelId, messageId, change) {
    const record = this.record(channelId, messageId);
    if (!record) return;
    change(record.message, record);
    record.version += 1;
    this.emit("messages", { channelId });
  }

  /** Take messages away. */
  dropMessages(channelId, messageIds) {
    const gone = new Set(messageIds);
    this.records.set(channelId, this.recordsOf(channelId).filter((record) => !gone.has(record.message.id)));
    if (gone.has(this.reply?.message.id)) this.setReply(null);
    if (gone.has(this.editing)) this.setEditing(null);
    this.emit("messages", { channelId });
  }

  /** Drop what history will bring anew, keeping what only this page knows. */
  forgetHistory(channelId) {
    const kept = this.recordsOf(channelId).filter((record) => record.state !== "sent" || isEphemeral(record.message));
    this.records.set(channelId, kept);
    this.loaded.delete(channelId);
    this.exhausted.delete(channelId);
  }

  /** Someone writes; forgotten by itself after ten seconds. */
  startTyping(channelId, userId) {
    if (userId === this.me?.id) return;
    const here = this.typing.get(channelId) ?? new Map();
    clearTimeout(here.get(userId));
    here.set(userId, setTimeout(() => this.stopTyping(channelId, userId), TYPING_MS));
    this.typing.set(channelId, here);
    this.emit("typing", { channelId });
  }

  /** Someone no longer writes. */
  stopTyping(channelId, userId) {
    const here = this.typing.get(channelId);
    if (!here?.has(userId)) return;
    clearTimeout(here.get(userId));
    here.delete(userId);
    this.emit("typing", { channelId });
  }

  /** Count a message that arrived elsewhere. */
  countUnread(channelId, isMention) {
    const before = this.unread.get(channelId) ?? { count: 0, mentions: 0 };
    this.unread.set(channelId, { count: before.count + 1, mentions: before.mentions + Number(isMention) });
    this.emit("unread");
  }

  /** Everything there has been seen. */
  markRead(channelId) {
    if (this.unread.delete(channelId)) this.emit("unread");
  }

  /** Answer to *message*, or to none. */
  setReply(message, isPinging = true) {
    this.reply = message ? { message, isPinging } : null;
    this.emit("reply");
  }

  /** Edit this message in place, or none. */
  setEditing(messageId) {
    const before = this.editing;
    this.editing = messageId;
    for (const id of [before, messageId]) {
      const record = id && this.record(this.channelId, id);
      if (record) record.version += 1;
    }
    this.emit("messages", { channelId: this.channelId });
    this.emit("editing");
  }
}

/** The name a user is shown by. */
export function displayName(user) {
  return user?.nick || user?.global_name || user?.username || "unknown-user";
}

/** Only its reader sees it. */
export function isEphemeral(message) {
  return Boolean((message.flags ?? 0) & 64);
}

/** Whether *message* calls *userId* by name, role, or everyone. */
export function isMentioning(message, me, member = null) {
  if (!me || message.author?.id === me.id) return false;
  if (message.mention_everyone || message.mentions?.some((user) => user.id === me.id)) return true;
  return Boolean(member?.roles?.some((roleId) => message.mention_roles?.includes(roleId)));
}

function isEcho(record, message) {
  return Boolean(record.state !== "sent" && message.nonce && String(record.message.nonce) === String(message.nonce));
}

function compareRecords(one, other) {
  const [pendingOne, pendingOther] = [one.state !== "sent", other.state !== "sent"];
  if (pendingOne !== pendingOther) return Number(pendingOne) - Number(pendingOther);
  return compareIds(one.message.id, other.message.id);
}
