/** Line icons on a 24 × 24 grid, drawn with the text colour. */

import { s } from "./dom.js";

const PATHS = {
  hash: "M9 3 7 21M17 3l-2 18M4 8.5h17M3 15.5h17",
  thread: "M4 5h16M4 5v6a3 3 0 0 0 3 3h9M13 10l4 4-4 4",
  at: "M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0Zm0 0v1.5a2.5 2.5 0 0 0 5 0V12a9 9 0 1 0-3.6 7.2",
  home: "M4 11.5 12 4l8 7.5M6.5 10v9.5h11V10",
  plus: "M12 5v14M5 12h14",
  close: "M6 6l12 12M18 6 6 18",
  reply: "M10 7 4.5 12.5 10 18M5 12.5h8.5a6 6 0 0 1 6 6V19",
  pencil: "M4.5 19.5l.9-4L16 4.9a1.6 1.6 0 0 1 2.3 0l.8.8a1.6 1.6 0 0 1 0 2.3L8.5 18.6l-4 .9ZM14 7l3 3",
  trash: "M5 7h14M10 7V4.5h4V7M7 7l.8 12.5h8.4L17 7M10.4 10.5v5.5M13.6 10.5v5.5",
  smile: "M12 21a9 9 0 1 0 0-18 9 9 0 0 0 0 18ZM8.5 14.2c.8 1.4 2 2.1 3.5 2.1s2.7-.7 3.5-2.1M9 9.3v.9M15 9.3v.9",
  more: "M5.2 12h.6M11.7 12h.6M18.2 12h.6",
  copy: "M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9",
  send: "M4 12 20 4.5 15 20l-3.5-6.5L4 12ZM11.5 13.5 20 4.5",
  sun: "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4",
  moon: "M20 14.2A8.3 8.3 0 1 1 9.8 4a6.7 6.7 0 0 0 10.2 10.2Z",
  panel: "M3.5 5h17v14h-17zM14.5 5v14",
  menu: "M4 7h16M4 12h16M4 17h16",
  eye: "M2.5 12S6 5.5 12 5.5 21.5 12 21.5 12 18 18.5 12 18.5 2.5 12 2.5 12ZM12 15a3 3 0 1 0 0-6 3 3 0 0 0 0 6Z",
  file: "M6.5 3.5h7l4 4v13h-11zM13.5 3.5v4h4",
  download: "M12 4v11M7.5 10.5 12 15l4.5-4.5M5 19.5h14",
  external: "M13.5 4.5h6v6M19.5 4.5 11 13M17 14v5.5H4.5V7H10",
  down: "M6 9.5l6 6 6-6",
  right: "M9.5 6l6 6-6 6",
  check: "M5 12.5l4.5 4.5L19 7.5",
  bell: "M6.5 16.5V11a5.5 5.5 0 0 1 11 0v5.5l1.5 1.5H5l1.5-1.5ZM10.2 20.5h3.6",
  slash: "M15.5 4 8.5 20",
  alert: "M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 17v.2",
  spark: "M12 3.5l1.9 5.6 5.6 1.9-5.6 1.9L12 18.5l-1.9-5.6L4.5 11l5.6-1.9L12 3.5ZM19 16.5v4M17 18.5h4",
  user: "M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM4.5 20.5c.6-4 3.6-6 7.5-6s6.9 2 7.5 6",
  shield: "M12 3.5l7.5 3v5.5c0 4.5-3 7.5-7.5 9-4.5-1.5-7.5-4.5-7.5-9V6.5l7.5-3Z",
};

/** Draw the icon called *name*; it is decoration, so it is hidden from readers. */
export function icon(name, size = 20) {
  return s(
    "svg",
    {
      class: "icon", viewBox: "0 0 24 24", width: size, height: size, fill: "none", stroke: "currentColor",
      "stroke-width": 1.9, "stroke-linecap": "round", "stroke-linejoin": "round", "aria-hidden": "true",
    },
    s("path", { d: PATHS[name] ?? PATHS.more }),
  );
}
