/** A small card about a person, with the application's own entries for people. */

import { h } from "./dom.js";
import { avatar } from "./faces.js";
import { icon } from "./icons.js";
import { appEntries, COMMAND } from "./message_menu.js";
import { walk } from "./menu.js";
import { closePopup, openPopup } from "./popup.js";
import { displayName } from "./store.js";

/** Open the card of *userId* beside *anchor*. */
export function openProfile(page, userId, anchor) {
  const { store } = page;
  const user = store.user(userId);
  if (!user) return;
  const isCompanion = store.isApp(userId);
  const card = h("div", { class: "profile", role: "dialog", "aria-label": `About ${displayName(user)}` },
    h("div", { class: "profile-top" }, avatar(user, { size: 72, isCompanion, mood: isCompanion ? store.panel?.mood : null })),
    h("div", { class: "profile-name" }, store.userName(userId), user.bot ? h("span", { class: "tag" }, "APP") : null),
    h("div", { class: "profile-user" }, user.username),
    roles(store, userId),
    h("div", { class: "menu" }, entries(page, user).map(entryButton)));
  card.addEventListener("keydown", (event) => walk(event, [...card.querySelectorAll(".menu-item")]));
  openPopup(anchor, card, { side: "right", className: "is-profile" });
  card.querySelector(".menu-item")?.focus({ preventScroll: true });
}

function entries(page, user) {
  const isMe = user.id === page.store.me?.id;
  return [
    isMe ? null : { label: "Message", icon: "at", run: () => page.actions.openDm(user.id) },
    { label: "Mention", icon: "at", run: () => page.composer.insert(`@${displayName(user)} `) },
    { label: "Copy user id", icon: "copy", run: () => page.copy(user.id, "User id copied") },
    ...appEntries(page, COMMAND.user, user.id),
  ].filter(Boolean);
}

function entryButton(entry) {
  if (entry.line) return h("div", { role: "separator", class: "menu-line" });
  if (entry.heading) return h("div", { class: "menu-heading" }, entry.heading);
  const run = () => {
    closePopup();
    entry.run();
  };
  return h("button", { type: "button", class: "menu-item", onclick: run }, h("span", { class: "menu-label" }, entry.label), icon(entry.icon, 18));
}

function roles(store, userId) {
  const guild = store.guild(store.guildId);
  const member = guild?.members?.find((one) => one.user?.id === userId);
  const own = (guild?.roles ?? []).filter((role) => member?.roles?.includes(role.id));
  return own.length ? h("ul", { class: "roles", "aria-label": "Roles" }, own.map((role) => h("li", {}, role.name))) : null;
}
