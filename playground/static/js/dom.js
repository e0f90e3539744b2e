/**
 * Builds DOM nodes. Text always becomes text nodes: nothing a person or the
 * application wrote is ever parsed as HTML.
 */

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";
const AS_PROPERTY = new Set(["value", "checked", "disabled", "selected", "tabIndex", "hidden", "textContent"]);

/** Create an element; `on…` props are listeners, `vars` CSS variables, `data` dataset entries. */
export function h(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  return put(node, ...children);
}

/** Create an SVG element with plain attributes. */
export function s(tag, attributes, ...children) {
  const node = document.createElementNS(SVG_NAMESPACE, tag);
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (value !== null && value !== undefined) node.setAttribute(name, String(value));
  }
  return put(node, ...children);
}

/** Append children, leaving out empty ones. */
export function put(node, ...children) {
  node.append(...children.flat(Infinity).filter((child) => !isEmpty(child)));
  return node;
}

/** Replace everything inside *node*. */
export function fill(node, ...children) {
  node.replaceChildren();
  return put(node, ...children);
}

/** The address when it is plain http(s) or on this page's own server, else null. */
export function safeUrl(address) {
  try {
    const url = new URL(String(address), window.location.href);
    return url.protocol === "http:" || url.protocol === "https:" ? url.href : null;
  } catch {
    return null;
  }
}

/** A fresh element id for labels and descriptions. */
export function freshId(prefix) {
  freshId.count = (freshId.count ?? 0) + 1;
  return `${prefix}-${freshId.count}`;
}

function isEmpty(child) {
  return child === null || child === undefined || child === false || child === "";
}

function setProp(node, name, value) {
  if (value === null || value === undefined) return;
  if (AS_PROPERTY.has(name)) node[name] = value;
  else if (value === false) return;
  else if (name.startsWith("on")) node.addEventListener(name.slice(2).toLowerCase(), value);
  else if (name === "vars") for (const [key, text] of Object.entries(value)) node.style.setProperty(key, text);
  else if (name === "data") Object.assign(node.dataset, value);
  else node.setAttribute(name, value === true ? "" : String(value));
}
