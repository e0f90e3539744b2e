/** The page: puts the parts together and starts them. */

import { Actions, reason } from "./actions.js";
import { Api } from "./api.js";
import { Composer } from "./composer.js";
import { put } from "./dom.js";
import { EventSocket } from "./events.js";
import { spreadColours } from "./faces.js";
import { Head } from "./head.js";
import { icon } from "./icons.js";
import { Interactions } from "./interactions.js";
import { MessageLog } from "./log.js";
import { openMessageMenu } from "./message_menu.js";
import { openModal } from "./modal.js";
import { Panel } from "./panel.js";
import { pointAnchor } from "./popup.js";
import { openProfile } from "./profile.js";
import { Rail } from "./rail.js";
import { applyEvent } from "./reducer.js";
import { Sidebar } from "./sidebar.js";
import { Store } from "./store.js";
import { isDark, onThemeWish, toggleTheme } from "./theme.js";
import { refreshRelativeTimes } from "./times.js";

const NOTICE_MS = 6_000;
const RELATIVE_EVERY_MS = 10_000;
const RELOAD_PAUSE_MS = 120;
const PANEL_KEY = "playground-panel";
const PERSON_KEY = "playground-person";
// Below this width the panel lies over the conversation, so it starts closed.
const WIDE = window.matchMedia("(min-width: 1100px)");

const byId = (id) => document.getElementById(id);

/** The whole page; parts reach each other through it. */
class Page {
  constructor() {
    this.store = new Store();
    this.api = new Api();
    this.actions = new Actions(this.store, this.api, { onTrouble: (text) => this.notice(text) });
    this.interactions = new Interactions(this.store, this.api);
    this.isDark = isDark;
    this.lastChannel = new Map();
    this.build();
    this.listen();
  }

  build() {
    this.setPanel((localStorage.getItem(PANEL_KEY) ?? "open") === "open" && WIDE.matches);
    this.rail = new Rail(this, byId("rail"));
    this.sidebar = new Sidebar(this, byId("sidebar"));
    this.headPart = new Head(this, { head: byId("head"), banner: byId("banner"), typing: byId("typing") });
    this.log = new MessageLog(this, byId("log"));
    this.composer = new Composer(this, byId("composer"));
    this.panel = new Panel(this, byId("panel"));
  }

  listen() {
    document.addEventListener("click", (event) => this.followTarget(event));
    document.addEventListener("keydown", (event) => this.globalKeys(event));
    document.addEventListener("visibilitychange", () => this.seen());
    window.addEventListener("online", () => this.reconnect());
    byId("veil").addEventListener("click", () => this.closeDrawers());
    onThemeWish(() => this.sidebar.draw());
    setInterval(() => refreshRelativeTimes(), RELATIVE_EVERY_MS);
    this.listenForDrops();
  }

  /** Start as the person of the address, else the last one, else the first. */
  async start() {
    const wanted = new URLSearchParams(window.location.search).get("as") ?? localStorage.getItem(PERSON_KEY);
    await this.become(await this.resolvePerson(wanted));
  }

  async resolvePerson(wanted) {
    for (;;) {
      try {
        const { people, me } = await new Api(wanted).state();
        return people.some((person) => person.id === wanted) ? wanted : (me?.id ?? people[0].id);
      } catch (error) {
        if (wanted && error.status) wanted = null;
        else await this.pauseAfter(error);
      }
    }
  }

  async pauseAfter(error) {
    this.notice(reason(error));
    await new Promise((resolve) => setTimeout(resolve, 2_000));
  }

  /** Be someone else: everything is asked for anew with their eyes. */
  async become(personId) {
    const before = this.store.channelId;
    this.socket?.close();
    this.store.clear();
    this.api.personId = personId;
    localStorage.setItem(PERSON_KEY, personId);
    this.wantedChannel = new URLSearchParams(window.location.search).get("channel") ?? before;
    this.socket = new EventSocket(personId, {
      onOpen: () => this.resync(),
      onEvent: (name, detail) => this.received(name, detail),
      onDown: () => this.setConnection("down"),
    });
  }

