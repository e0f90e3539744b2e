/** Small surfaces beside a thing on the page: one at a time, closed by Escape or a click elsewhere. */

import { h } from "./dom.js";

const GAP_PX = 6;
const EDGE_PX = 8;
let open = null;

/** Show *content* beside *anchor*; returns the way to close it. Focus goes back where it was. */
export function openPopup(anchor, content, { side = "bottom", align = "start", className = "", onClose = null, takesFocus = true } = {}) {
  closePopup();
  const surface = h("div", { class: `popup ${className}`.trim() }, content);
  const host = anchor.closest?.("dialog") ?? document.body;
  host.append(surface);
  const previous = document.activeElement;
  const popup = { surface, anchor, onClose, previous, side, align, isForm: takesFocus };
  popup.stop = watch(popup);
  open = popup;
  place(popup);
  if (takesFocus) firstFocusable(surface)?.focus({ preventScroll: true });
  return () => open === popup && closePopup();
}

/** Close whatever is open; says whether something was. */
export function closePopup({ returnsFocus = true } = {}) {
  if (!open) return false;
  const { surface, stop, onClose, previous, anchor } = open;
  open = null;
  stop();
  const hadFocus = surface.contains(document.activeElement);
  surface.remove();
  const home = previous?.isConnected && previous !== document.body ? previous : anchor;
  if (returnsFocus && hadFocus && home?.isConnected) home.focus?.({ preventScroll: true });
  onClose?.();
  return true;
}

/** Whether *anchor* has its popup open. */
export function isPopupOf(anchor) {
  return open?.anchor === anchor;
}

/** Place the open popup anew, after its content changed. */
export function replacePopup() {
  if (open) place(open);
}

function watch(popup) {
  const outside = (event) => {
    if (!popup.surface.contains(event.target) && !popup.anchor.contains?.(event.target)) closePopup({ returnsFocus: false });
  };
  const escape = (event) => {
    if (event.key !== "Escape") return;
    event.preventDefault();
    event.stopPropagation();
    closePopup();
  };
  const moved = () => place(popup);
  document.addEventListener("pointerdown", outside, true);
  document.addEventListener("keydown", escape, true);
  window.addEventListener("resize", moved);
  return () => {
    document.removeEventListener("pointerdown", outside, true);
    document.removeEventListener("keydown", escape, true);
    window.removeEventListener("resize", moved);
  };
}

function place({ surface, anchor, side, align }) {
  const box = anchor.getBoundingClientRect();
  const { offsetWidth: width, offsetHeight: height } = surface;
  const [spaceX, spaceY] = [window.innerWidth - width - EDGE_PX, window.innerHeight - height - EDGE_PX];
  let left = align === "end" ? box.right - width : box.left;
  let top = side === "top" ? box.top - height - GAP_PX : box.bottom + GAP_PX;
  if (side === "right") [left, top] = [box.right + GAP_PX, box.top];
  if (side === "bottom" && top > spaceY && box.top - height - GAP_PX > EDGE_PX) top = box.top - height - GAP_PX;
  if (side === "top" && top < EDGE_PX) top = box.bottom + GAP_PX;
  surface.style.setProperty("left", `${Math.max(EDGE_PX, Math.min(left, spaceX))}px`);
  surface.style.setProperty("top", `${Math.max(EDGE_PX, Math.min(top, spaceY))}px`);
}

/** The first thing in *root* that can hold the focus. */
function firstFocusable(root) {
  return root.querySelector("[autofocus], [tabindex='0'], input:not([disabled]), textarea, button:not([disabled]), a[href]");
}

/** An anchor at a point, for context menus. */
export function pointAnchor(x, y) {
  return { getBoundingClientRect: () => new DOMRect(x, y, 0, 0), contains: () => false, isConnected: false };
}
