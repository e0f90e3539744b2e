/** Names on screen, ids on the wire: turns `@Ada` into `<@id>` and back. */

import { displayName } from "./store.js";

const CODE = /(```[\s\S]*?```|`[^`\n]+`)/;

/** What is sent for what was written. Code is left as it is. */
export function toWire(store, text) {
  const names = mentionTable(store);
  return text.split(CODE).map((part, index) => (index % 2 ? part : replaceNames(part, names))).join("");
}

/** What is shown in a text field for what was sent. */
export function toShown(store, text) {
  return text
    .replace(/<@!?(\d{1,20})>/g, (whole, id) => (store.user(id) ? `@${store.userName(id)}` : whole))
    .replace(/<@&(\d{1,20})>/g, (whole, id) => (store.roleName(id) === "unknown-role" ? whole : `@${store.roleName(id)}`))
    .replace(/<#(\d{1,20})>/g, (whole, id) => (store.channel(id)?.name ? `#${store.channelName(id)}` : whole));
}

function mentionTable(store) {
  const guild = store.guild(store.guildId);
  const people = store.membersHere().flatMap((user) => [displayName(user), user.username].map((name) => [`@${name}`, `<@${user.id}>`]));
  const roles = (guild?.roles ?? []).filter((role) => role.name !== "@everyone").map((role) => [`@${role.name}`, `<@&${role.id}>`]);
  const channels = (guild?.channels ?? []).map((channel) => [`#${channel.name}`, `<#${channel.id}>`]);
  return [...people, ...roles, ...channels].sort((one, other) => other[0].length - one[0].length);
}

function replaceNames(text, names) {
  let made = "";
  for (let at = 0; at < text.length;) {
    const hit = /[@#]/.test(text[at]) && !/[\w<]/.test(text[at - 1] ?? "") ? names.find(([name]) => standsAt(text, at, name)) : null;
    made += hit ? hit[1] : text[at];
    at += hit ? hit[0].length : 1;
  }
  return made;
}

function standsAt(text, at, name) {
  const piece = text.slice(at, at + name.length);
  return piece.toLowerCase() === name.toLowerCase() && !/[\p{L}\p{N}_]/u.test(text[at + name.length] ?? "");
}
