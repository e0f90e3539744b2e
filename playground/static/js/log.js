/** The messages of the channel on show: grouping, days, scrolling, and moving by keyboard. */

import { fill, h, put } from "./dom.js";
import { icon } from "./icons.js";
import { isFollowingOf, messageNode } from "./message_view.js";
import { channelIntro } from "./intro.js";
import { dayLine, sameDay } from "./times.js";

// Discord starts a new group after seven minutes.
const GROUP_GAP_MS = 7 * 60_000;
const NEAR_END_PX = 120;
const NEAR_START_PX = 240;

/** The message pane. */
export class MessageLog {
  constructor(page, scroller) {
    this.page = page;
    this.scroller = scroller;
    this.list = h("div", { class: "log-list", role: "log", "aria-live": "polite", "aria-relevant": "additions" });
    this.intro = h("div", { class: "log-intro" });
    this.fresh = h("button", { type: "button", class: "fresh", hidden: true, onclick: () => this.toEnd() }, icon("down", 16), "New messages");
    put(scroller, this.intro, this.list);
    scroller.after(this.fresh);
    this.nodes = new Map();
    this.isAtEnd = true;
    this.lastTop = 0;
    this.listen();
  }

  listen() {
    const { store } = this.page;
    store.on("channel", () => this.showChannel());
    store.on("messages", ({ channelId, isNew, isHistory }) => channelId === store.channelId && this.draw({ isNew, isHistory }));
    store.on("world", () => this.redraw());
    store.on("reply", () => this.markReplied());
    this.scroller.addEventListener("scroll", () => this.scrolled(), { passive: true });
    this.list.addEventListener("keydown", (event) => this.keys(event));
    this.list.addEventListener("focusin", (event) => this.rove(event.target.closest(".message")));
    new ResizeObserver(() => this.isAtEnd && this.toEnd()).observe(this.list);
    new ResizeObserver(() => this.isAtEnd && this.toEnd()).observe(this.scroller);
  }

  showChannel() {
    this.nodes.clear();
    this.list.replaceChildren();
    this.isAtEnd = true;
    this.fresh.hidden = true;
    this.list.setAttribute("aria-label", `Messages in ${this.page.store.channelName(this.page.store.channelId)}`);
    this.draw({ isHistory: true });
  }

  redraw() {
    if (this.page.store.editing) return;
    this.nodes.clear();
    this.draw({ isHistory: true });
  }

  /** Bring the nodes in line with the records, touching only what changed. */
  draw({ isNew = false, isHistory = false } = {}) {
    const { store } = this.page;
    if (!store.channelId) return;
    const before = { height: this.scroller.scrollHeight, top: this.scroller.scrollTop };
    const isOwn = store.recordsOf(store.channelId).at(-1)?.state === "sending";
    this.list.setAttribute("aria-busy", String(isHistory));
    const isComplete = store.exhausted.has(store.channelId);
    fill(this.intro, isComplete ? channelIntro(this.page) : null);
    this.arrange(this.wanted());
    if (this.isAtEnd || (isNew && isOwn)) this.toEnd();
    else if (isHistory) this.scroller.scrollTop = before.top + this.scroller.scrollHeight - before.height;
    else if (isNew) this.fresh.hidden = false;
    if (isHistory) queueMicrotask(() => this.list.setAttribute("aria-busy", "false"));
  }

  wanted() {
    const { store } = this.page;
    const nodes = [];
    let before = null;
    for (const record of store.recordsOf(store.channelId)) {
      const isNewDay = !before || !sameDay(before.message.timestamp, record.message.timestamp);
      if (isNewDay) nodes.push(this.dayNode(record.message.timestamp));
      nodes.push(this.nodeOf(record, !isNewDay && isFollowingOf(record, before, GROUP_GAP_MS)));
      before = record;
    }
    return nodes;
  }

