/** Light and dark: the system's wish, unless the person chose otherwise. */

const KEY = "playground-theme";
const wish = window.matchMedia("(prefers-color-scheme: dark)");

/** Whether dark colours show now. */
export function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : wish.matches;
}

/** Change to the other colours and remember. */
export function toggleTheme() {
  const next = isDark() ? "light" : "dark";
  document.documentElement.dataset.theme = next;
  localStorage.setItem(KEY, next);
}

/** Tell when the system's wish changes. */
export function onThemeWish(listener) {
  wish.addEventListener("change", listener);
}
