/**
 * Reads Discord's markdown into a tree of plain values. It draws nothing;
 * markdown_view.js turns the tree into nodes.
 */

// Deeper nesting than this is shown as written; it also bounds the work.
const DEEPEST = 12;
const FENCE = /```(?:([\w+\-.#]+)\n)?\n*([\s\S]*?[^\n])\n*```/y;
const HEADING = /(#{1,3}) +([^\n]+)(?:\n|$)/y;
const SUBTEXT = /-# +([^\n]+)(?:\n|$)/y;
const QUOTE_REST = />>> ?([\s\S]*)/y;
const QUOTE_LINE = /> ([^\n]*)(?:\n|$)/y;
const LIST_LINE = /( *)([-*]|\d{1,9}\.) +([^\n]+)(?:\n|$)/y;
const TRAILING = /[.,:;!?"'\]]+$/;

const INLINE = [
  [/\\([^0-9A-Za-z\s])/y, (m) => ({ type: "text", text: m[1] })],
  [/(`+)([\s\S]*?[^`])\1(?!`)/y, (m) => ({ type: "code", text: trimTicks(m[2]) })],
  [/\|\|([\s\S]+?)\|\|/y, (m, d) => ({ type: "spoiler", children: inline(m[1], d) })],
  [/__((?:\\[\s\S]|[^\\])+?)__(?!_)/y, (m, d) => ({ type: "underline", children: inline(m[1], d) })],
  [/_((?:__|\\[\s\S]|[^\\_])+?)_(?![0-9A-Za-z])/y, (m, d) => ({ type: "italic", children: inline(m[1], d) })],
  [/~~([\s\S]+?)~~/y, (m, d) => ({ type: "strike", children: inline(m[1], d) })],
  [/<@!?(\d{1,20})>/y, (m) => ({ type: "user", id: m[1] })],
  [/<@&(\d{1,20})>/y, (m) => ({ type: "role", id: m[1] })],
  [/<#(\d{1,20})>/y, (m) => ({ type: "channel", id: m[1] })],
  [/<\/([^:>\n]{1,100}):(\d{1,20})>/y, (m) => ({ type: "command", name: m[1], id: m[2] })],
  [/<a?:(\w{2,32}):(\d{1,20})>/y, (m) => ({ type: "emoji", name: m[1], id: m[2] })],
  [/<t:(-?\d{1,13})(?::([tTdDfFR]))?>/y, (m) => ({ type: "time", seconds: Number(m[1]), style: m[2] ?? "f", raw: m[0] })],
  [/<(https?:\/\/[^\s<>]+)>/y, (m) => link(m[1], [{ type: "text", text: m[1] }])],
  [/\[((?:\\[\s\S]|[^\\\]\n])+)\]\(<?(https?:\/\/[^\s<>)]+)>?(?: +"[^"\n]*")?\)/y, (m, d) => link(m[2], inline(m[1], d))],
  [/https?:\/\/[^\s<>]+/y, bareLink],
  [/@(everyone|here)\b/y, (m) => ({ type: "everyone", text: m[0] })],
];
const STRONG = /\*\*((?:\\[\s\S]|[^\\])+?)\*\*(?!\*)/y;
const EMPHASIS = /\*(?=\S)((?:\*\*|\\[\s\S]|\s+(?:\\[\s\S]|[^\s*\\]|\*\*)|[^\s*\\])+?)\*(?!\*)/y;
// Characters at which an inline rule may begin.
const SPECIAL = /[\\`|_~<[@*h]/g;

/** Parse a whole message into blocks. */
export function parse(text) {
  return blocks(String(text ?? ""), 0, false);
}

/** Parse one run of text without blocks (titles, previews, labels). */
export function parseInline(text) {
  return inline(String(text ?? ""), 0);
}

/** The words alone, without marks, for previews and labels. */
export function plainText(nodes) {
  return nodes.map((node) => {
    if (node.type === "list") return node.items.map((item) => plainText(item.children)).join(" ");
    if (node.type === "emoji") return `:${node.name}:`;
    if (node.type === "spoiler") return "▒▒▒";
    return node.children ? plainText(node.children) : (node.text ?? "");
  }).join("");
}

function blocks(text, depth, quoted) {
  const found = [];
  let at = 0;
  while (at < text.length) {
    const hit = blockAt(text, at, depth, quoted);
    if (hit) {
      found.push(hit.node);
      at = hit.end;
      continue;
    }
    const end = textEnd(text, at);
    found.push({ type: "lines", text: text.slice(at, end) });
    at = end;
  }
  return mergeLines(found, depth);
}

function blockAt(text, at, depth, quoted) {
  const fence = match(FENCE, text, at);
  if (fence) return { node: { type: "fence", language: fence[1] ?? "", text: fence[2] }, end: afterBreak(text, FENCE.lastIndex) };
  if (depth >= DEEPEST || (at > 0 && text[at - 1] !== "\n")) return null;
  return (quoted ? null : quoteAt(text, at, depth)) ?? headingAt(text, at, depth) ?? listAt(text, at, depth);
}

function headingAt(text, at, depth) {
  const heading = match(HEADING, text, at);
  if (heading) return { node: { type: "heading", level: heading[1].length, children: inline(heading[2], depth + 1) }, end: HEADING.lastIndex };
  const subtext = match(SUBTEXT, text, at);
  return subtext && { node: { type: "subtext", children: inline(subtext[1], depth + 1) }, end: SUBTEXT.lastIndex };
}

function quoteAt(text, at, depth) {
  const rest = match(QUOTE_REST, text, at);
  if (rest) return { node: { type: "quote", children: blocks(rest[1], depth + 1, true) }, end: text.length };
  const lines = [];
  let end = at;
  for (let line = match(QUOTE_LINE, text, end); line && line[0]; line = match(QUOTE_LINE, text, end)) {
    lines.push(line[1]);
    end = QUOTE_LINE.lastIndex;
  }
  return lines.length ? { node: { type: "quote", children: blocks(lines.join("\n"), depth + 1, true) }, end } : null;
}

function listAt(text, at, depth) {
  const lines = [];
  let end = at;
  for (let line = match(LIST_LINE, text, end); line && line[0]; line = match(LIST_LINE, text, end)) {
    lines.push({ indent: line[1].length, mark: line[2], text: line[3] });
    end = LIST_LINE.lastIndex;
  }
  return lines.length ? { node: listOf(lines, depth), end } : null;
}

function listOf(lines, depth) {
  const ordered = /\d/.test(lines[0].mark);
  const list = { type: "list", ordered, start: ordered ? Number.parseInt(lines[0].mark, 10) : 1, items: [] };
  let at = 0;
  while (at < lines.length) {
    const children = inline(lines[at].text, depth + 1);
    const nested = [];
    for (at += 1; at < lines.length && lines[at].indent > lines[0].indent; at += 1) nested.push(lines[at]);
    if (nested.length && depth < DEEPEST) children.push(listOf(nested, depth + 1));
    list.items.push({ children });
  }
  return list;
}

function textEnd(text, at) {
  const newline = text.indexOf("\n", at);
  const lineEnd = newline < 0 ? text.length : newline + 1;
  for (let tick = text.indexOf("```", at + 1); tick >= 0 && tick < lineEnd; tick = text.indexOf("```", tick + 1)) {
    if (match(FENCE, text, tick)) return tick;
  }
  return lineEnd;
}

function mergeLines(found, depth) {
  const merged = [];
  for (const node of found) {
    const last = merged.at(-1);
    if (node.type === "lines" && last?.type === "lines") last.text += node.text;
    else merged.push(node);
  }
  return merged.map((node, index) => {
    if (node.type !== "lines") return node;
    const text = index < merged.length - 1 ? node.text.replace(/\n$/, "") : node.text;
    return { type: "paragraph", children: inline(text, depth + 1) };
  });
}

function inline(text, depth) {
  if (depth >= DEEPEST) return [{ type: "text", text }];
  const found = [];
  let at = 0;
  while (at < text.length) {
    const hit = inlineAt(text, at, depth + 1);
    const end = hit ? hit.end : nextSpecial(text, at + 1);
    pushNode(found, hit ? hit.node : { type: "text", text: text.slice(at, end) });
    at = end;
  }
  return found;
}

function inlineAt(text, at, depth) {
  if (text[at] === "*") return starsAt(text, at, depth);
  for (const [rule, make] of INLINE) {
    const found = match(rule, text, at);
    if (!found || (found[0][0] === "_" && /[0-9A-Za-z]/.test(text[at - 1] ?? ""))) continue;
    const end = rule.lastIndex;
    const node = make(found, depth);
    return { node, end: node.length ? at + node.length : end };
  }
  return null;
}

function starsAt(text, at, depth) {
  const strong = match(STRONG, text, at);
  const strongEnd = STRONG.lastIndex;
  const emphasis = match(EMPHASIS, text, at);
  const emphasisEnd = EMPHASIS.lastIndex;
  if (emphasis && (!strong || emphasisEnd >= strongEnd)) {
    return { node: { type: "italic", children: inline(emphasis[1], depth) }, end: emphasisEnd };
  }
  return strong ? { node: { type: "bold", children: inline(strong[1], depth) }, end: strongEnd } : null;
}

function bareLink(found) {
  let address = found[0].replace(TRAILING, "");
  while (address.endsWith(")") && address.split("(").length < address.split(")").length) address = address.slice(0, -1);
  return { ...link(address, [{ type: "text", text: address }]), length: address.length };
}

function link(address, children) {
  return { type: "link", address, children };
}

function match(rule, text, at) {
  rule.lastIndex = at;
  return rule.exec(text);
}

function nextSpecial(text, from) {
  SPECIAL.lastIndex = from;
  const found = SPECIAL.exec(text);
  return found ? found.index : text.length;
}

function pushNode(found, node) {
  const last = found.at(-1);
  if (node.type === "text" && last?.type === "text") last.text += node.text;
  else found.push(node);
}

function afterBreak(text, at) {
  return text[at] === "\n" ? at + 1 : at;
}

function trimTicks(text) {
  return /^ `|` $/.test(text) ? text.slice(1, -1) : text;
}
