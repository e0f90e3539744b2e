/** The left rail: direct messages and servers. */

import { fill, h } from "./dom.js";
import { avatar, serverPicture } from "./faces.js";
import { walk } from "./menu.js";

/** Keep the rail in line with the store. */
export class Rail {
  constructor(page, root) {
    this.page = page;
    this.root = root;
    for (const topic of ["world", "channel", "unread"]) page.store.on(topic, () => this.draw());
    root.addEventListener("keydown", (event) => walk(event, [...root.querySelectorAll("button")]));
  }

  draw() {
    const { store } = this.page;
    const homeUnread = sum(store, store.dms);
    const focused = document.activeElement?.closest?.("#rail button")?.dataset.place;
    const home = this.button("home", "Direct messages", avatar(store.app?.user ?? { id: "0" }, { size: 48, isCompanion: true }), store.guildId === null, homeUnread);
    fill(this.root, home, h("div", { class: "rail-line", role: "presentation" }),
      store.guilds.map((guild) => this.button(guild.id, guild.name, serverPicture(guild), store.guildId === guild.id, sum(store, guild.channels ?? []))));
    if (focused) this.root.querySelector(`[data-place="${focused}"]`)?.focus();
  }

  button(place, label, picture, isCurrent, unread) {
    const extra = unread.mentions ? `, ${unread.mentions} unread for you` : unread.count ? ", unread" : "";
    return h("div", { class: `rail-item${isCurrent ? " is-current" : ""}${unread.count ? " is-unread" : ""}` },
      h("button", { type: "button", class: "rail-button", title: label, "aria-label": `${label}${extra}`, "aria-current": isCurrent ? "true" : null, data: { place }, onclick: () => this.page.openPlace(place) }, picture),
      unread.mentions ? h("span", { class: "badge", "aria-hidden": "true" }, String(unread.mentions)) : null);
  }
}

function sum(store, channels) {
  return channels.reduce((total, channel) => {
    const one = store.unread.get(channel.id);
    return one ? { count: total.count + one.count, mentions: total.mentions + one.mentions } : total;
  }, { count: 0, mentions: 0 });
}
