// Short ways to the elements of the page.

import { texts } from "../texts.js";

/** Return the element with this id. */
export const element = (id) => document.getElementById(id);

/** Return a text by its path, as "song.convert", with `{name}` replaced by `values.name`. */
export function text(path, values = {}) {
  const found = path.split(".").reduce((part, key) => part?.[key], texts);
  if (found === undefined) return path;
  return found.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");
}

/** Put its text into each element that names one: `data-text`, `data-label`, `data-title`. */
export function fillTexts(root = document) {
  for (const node of root.querySelectorAll("[data-text]")) {
    node.textContent = text(node.dataset.text);
  }
  for (const node of root.querySelectorAll("[data-label]")) {
    node.setAttribute("aria-label", text(node.dataset.label));
  }
}

/** Return a new element with attributes, properties (`onclick`, `textContent` ...) and children. */
export function create(tag, attributes = {}, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name in node && !name.startsWith("aria")) node[name] = value;
    else node.setAttribute(name, value);
  }
  node.append(...children);
  return node;
}

/** Show a message in a place for messages, or hide the place. `kind`: "error", "warning", "". */
export function show(id, message, kind = "") {
  const node = element(id);
  // Set again, the same text would be read aloud again.
  if (node.textContent !== (message ?? "")) node.textContent = message ?? "";
  node.hidden = !message;
  node.dataset.kind = kind;
}

/** Say something to those who listen to the page, without changing what is seen. */
export function announce(message) {
  element("announcements").textContent = message;
}

/** Return seconds as minutes and seconds, "3:07". */
export function clock(seconds) {
  const whole = Math.max(0, Math.floor(seconds));
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

/** Return a number with its sign: "+3", "−1.5", "0". */
export function signed(value) {
  const number = Math.abs(value).toLocaleString("en", { maximumFractionDigits: 2 });
  if (value > 0) return `+${number}`;
  return value < 0 ? `−${number}` : "0";
}

/** Return bytes in words, "3.2 MB". */
export function bytes(size) {
  if (size < 1e6) return `${Math.max(1, Math.round(size / 1e3))} kB`;
  return `${(size / 1e6).toFixed(1)} MB`;
}
