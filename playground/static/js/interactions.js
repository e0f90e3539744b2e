/** Hands commands, clicks and forms to the application and waits for its answer. */

import { reason } from "./actions.js";
import { newNonce } from "./snowflakes.js";

/** Interaction kinds as Discord numbers them. */
export const INTERACTION = { command: 2, component: 3, autocomplete: 4, modal: 5 };
// The server gives the application 3 s; beyond this nothing will come any more.
const GIVE_UP_MS = 8_000;
const AUTOCOMPLETE_PAUSE_MS = 180;

/** Interactions on their way. */
export class Interactions {
  constructor(store, api) {
    this.store = store;
    this.api = api;
    this.waiting = new Map();
    this.suggestions = new Map();
  }

  /** Perform one; resolves to null when it was answered, else to what went wrong. */
  async perform(type, data, { messageId = null, channelId = this.store.channelId } = {}) {
    const nonce = newNonce();
    const answered = new Promise((resolve) => this.waiting.set(nonce, resolve));
    const timer = setTimeout(() => this.settle({ nonce, ok: false, error: null }), GIVE_UP_MS);
    try {
      const body = { nonce, type, channel_id: channelId, data };
      if (messageId) body.message_id = messageId;
      await this.api.interact(body);
      return await answered;
    } catch (error) {
      return reason(error);
    } finally {
      clearTimeout(timer);
      this.waiting.delete(nonce);
    }
  }

  /** Ask for the choices of the option being written; an outdated question gets null. */
  async complete(data) {
    clearTimeout(this.pause);
    this.skip?.(null);
    return new Promise((resolve) => {
      this.skip = resolve;
      this.pause = setTimeout(() => this.ask(data, resolve), AUTOCOMPLETE_PAUSE_MS);
    });
  }

  async ask(data, resolve) {
    const nonce = newNonce();
    const timer = setTimeout(() => this.suggest({ nonce, choices: [] }), GIVE_UP_MS);
    this.suggestions.set(nonce, (choices) => {
      clearTimeout(timer);
      resolve(choices);
    });
    try {
      await this.api.interact({ nonce, type: INTERACTION.autocomplete, channel_id: this.store.channelId, data });
    } catch {
      this.suggest({ nonce, choices: [] });
    }
  }

  /** `PLAY_AUTOCOMPLETE` arrived. */
  suggest({ nonce, choices }) {
    this.suggestions.get(String(nonce))?.(choices ?? []);
    this.suggestions.delete(String(nonce));
  }

  /** `PLAY_INTERACTION` arrived. */
  settle({ nonce, ok, error }) {
    this.waiting.get(String(nonce))?.(ok ? null : error || "This interaction failed");
  }
}
