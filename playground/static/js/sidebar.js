/** The list of channels or people of the place on show, and who one is. */

import { fill, h } from "./dom.js";
import { avatar } from "./faces.js";
import { icon } from "./icons.js";
import { openMenu, walk } from "./menu.js";
import { CHANNEL, displayName } from "./store.js";

const READABLE = new Set([CHANNEL.text, CHANNEL.news, ...CHANNEL.threads]);

/** Keep the sidebar in line with the store. */
export class Sidebar {
  constructor(page, root) {
    this.page = page;
    this.title = h("h1", { class: "sidebar-title" });
    this.list = h("div", { class: "sidebar-list" });
    this.me = h("div", { class: "me" });
    fill(root, h("header", { class: "sidebar-head" }, this.title), this.list, this.me);
    for (const topic of ["world", "channel", "unread", "connection"]) page.store.on(topic, () => this.draw());
    this.list.addEventListener("keydown", (event) => walk(event, [...this.list.querySelectorAll("button")]));
  }

  draw() {
    const { store } = this.page;
    if (!store.me) return;
    const guild = store.guild(store.guildId);
    const focused = document.activeElement?.closest?.("#sidebar button")?.dataset;
    this.title.textContent = guild ? guild.name : "Direct messages";
    fill(this.list, guild ? this.guildRows(guild) : this.dmRows());
    this.drawMe();
    const again = focused && Object.entries(focused)[0];
    if (again) this.list.querySelector(`[data-${again[0]}="${again[1]}"]`)?.focus();
  }

  guildRows(guild) {
    const channels = (guild.channels ?? []).filter((channel) => READABLE.has(channel.type));
    const tops = channels.filter((channel) => !CHANNEL.threads.includes(channel.type)).sort((one, other) => (one.position ?? 0) - (other.position ?? 0));
    const categories = (guild.channels ?? []).filter((channel) => channel.type === CHANNEL.category);
    const under = (parentId) => tops.filter((channel) => (channel.parent_id ?? null) === parentId).map((channel) => this.withThreads(channel, channels));
    const named = new Set(categories.map((category) => category.id));
    const loose = tops.filter((channel) => !named.has(channel.parent_id)).map((channel) => this.withThreads(channel, channels));
    return [h("h2", { class: "sidebar-heading" }, "Channels"), loose,
      categories.map((category) => [h("h2", { class: "sidebar-heading" }, category.name), under(category.id)])];
  }

  withThreads(channel, all) {
    const threads = all.filter((one) => CHANNEL.threads.includes(one.type) && one.parent_id === channel.id && !one.thread_metadata?.archived);
    return [this.row({ channel: channel.id }, icon("hash"), channel.name), threads.map((thread) => this.row({ channel: thread.id }, icon("thread", 18), thread.name, { className: "is-thread" }))];
  }

  dmRows() {
    const { store } = this.page;
    const app = store.app?.user;
    const people = [...store.people.values()].filter((user) => user.id !== store.me.id && user.id !== app?.id);
    const groups = store.dms.filter((channel) => channel.type === CHANNEL.group);
    return [
      app ? [h("h2", { class: "sidebar-heading" }, "Companion"), this.person(app)] : null,
      h("h2", { class: "sidebar-heading" }, "People"), people.map((user) => this.person(user)),
      groups.map((channel) => this.row({ channel: channel.id }, icon("user"), store.channelName(channel.id))),
    ];
  }

  person(user) {
    const { store } = this.page;
    const channel = store.dms.find((one) => one.type === CHANNEL.dm && one.recipients?.some((other) => other.id === user.id));
    const isCompanion = store.isApp(user.id);
    const picture = h("span", { class: "with-dot" }, avatar(user, { size: 32, isCompanion }), isCompanion ? presenceDot(store) : null);
    return this.row(channel ? { channel: channel.id } : { dm: user.id }, picture, displayName(user), { className: "is-person", note: isCompanion ? store.appStatus : null });
  }

  row(target, picture, name, { className = "", note = null } = {}) {
    const { store } = this.page;
    const isCurrent = target.channel !== undefined && target.channel === store.channelId;
    const unread = store.unread.get(target.channel);
    const spoken = `${name}${note ? `, ${note}` : ""}${unread ? `, ${unread.count} unread` : ""}`;
    return h("button", {
      type: "button", class: `place ${className}${isCurrent ? " is-current" : ""}${unread ? " is-unread" : ""}`, data: target, "aria-current": isCurrent ? "page" : null, "aria-label": spoken,
    }, picture, h("span", { class: "place-name" }, name, note ? h("small", {}, note) : null), unread?.mentions ? h("span", { class: "badge", "aria-hidden": "true" }, String(unread.mentions)) : null);
  }

  drawMe() {
    const { store } = this.page;
    const switcher = h("button", { type: "button", class: "me-switch", "aria-haspopup": "menu", "aria-label": `You are ${displayName(store.me)}. Be someone else` },
      avatar(store.me, { size: 34 }), h("span", { class: "me-words" }, displayName(store.me), h("small", {}, "Be someone else")), icon("down", 16));
    switcher.addEventListener("click", () => this.choosePerson(switcher));
    const theme = h("button", { type: "button", class: "quiet", onclick: () => this.page.toggleTheme() });
    const isDark = this.page.isDark();
    theme.append(icon(isDark ? "sun" : "moon"));
    theme.setAttribute("aria-label", isDark ? "Light colours" : "Dark colours");
    theme.title = isDark ? "Light colours" : "Dark colours";
    fill(this.me, switcher, theme);
  }

  choosePerson(anchor) {
    const { store } = this.page;
    const people = [...store.people.values()].filter((user) => !user.bot);
    openMenu(anchor, "Who are you?", [{ heading: "Who are you?" }, ...people.map((user) => ({
      label: displayName(user), hint: user.username, picture: avatar(user, { size: 28 }), isChecked: user.id === store.me.id, run: () => this.page.become(user.id),
    }))], { side: "top" });
  }
}

/** A dot that says whether the companion is connected. */
export function presenceDot(store) {
  return h("span", { class: `dot${store.app?.online ? " is-on" : ""}`, "aria-hidden": "true" });
}