  nodeOf(record, isFollowing) {
    const known = this.nodes.get(record);
    if (known && known.version === record.version && known.isFollowing === isFollowing) return known.node;
    const node = messageNode(this.page, record, isFollowing);
    const hadFocus = known?.node.contains(document.activeElement);
    known?.node.replaceWith(node);
    this.nodes.set(record, { node, version: record.version, isFollowing });
    if (hadFocus && this.page.store.editing !== record.message.id) node.focus({ preventScroll: true });
    return node;
  }

  dayNode(iso) {
    const label = dayLine(iso);
    const known = this.nodes.get(label);
    if (known) return known.node;
    const node = h("div", { class: "day", role: "separator", "aria-label": label }, h("span", {}, label));
    this.nodes.set(label, { node });
    return node;
  }

  arrange(wanted) {
    const keep = new Set(wanted);
    for (const node of [...this.list.children]) if (!keep.has(node)) node.remove();
    let cursor = this.list.firstChild;
    for (const node of wanted) {
      if (node === cursor) cursor = cursor.nextSibling;
      else this.list.insertBefore(node, cursor);
    }
    const roving = this.list.querySelector(".message[tabindex='0']");
    if (!roving) this.list.querySelector(".message:last-of-type")?.setAttribute("tabindex", "0");
  }

  toEnd() {
    this.scroller.scrollTop = this.scroller.scrollHeight;
    this.isAtEnd = true;
    this.fresh.hidden = true;
  }

  scrolled() {
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    // Growing content also leaves the end behind; only moving up says that the person wants to stay there.
    if (scrollHeight - scrollTop - clientHeight < NEAR_END_PX) this.isAtEnd = true;
    else if (scrollTop < this.lastTop) this.isAtEnd = false;
    this.lastTop = scrollTop;
    if (this.isAtEnd) this.fresh.hidden = true;
    if (scrollTop < NEAR_START_PX) this.older();
  }

  async older() {
    const { store, actions } = this.page;
    if (this.isFetching || !store.loaded.has(store.channelId) || store.exhausted.has(store.channelId)) return;
    this.isFetching = true;
    await actions.loadOlder(store.channelId);
    this.isFetching = false;
  }

  /** Show a message and let it glow for a moment. */
  jump(messageId) {
    const node = this.list.querySelector(`[data-message="${CSS.escape(messageId)}"]`);
    if (!node) return;
    node.scrollIntoView({ block: "center" });
    node.classList.add("is-found");
    node.focus({ preventScroll: true });
    node.addEventListener("animationend", () => node.classList.remove("is-found"), { once: true });
  }

  markReplied() {
    const target = this.page.store.reply?.message.id;
    for (const node of this.list.querySelectorAll(".message")) node.classList.toggle("is-replied", node.dataset.message === target);
  }

  rove(node) {
    if (!node) return;
    for (const other of this.list.querySelectorAll(".message[tabindex='0']")) this.tabStop(other, "-1");
    this.tabStop(node, "0");
  }

  tabStop(node, value) {
    node.setAttribute("tabindex", value);
    for (const tool of node.querySelectorAll(".tool, .gutter, .name")) tool.setAttribute("tabindex", value);
  }

  keys(event) {
    const node = event.target;
    if (!node.classList.contains("message")) {
      if (event.key === "Escape" && node.closest(".tools")) node.closest(".message").focus();
      return;
    }
    const all = [...this.list.querySelectorAll(".message")];
    const at = all.indexOf(node);
    const moves = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: all.length - 1 };
    const record = this.page.store.record(this.page.store.channelId, node.dataset.message);
    const isMine = record?.message.author?.id === this.page.store.me?.id;
    if (event.key in moves) all[moves[event.key]]?.focus();
    else if (event.key === "r" && record) this.page.reply(record.message);
    else if (event.key === "e" && record && isMine) this.page.store.setEditing(record.message.id);
    else if (event.key === "Escape") this.page.focusComposer();
    else return;
    event.preventDefault();
  }
}
