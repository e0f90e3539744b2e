/** Slash commands as flat entries: subcommands by full name, options in the order they are asked. */

import { COMMAND } from "./message_menu.js";

/** Option kinds as Discord numbers them. */
export const OPTION = { sub: 1, group: 2, string: 3, integer: 4, boolean: 5, user: 6, channel: 7, role: 8, mentionable: 9, number: 10, attachment: 11 };

/** What can be typed here: `{name, description, options, command, path}` for each way to call a command. */
export function slashEntries(commands) {
  return commands.filter((command) => (command.type ?? COMMAND.slash) === COMMAND.slash).flatMap((command) => flatten(command, command, []));
}

/** The entries that fit what was typed after the slash, best first. */
export function matchingEntries(entries, typed) {
  const wanted = typed.trim().toLowerCase();
  const rank = (entry) => {
    const name = shownName(entry).toLowerCase();
    if (name.startsWith(wanted)) return 0;
    if (name.includes(wanted)) return 1;
    return shownDescription(entry).toLowerCase().includes(wanted) ? 2 : 3;
  };
  const ranked = entries.map((entry) => [rank(entry), entry]).filter(([place]) => place < 3);
  return ranked.sort((one, other) => one[0] - other[0] || shownName(one[1]).localeCompare(shownName(other[1]))).map(([, entry]) => entry);
}

/** The command's name in the reader's language when it has one. */
export function shownName(entry) {
  return entry.path.map((step) => localized(step, "name")).join(" ");
}

/** The command's description in the reader's language when it has one. */
export function shownDescription(entry) {
  return localized(entry.path.at(-1), "description") || "";
}

/** A thing's text in the reader's language when it has one. */
export function localized(thing, key) {
  const texts = thing[`${key}_localizations`];
  const language = navigator.language;
  return texts?.[language] ?? texts?.[language.split("-")[0]] ?? thing[key];
}

/** The interaction's `data` for *entry* with option values `[{name, type, value, focused?}]`. */
export function commandData(entry, values) {
  const [command, ...steps] = entry.path;
  const options = steps.reduceRight((inner, step) => [{ name: step.name, type: step.type, options: inner }], values);
  return { id: command.id, name: command.name, type: COMMAND.slash, options };
}

function flatten(command, node, path) {
  const here = [...path, node];
  const subs = (node.options ?? []).filter((option) => option.type === OPTION.sub || option.type === OPTION.group);
  if (subs.length) return subs.flatMap((sub) => flatten(command, sub, here));
  const options = [...(node.options ?? [])].sort((one, other) => Number(Boolean(other.required)) - Number(Boolean(one.required)));
  return [{ command, path: here, options }];
}
