/** The side panel: her mood, the model, and how the last turn was decided. */

import { fill, h } from "./dom.js";
import { avatar } from "./faces.js";
import { icon } from "./icons.js";
import { CHANNEL } from "./store.js";

const STRONGEST = 5;
const AXES = [["pleasure", "gloomy", "glad"], ["arousal", "calm", "stirred"], ["dominance", "yielding", "in charge"]];

/** Keep the panel in line with the store. */
export class Panel {
  constructor(page, root) {
    this.page = page;
    this.root = root;
    for (const topic of ["panel", "world", "connection"]) page.store.on(topic, () => this.draw());
  }

  draw() {
    const { store } = this.page;
    const { panel } = store;
    fill(this.root,
      h("header", { class: "panel-head" }, h("h2", {}, "Behind the scenes"),
        h("button", { type: "button", class: "quiet", "aria-label": "Close the panel", onclick: () => this.page.togglePanel(false) }, icon("close"))),
      h("div", { class: "panel-body" }, companion(store, panel), mood(store, panel), model(store, panel), turn(store, panel)));
  }
}

function companion(store, panel) {
  const name = panel?.companion?.name || store.appName;
  const persona = panel?.companion?.persona === name ? null : panel?.companion?.persona;
  return h("section", { class: "panel-who", "aria-label": "Companion" }, avatar(store.app?.user ?? { id: "0" }, { size: 88, isCompanion: true, mood: panel?.mood }),
    h("div", { class: "panel-name" }, name), persona ? h("div", { class: "chip" }, persona) : null,
    h("div", { class: `status${store.app?.online ? " is-on" : ""}` }, store.app?.online ? "Connected" : "Not connected"));
}

function card(title, ...children) {
  return h("section", { class: "card", "aria-label": title }, h("h3", {}, title), children);
}

function mood(store, panel) {
  if (!panel) return card("Mood", h("p", { class: "faint" }, `${store.appName} tells it here once connected.`));
  const felt = panel.mood;
  if (!felt) return card("Mood", h("p", { class: "mood-label is-empty" }, "Not felt yet"), h("p", { class: "faint" }, `Nothing has stirred ${store.appName} so far.`));
  const strongest = [...(felt.emotions ?? [])].sort((one, other) => other.percent - one.percent).slice(0, STRONGEST);
  return card("Mood", h("p", { class: "mood-label" }, felt.label ?? "unnamed"),
    strongest.length ? h("ul", { class: "bars" }, strongest.map((one) => bar(one.name, one.percent, `${Math.round(one.percent)} %`))) : null,
    h("dl", { class: "axes" }, AXES.filter(([name]) => Number.isFinite(felt[name])).map((axis) => axisRow(axis, felt[axis[0]]))));
}

function bar(name, percent, words) {
  const share = Math.max(0, Math.min(100, Number(percent) || 0));
  return h("li", {}, h("span", {}, name), h("span", { class: "bar", "aria-hidden": "true" }, h("i", { vars: { "--share": `${share}%` } })), h("span", { class: "bar-value" }, words));
}

function axisRow([name, low, high], value) {
  const place = (Math.max(-1, Math.min(1, value)) + 1) * 50;
  return h("div", { class: "axis" }, h("dt", { class: "visually-hidden" }, name), h("dd", {}, h("span", {}, low),
    h("span", { class: "axis-line", title: `${name} ${value.toFixed(2)}` }, h("i", { vars: { "--place": `${place}%` } }), h("span", { class: "visually-hidden" }, value.toFixed(2))), h("span", {}, high)));
}

function model(store, panel) {
  const { name, kind, health } = panel?.model ?? {};
  const rows = [["Name", name ?? store.modelLabel], ["Kind", kind], ["Health", health]].filter(([, value]) => value);
  const isUnderstudy = /understudy/i.test(`${name ?? ""} ${kind ?? ""} ${store.modelLabel}`);
  return card("Model", rows.length ? facts(rows) : h("p", { class: "faint" }, "Unknown until the bot connects."),
    isUnderstudy ? h("p", { class: "note" }, icon("spark", 16), `The understudy speaks canned lines. Set a model to hear ${store.appName} for real.`) : null);
}

function turn(store, panel) {
  const last = panel?.last_turn;
  if (!last) return card("Last turn", h("p", { class: "faint" }, "Nothing decided yet. Say something."));
  const place = store.channel(last.channel_id);
  const where = place ? (place.type === CHANNEL.dm ? "a direct message" : `#${place.name}`) : null;
  const rows = [["Decision", last.intent], ["State", last.state], ["Where", where], ["Model calls", last.model_calls]].filter(([, value]) => value !== undefined && value !== null && value !== "");
  return card("Last turn", facts(rows),
    last.reasons?.length ? [h("h4", {}, "Because"), h("ul", { class: "reasons" }, last.reasons.map((reason) => h("li", {}, String(reason))))] : null,
    timings(last.timings_ms));
}

function timings(values) {
  const rows = Object.entries(values ?? {}).filter(([, value]) => Number.isFinite(value));
  if (!rows.length) return null;
  const longest = Math.max(...rows.map(([, value]) => value), 1);
  return [h("h4", {}, "Time taken"), h("ul", { class: "bars" }, rows.map(([name, value]) => bar(name.replaceAll("_", " "), (value / longest) * 100, duration(value))))];
}

function duration(ms) {
  return ms >= 1000 ? `${(ms / 1000).toFixed(1)} s` : `${ms < 10 ? ms.toFixed(1) : Math.round(ms)} ms`;
}

function facts(rows) {
  return h("dl", { class: "facts" }, rows.map(([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, String(value)))));
}
