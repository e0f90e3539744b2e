/** People, roles and channels of the place on show, as choices for selects and options. */

import { avatar } from "./faces.js";
import { icon } from "./icons.js";
import { CHANNEL, displayName } from "./store.js";

/** The people who can be chosen here. */
export function userChoices(store) {
  return store.membersHere().map((user) => ({
    value: user.id, label: displayName(user), description: user.username, keywords: user.username,
    picture: () => avatar(user, { size: 24, isCompanion: store.isApp(user.id) }),
  }));
}

/** The roles that can be chosen here. */
export function roleChoices(store) {
  const roles = store.guild(store.guildId)?.roles ?? [];
  return roles.map((role) => ({ value: role.id, label: role.name, picture: () => icon("shield", 20) }));
}

/** The channels that can be chosen here, of the given kinds only when some are given. */
export function channelChoices(store, kinds = []) {
  const channels = store.guild(store.guildId)?.channels ?? [];
  const wanted = channels.filter((channel) => (!kinds.length || kinds.includes(channel.type)));
  return wanted.map((channel) => ({ value: channel.id, label: channel.name, picture: () => icon(CHANNEL.threads.includes(channel.type) ? "thread" : "hash", 20) }));
}