  /** Ask for the state again, and for the history of the channel on show. */
  async resync() {
    const { store } = this;
    const state = await this.actions.guarded(() => this.api.state());
    if (!state) return this.socket.socket?.close();
    spreadColours([...state.people, ...state.guilds]);
    store.takeState(state);
    this.setConnection("up");
    for (const channelId of store.loaded) store.forgetHistory(channelId);
    store.loaded.clear();
    const target = this.channelToShow();
    this.actions.loadPanel();
    if (target && target === store.channelId) await Promise.all([this.actions.loadHistory(target), this.actions.loadCommands(target)]);
    else if (target) await this.openChannel(target);
    else await this.actions.openDm(store.appUserId);
    return this.remember();
  }

  channelToShow() {
    const { store } = this;
    if (store.channelId && store.channel(store.channelId)) return store.channelId;
    if (this.wantedChannel && store.channel(this.wantedChannel)) return this.wantedChannel;
    const own = store.dms.find((channel) => channel.recipients?.some((user) => store.isApp(user.id)));
    if (own || store.appUserId) return own?.id ?? null;
    return store.guilds[0]?.channels?.find((channel) => channel.type === 0)?.id ?? null;
  }

  /** Show a channel. */
  async openChannel(channelId) {
    this.closeDrawers();
    const opened = this.actions.openChannel(channelId);
    this.remember();
    await opened;
  }

  /** Show a place of the rail: the last channel seen there, or its first. */
  openPlace(place) {
    const { store } = this;
    const last = this.lastChannel.get(place);
    if (last && store.channel(last)) return this.showPlace(last);
    if (place === "home") return this.actions.openDm(store.appUserId).then(() => this.remember());
    const first = store.guild(place)?.channels?.find((channel) => channel.type === 0);
    return first ? this.showPlace(first.id) : this.notice("There is no channel here that you may see.");
  }

  showPlace(channelId) {
    const isDrawer = byId("app").classList.contains("is-drawer-open");
    const opened = this.openChannel(channelId);
    if (isDrawer) this.toggleDrawer(true);
    return opened;
  }

  remember() {
    const { store } = this;
    if (!store.channelId || !store.me) return;
    this.lastChannel.set(store.guildId ?? "home", store.channelId);
    const query = new URLSearchParams(window.location.search);
    query.set("as", store.me.id);
    query.set("channel", store.channelId);
    window.history.replaceState(null, "", `?${query}`);
  }

  received(name, detail) {
    if (name === "PLAY_MODAL") openModal(this, detail);
    else if (name === "PLAY_AUTOCOMPLETE") this.interactions.suggest(detail);
    else if (name === "PLAY_INTERACTION") this.interactions.settle(detail);
    else if (name === "PLAY_COMMANDS") this.actions.loadCommands(this.store.channelId);
    else if (applyEvent(this.store, name, detail)) this.reloadSoon();
    if (name === "PLAY_APP" && detail.online) this.actions.loadPanel();
  }

  reloadSoon() {
    clearTimeout(this.reloading);
    this.reloading = setTimeout(async () => {
      const state = await this.actions.guarded(() => this.api.state(), { isQuiet: true });
      if (state) this.store.takeState(state);
    }, RELOAD_PAUSE_MS);
  }

  setConnection(connection) {
    this.store.connection = connection;
    this.store.emit("connection");
  }

  /** Try the socket at once. */
  reconnect() {
    this.socket?.retryNow();
  }

  seen() {
    if (document.visibilityState === "visible" && this.store.channelId) this.store.markRead(this.store.channelId);
  }

  /** Answer a message. */
  reply(message, isPinging = true) {
    this.store.setReply(message, isPinging && message.author?.id !== this.store.me?.id);
    this.composer.focus();
  }

  /** Put the cursor into the composer. */
  focusComposer() {
    this.composer.focus();
  }

