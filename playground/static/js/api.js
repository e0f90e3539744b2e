/** Speaks HTTP with the playground: Discord's REST as a person, and the page's own routes. */

const REST = "/api/v10";
// Longer than the server's own 3 s limit for interactions, short enough to tell a hang.
const TIMEOUT_MS = 15_000;

/** A refused request: `status`, Discord's `code`, and a message fit to show. */
class ApiError extends Error {
  constructor(status, body) {
    super(describe(status, body));
    this.status = status;
    this.code = body?.code ?? 0;
    this.retryAfter = body?.retry_after ?? null;
  }
}

/** The calls one person makes. */
export class Api {
  constructor(personId = null) {
    this.personId = personId;
  }

  /** Everything this person may see. */
  state() {
    return this.call("GET", `/play/state${this.personId ? `?as=${encodeURIComponent(this.personId)}` : ""}`);
  }

  /** What the bot says about itself, or null. */
  panel() {
    return this.call("GET", "/play/panel");
  }

  /** The commands that may be used in a channel. */
  commands(channelId) {
    return this.call("GET", `/play/commands?as=${this.personId}&channel_id=${channelId}`);
  }

  /** Hand an interaction to the application. */
  interact(body) {
    return this.call("POST", "/play/interactions", { as: this.personId, ...body });
  }

  /** The last messages of a channel, newest first. */
  history(channelId, { before = null, limit = 50 } = {}) {
    return this.call("GET", `${REST}/channels/${channelId}/messages?limit=${limit}${before ? `&before=${before}` : ""}`);
  }

  /** Write a message, with files when there are any. */
  send(channelId, message, files = []) {
    return this.call("POST", `${REST}/channels/${channelId}/messages`, message, files);
  }

  /** Open a thread under a message. */
  startThread(channelId, messageId, name) {
    return this.call("POST", `${REST}/channels/${channelId}/messages/${messageId}/threads`, { name });
  }

  /** Change one's own message. */
  edit(channelId, messageId, message) {
    return this.call("PATCH", `${REST}/channels/${channelId}/messages/${messageId}`, message);
  }

  /** Remove a message. */
  remove(channelId, messageId) {
    return this.call("DELETE", `${REST}/channels/${channelId}/messages/${messageId}`);
  }

  /** Put or take back one's own reaction. */
  react(channelId, messageId, emoji, isOn) {
    const key = encodeURIComponent(emoji.id ? `${emoji.name}:${emoji.id}` : emoji.name);
    return this.call(isOn ? "PUT" : "DELETE", `${REST}/channels/${channelId}/messages/${messageId}/reactions/${key}/@me`);
  }

  /** Say that one is writing. */
  typing(channelId) {
    return this.call("POST", `${REST}/channels/${channelId}/typing`);
  }

  /** Open the direct messages with someone. */
  openDm(userId) {
    return this.call("POST", `${REST}/users/@me/channels`, { recipient_id: userId });
  }

  /** One request; resolves to the JSON body or null, throws ApiError or TypeError. */
  async call(method, path, body = undefined, files = []) {
    const headers = this.personId ? { Authorization: `Person ${this.personId}` } : {};
    const options = { method, headers, signal: AbortSignal.timeout(TIMEOUT_MS) };
    if (files.length) options.body = form(body, files);
    else if (body !== undefined) {
      headers["Content-Type"] = "application/json";
      options.body = JSON.stringify(body);
    }
    const response = await fetch(path, options);
    const answer = await read(response);
    if (!response.ok) throw new ApiError(response.status, answer);
    return answer;
  }
}

function form(body, files) {
  const data = new FormData();
  const attachments = files.map((file, index) => ({ id: String(index), filename: file.name }));
  data.append("payload_json", JSON.stringify({ ...body, attachments }));
  files.forEach((file, index) => data.append(`files[${index}]`, file, file.name));
  return data;
}

async function read(response) {
  if (response.status === 204) return null;
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : null;
  } catch {
    return null;
  }
}

function describe(status, body) {
  if (status === 429) return `Too fast: try again in ${Math.ceil(body?.retry_after ?? 1)} s.`;
  const nested = firstNested(body?.errors);
  if (nested) return nested;
  return body?.message ? String(body.message) : `The server answered ${status}.`;
}

function firstNested(errors) {
  if (!errors || typeof errors !== "object") return null;
  if (Array.isArray(errors._errors) && errors._errors.length) return String(errors._errors[0].message);
  for (const value of Object.values(errors)) {
    const found = firstNested(value);
    if (found) return found;
  }
  return null;
}
