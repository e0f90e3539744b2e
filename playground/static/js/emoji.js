/** A small set of emoji with their names, and the grid to choose from. */

import { h } from "./dom.js";
import { walk } from "./menu.js";
import { closePopup, openPopup } from "./popup.js";

const COLUMNS = 8;

/** The emoji on offer, as `[character, name]`. */
const EMOJI = [
  ["👍", "thumbs up"], ["❤️", "heart"], ["😂", "tears of joy"], ["😊", "smile"], ["🥹", "holding back tears"], ["😮", "surprised"], ["😢", "crying"], ["😡", "angry"],
  ["😄", "grin"], ["😉", "wink"], ["😍", "heart eyes"], ["🤔", "thinking"], ["🙄", "rolling eyes"], ["😴", "sleeping"], ["😅", "sweat smile"], ["🥰", "in love"],
  ["😎", "cool"], ["🤗", "hug"], ["😳", "flushed"], ["😭", "sobbing"], ["🙃", "upside down"], ["😬", "grimace"], ["🤯", "mind blown"], ["🫠", "melting"],
  ["👋", "wave"], ["🙏", "folded hands"], ["👏", "clap"], ["💪", "strong"], ["🤝", "handshake"], ["👀", "eyes"], ["🫶", "heart hands"], ["✌️", "victory"],
  ["🔥", "fire"], ["✨", "sparkles"], ["🎉", "party"], ["💯", "hundred"], ["💔", "broken heart"], ["💜", "purple heart"], ["⭐", "star"], ["🌙", "moon"],
  ["☕", "coffee"], ["🍰", "cake"], ["🎵", "music"], ["📚", "books"], ["✅", "check mark"], ["❌", "cross mark"], ["❓", "question"], ["🐈", "cat"],
];

/** Those offered directly in a message's tools. */
export const QUICK_EMOJI = EMOJI.slice(0, 3);

/** The spoken name of an emoji, or the character itself. */
export function emojiName(character) {
  return EMOJI.find(([one]) => one === character)?.[1] ?? character;
}

/** Open the grid beside *anchor*; *onPick* gets the character. */
export function openEmojiPicker(anchor, onPick, options = {}) {
  const cells = EMOJI.map(([character, name], index) => h("button", {
    type: "button", class: "emoji-cell", tabindex: index ? "-1" : "0", "aria-label": name, title: name,
    onclick: () => {
      closePopup();
      onPick(character);
    },
  }, character));
  const grid = h("div", { class: "emoji-grid", role: "group", "aria-label": "Emoji" }, cells);
  grid.addEventListener("keydown", (event) => walk(event, cells, { columns: COLUMNS }));
  openPopup(anchor, grid, { align: "end", ...options });
}
