/** Files waiting to be sent: chosen, pasted or dropped, with previews that can be removed. */

import { fill, h } from "./dom.js";
import { icon } from "./icons.js";
import { sizeWords } from "./media.js";

// Discord's own limits: ten files, and 10 MB each without a subscription.
const MOST_FILES = 10;
const MOST_BYTES = 10 * 1024 * 1024;

/** The tray above the text field. */
export class FileTray {
  constructor(box, { limits, onChange, onTrouble }) {
    this.box = box;
    this.limits = limits;
    this.onChange = onChange;
    this.onTrouble = onTrouble;
    this.files = [];
    this.addresses = [];
    this.picker = h("input", { type: "file", multiple: true, class: "visually-hidden", tabindex: "-1", "aria-label": "Files" });
    this.picker.addEventListener("change", () => {
      this.add([...this.picker.files]);
      this.picker.value = "";
    });
    box.after(this.picker);
  }

  /** Let the person choose files. */
  choose() {
    if (!this.picker.isConnected) this.box.after(this.picker);
    this.picker.click();
  }

  /** Take files in, as far as the limits allow. */
  add(files) {
    const most = this.limits().attachment_bytes ?? MOST_BYTES;
    const fitting = files.filter((file) => file.size <= most);
    if (fitting.length < files.length) this.onTrouble(`A file may have ${sizeWords(most)}.`);
    if (this.files.length + fitting.length > MOST_FILES) this.onTrouble(`A message may carry ${MOST_FILES} files.`);
    this.files = [...this.files, ...fitting].slice(0, MOST_FILES);
    this.draw();
    this.onChange();
  }

  /** Empty the tray. */
  clear() {
    this.files = [];
    this.draw();
  }

  draw() {
    this.addresses.forEach((address) => URL.revokeObjectURL(address));
    this.addresses = [];
    this.box.hidden = !this.files.length;
    fill(this.box, this.files.map((file) => this.tile(file)));
  }

  tile(file) {
    const remove = h("button", { type: "button", class: "tray-remove", "aria-label": `Remove ${file.name}`, onclick: () => this.remove(file) }, icon("trash", 16));
    return h("figure", { class: "tray-tile" }, file.type.startsWith("image/") ? this.previewOf(file) : h("div", { class: "tray-icon" }, icon("file", 40)),
      h("figcaption", {}, file.name, h("small", {}, sizeWords(file.size))), remove);
  }

  previewOf(file) {
    const address = URL.createObjectURL(file);
    this.addresses.push(address);
    const image = h("img", { src: address, alt: "" });
    image.addEventListener("error", () => image.replaceWith(h("div", { class: "tray-icon" }, icon("file", 40))));
    return image;
  }

  remove(file) {
    this.files = this.files.filter((other) => other !== file);
    this.draw();
    this.onChange();
  }
}
