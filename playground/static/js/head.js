/** The conversation's head, its banner, and who is writing. */

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { dots } from "./message_view.js";
import { CHANNEL } from "./store.js";
import { presenceDot } from "./sidebar.js";

/** Keep the parts round the message pane in line with the store. */
export class Head {
  constructor(page, { head, banner, typing }) {
    Object.assign(this, { page, head, banner, typing });
    const { store } = page;
    store.on("unread", () => this.drawTitle());
    for (const topic of ["channel", "world", "panel"]) store.on(topic, () => this.draw());
    for (const topic of ["connection", "world"]) store.on(topic, () => this.drawBanner());
    for (const topic of ["typing", "channel"]) store.on(topic, () => this.drawTyping());
  }

  draw() {
    const { store } = this.page;
    const channel = store.current;
    if (!channel) return;
    const isDm = channel.type === CHANNEL.dm || channel.type === CHANNEL.group;
    const withCompanion = isDm && store.others(channel).some((user) => store.isApp(user.id));
    const mark = isDm ? (withCompanion ? presenceDot(store) : icon("at", 22)) : icon(CHANNEL.threads.includes(channel.type) ? "thread" : "hash", 22);
    const name = store.channelName(channel.id);
    this.title = `${isDm ? "@" : "#"}${name} · Playground`;
    this.drawTitle();
    fill(this.head,
      h("button", { type: "button", class: "quiet only-narrow", "aria-label": "Servers and channels", onclick: () => this.page.toggleDrawer() }, icon("menu")),
      h("span", { class: "head-mark" }, mark), h("h2", { class: "head-name" }, name),
      channel.topic ? h("span", { class: "head-topic", title: channel.topic }, channel.topic) : null, h("span", { class: "head-space" }),
      this.modelChip(), this.panelButton());
  }

  drawTitle() {
    const waiting = [...this.page.store.unread.values()].reduce((total, one) => total + one.mentions, 0);
    document.title = waiting ? `(${waiting}) ${this.title}` : this.title;
  }

  modelChip() {
    const label = this.page.store.panel?.model?.name || this.page.store.modelLabel;
    return label ? h("span", { class: "chip model-chip", title: `Model: ${label}` }, icon("spark", 14), h("span", {}, label)) : null;
  }

  panelButton() {
    const isOpen = this.page.isPanelOpen();
    return h("button", { type: "button", class: "quiet", "aria-label": "Behind the scenes", title: "Behind the scenes", "aria-expanded": String(isOpen), "aria-controls": "panel", onclick: () => this.page.togglePanel() }, icon("panel"));
  }

  drawBanner() {
    const { store } = this.page;
    const text = this.bannerText();
    this.banner.hidden = !text;
    fill(this.banner, text ? [icon("alert", 18), h("span", {}, text)] : null,
      text && store.connection === "down" ? h("button", { type: "button", class: "link", onclick: () => this.page.reconnect() }, "Try now") : null);
  }

  bannerText() {
    const { store } = this.page;
    if (store.connection === "down") return "The playground's server cannot be reached. Trying again…";
    if (store.app && !store.app.online) return `${store.appName} is not connected. What you write waits until then.`;
    return null;
  }

  drawTyping() {
    const { store } = this.page;
    const names = [...(store.typing.get(store.channelId)?.keys() ?? [])].map((id) => store.userName(id));
    const words = names.length > 3 ? "Several people are typing…" : `${joinNames(names)} ${names.length === 1 ? "is" : "are"} typing…`;
    fill(this.typing, names.length ? [dots(), h("span", {}, words)] : null);
  }
}

function joinNames(names) {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} and ${names.at(-1)}`;
}
