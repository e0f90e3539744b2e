/** What stands above the first message of a place. */

import { h } from "./dom.js";
import { avatar } from "./faces.js";
import { icon } from "./icons.js";
import { CHANNEL, displayName } from "./store.js";

const OPENERS = ["Hey, how are you today?", "I had a strange day.", "What have you been thinking about?"];

/** The welcome of the channel on show. */
export function channelIntro(page) {
  const { store } = page;
  const channel = store.current;
  if (!channel) return null;
  return channel.type === CHANNEL.dm ? dmIntro(page, channel) : guildIntro(store, channel);
}

function dmIntro(page, channel) {
  const { store } = page;
  const other = store.others(channel)[0];
  if (!other) return null;
  const isCompanion = store.isApp(other.id);
  const name = displayName(other);
  return [
    avatar(other, { size: 84, isCompanion, mood: isCompanion ? store.panel?.mood : null }),
    h("h2", {}, name),
    h("p", {}, `This is where you and ${name} begin. Only the two of you are here.`),
    isCompanion && !store.recordsOf(channel.id).length ? openers(page) : null,
  ];
}

function guildIntro(store, channel) {
  const isThread = CHANNEL.threads.includes(channel.type);
  return [
    h("span", { class: "intro-mark" }, icon(isThread ? "thread" : "hash", 40)),
    h("h2", {}, isThread ? channel.name : `Welcome to #${channel.name}`),
    h("p", {}, channel.topic || `This is the beginning of ${isThread ? "the thread" : "the channel"}. Write @${store.appName} to speak to ${store.appName}.`),
  ];
}

function openers(page) {
  return h("div", { class: "openers", role: "group", "aria-label": "Ways to begin" },
    OPENERS.map((text) => h("button", { type: "button", class: "opener", onclick: () => page.composer.put(text) }, text)));
}
