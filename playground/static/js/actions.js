/** What the person can do: each action speaks to the server and lets the store know. */

import { newNonce } from "./snowflakes.js";
import { isEphemeral } from "./store.js";

const HISTORY_PAGE = 50;
// Discord's clients repeat the typing signal about this often while someone writes.
const TYPING_EVERY_MS = 8_000;

/** The person's actions on the world. */
export class Actions {
  constructor(store, api, { onTrouble }) {
    this.store = store;
    this.api = api;
    this.onTrouble = onTrouble;
    this.lastTyping = new Map();
  }

  /** Show a channel and make sure that its history is there. */
  async openChannel(channelId) {
    const store = this.store;
    if (!store.channel(channelId)) return;
    store.setEditing(null);
    store.setReply(null);
    store.channelId = channelId;
    store.guildId = store.guildOf(channelId)?.id ?? null;
    store.markRead(channelId);
    store.emit("channel");
    await Promise.all([this.loadHistory(channelId), this.loadCommands(channelId)]);
  }

  /** Open the direct messages with someone, making them when there are none. */
  async openDm(userId) {
    const known = this.store.dms.find((channel) => (channel.recipients ?? []).some((user) => user.id === userId) && channel.type === 1);
    const channel = known ?? (await this.guarded(() => this.api.openDm(userId)));
    if (!channel) return;
    if (!this.store.channel(channel.id)) {
      this.store.dms = [...this.store.dms, channel];
      this.store.emit("world");
    }
    await this.openChannel(channel.id);
  }

  /** Fetch the newest page once. */
  async loadHistory(channelId) {
    if (this.store.loaded.has(channelId)) return;
    this.store.loaded.add(channelId);
    const page = await this.guarded(() => this.api.history(channelId, { limit: HISTORY_PAGE }));
    if (page) this.takePage(channelId, page);
    else this.store.loaded.delete(channelId);
  }

  /** Fetch the page before the oldest known message. */
  async loadOlder(channelId) {
    const oldest = this.store.recordsOf(channelId).find((record) => record.state === "sent");
    if (!oldest || this.store.exhausted.has(channelId)) return;
    const page = await this.guarded(() => this.api.history(channelId, { before: oldest.message.id, limit: HISTORY_PAGE }));
    if (page) this.takePage(channelId, page);
  }

  takePage(channelId, page) {
    for (const message of page) this.store.putMessage({ ...message, channel_id: channelId }, { isQuiet: true });
    if (page.length < HISTORY_PAGE) this.store.exhausted.add(channelId);
    this.store.emit("messages", { channelId, isHistory: true });
  }

  /** Fetch the commands of a channel. */
  async loadCommands(channelId) {
    const commands = await this.guarded(() => this.api.commands(channelId), { isQuiet: true });
    this.store.commands.set(channelId, commands ?? []);
    this.store.emit("commands");
  }

  /** Fetch what the bot says of itself. */
  async loadPanel() {
    this.store.panel = await this.guarded(() => this.api.panel(), { isQuiet: true });
    this.store.emit("panel");
  }

  /** Send a message: it shows at once as on its way, then as sent or refused. */
  async send(content, files = []) {
    const { store } = this;
    const channelId = store.channelId;
    const nonce = newNonce();
    const body = { content, nonce };
    if (store.reply) {
      body.message_reference = { message_id: store.reply.message.id, channel_id: channelId };
      body.allowed_mentions = { parse: ["users", "roles", "everyone"], replied_user: store.reply.isPinging };
    }
    const local = {
      id: `local-${nonce}`, nonce, channel_id: channelId, content, author: store.me, type: store.reply ? 19 : 0,
      timestamp: new Date().toISOString(), referenced_message: store.reply?.message ?? null, attachments: [], local_files: files,
    };
    store.setReply(null);
    this.lastTyping.delete(channelId);
    await this.deliver(local, body, files);
  }

  /** Open a thread under *message* and return it, or null. */
  async startThread(message, name) {
    const thread = await this.guarded(() => this.api.startThread(message.channel_id, message.id, name));
    const guild = thread && this.store.guild(thread.guild_id);
    if (guild && !this.store.channel(thread.id)) {
      guild.channels = [...guild.channels, { ...thread, permissions: this.store.channel(message.channel_id)?.permissions }];
      this.store.emit("world");
    }
    return thread;
  }

  /** Pass a message on to another channel. */
  async forward(message, channelId) {
    const reference = { type: 1, channel_id: message.channel_id, message_id: message.id };
    await this.guarded(() => this.api.send(channelId, { message_reference: reference }));
  }

  /** Try a refused message again. */
  async resend(record) {
    if (record.retry) await this.deliver(record.message, record.retry.body, record.retry.files);
  }

  async deliver(local, body, files) {
    const record = this.store.putMessage(local, { state: "sending" });
    record.retry = { body, files };
    try {
      const message = await this.api.send(local.channel_id, body, files);
      this.store.putMessage({ ...message, nonce: body.nonce, channel_id: local.channel_id });
      if (this.store.record(local.channel_id, local.id)) this.store.dropMessages(local.channel_id, [local.id]);
    } catch (error) {
      this.store.putMessage(local, { state: "failed", error: reason(error) });
    }
  }

  /** Save an edited text. */
  async saveEdit(message, content) {
    const isSaved = await this.guarded(async () => {
      this.store.putMessage(await this.api.edit(message.channel_id, message.id, { content }));
      return true;
    });
    if (isSaved) this.store.setEditing(null);
  }

  /** Delete a message; one that only this page knows is simply put away. */
  async remove(message) {
    const isLocal = isEphemeral(message) || message.id.startsWith("local-");
    if (!isLocal && !(await this.guarded(() => this.api.remove(message.channel_id, message.id).then(() => true)))) return;
    this.store.dropMessages(message.channel_id, [message.id]);
  }

  /** Put or take back a reaction. */
  async react(message, emoji, isOn) {
    await this.guarded(() => this.api.react(message.channel_id, message.id, emoji, isOn));
  }

  /** Let the others know that one is writing, now and then. */
  typing(channelId) {
    const now = Date.now();
    if (now - (this.lastTyping.get(channelId) ?? 0) < TYPING_EVERY_MS) return;
    this.lastTyping.set(channelId, now);
    this.api.typing(channelId).catch(() => this.lastTyping.delete(channelId));
  }

  /** Run a request; trouble is shown, not thrown. */
  async guarded(run, { isQuiet = false } = {}) {
    try {
      return await run();
    } catch (error) {
      if (!isQuiet) this.onTrouble(reason(error));
      return null;
    }
  }
}

/** A refused or failed request in words. */
export function reason(error) {
  if (error?.name === "TimeoutError") return "The server did not answer in time.";
  if (error instanceof TypeError) return "The server cannot be reached.";
  return error?.message ?? String(error);
}