  /** Open a message's menu where the pointer is. */
  openMessageMenuAt(event, record) {
    if (event.target.closest("a, img, textarea, input, pre") || String(window.getSelection())) return;
    event.preventDefault();
    openMessageMenu(this, record, event.clientX ? pointAnchor(event.clientX, event.clientY) : event.target);
  }

  /** Copy text and say so. */
  async copy(text, words) {
    try {
      await navigator.clipboard.writeText(text);
      this.notice(words);
    } catch {
      this.notice("The browser did not allow copying.");
    }
  }

  /** Show a short line that goes away by itself. */
  notice(text) {
    const node = document.createElement("div");
    node.className = "notice";
    node.append(text);
    put(byId("notices"), node);
    setTimeout(() => node.remove(), NOTICE_MS);
  }

  /** Change between light and dark. */
  toggleTheme() {
    toggleTheme();
    this.sidebar.draw();
    byId("sidebar").querySelector(".me > .quiet")?.focus();
  }

  /** Whether the side panel shows. */
  isPanelOpen() {
    return byId("app").classList.contains("is-panel-open");
  }

  /** Open or close the side panel, and remember. */
  togglePanel(isOpen = !this.isPanelOpen()) {
    this.setPanel(isOpen);
    localStorage.setItem(PANEL_KEY, isOpen ? "open" : "closed");
    this.headPart.draw();
    if (isOpen) byId("panel").querySelector("button")?.focus();
    else byId("head").querySelector("[aria-controls='panel']")?.focus();
  }

  setPanel(isOpen) {
    byId("app").classList.toggle("is-panel-open", isOpen);
    byId("panel").hidden = !isOpen;
  }

  /** Open or close the drawer of servers and channels on narrow screens. */
  toggleDrawer(isOpen = !byId("app").classList.contains("is-drawer-open")) {
    byId("app").classList.toggle("is-drawer-open", isOpen);
    if (isOpen) byId("sidebar").querySelector(".place.is-current, .place")?.focus();
  }

  closeDrawers() {
    this.toggleDrawer(false);
    if (!WIDE.matches && this.isPanelOpen()) this.setPanel(false);
    this.headPart?.draw();
  }

  followTarget(event) {
    const target = event.target.closest?.("[data-profile], [data-channel], [data-dm], [data-jump]");
    if (!target) return;
    const { profile, channel, dm, jump } = target.dataset;
    if (profile) openProfile(this, profile, target);
    else if (channel) this.openChannel(channel);
    else if (dm) this.actions.openDm(dm).then(() => this.openChannel(this.store.channelId));
    else if (jump) this.log.jump(jump);
  }

  globalKeys(event) {
    const isFree = document.activeElement === document.body || document.activeElement?.id === "log";
    const isLetter = event.key.length === 1 && event.key !== " " && !event.ctrlKey && !event.metaKey && !event.altKey;
    if (isFree && isLetter && !String(window.getSelection())) this.composer.focus();
    if (event.key !== "Escape" || event.defaultPrevented) return;
    if (byId("app").classList.contains("is-drawer-open") || (!WIDE.matches && this.isPanelOpen())) this.closeDrawers();
    else if (this.store.editing) this.store.setEditing(null);
    else if (this.store.reply) this.store.setReply(null);
    else return;
    this.composer.focus();
  }

  listenForDrops() {
    const main = byId("main");
    const drop = byId("drop");
    const hasFiles = (event) => [...(event.dataTransfer?.types ?? [])].includes("Files");
    main.addEventListener("dragover", (event) => {
      if (!hasFiles(event)) return;
      event.preventDefault();
      drop.hidden = false;
    });
    main.addEventListener("dragleave", (event) => {
      if (!main.contains(event.relatedTarget)) drop.hidden = true;
    });
    main.addEventListener("drop", (event) => {
      drop.hidden = true;
      if (!hasFiles(event)) return;
      event.preventDefault();
      this.composer.tray.add([...event.dataTransfer.files]);
    });
    put(drop, icon("download", 40), "Drop to attach");
  }
}

new Page().start();
