// The voices that the server holds, shared by all parts of the page.

import { request } from "../common/api.js";
import { create, text } from "../common/dom.js";

export class Voices {
  constructor() {
    this.all = [];
    this.listeners = [];
  }

  /** Call `listener()` whenever the voices have changed. */
  onchange(listener) {
    this.listeners.push(listener);
  }

  async load() {
    this.all = (await request("GET", "/v1/voices")).voices;
    for (const listener of this.listeners) listener();
  }

  named(name) {
    return this.all.find((voice) => voice.name === name);
  }

  /** Fill a `<select>` with the voices and keep what was chosen; `none` is a first, empty choice. */
  fillSelect(select, none) {
    const chosen = select.value;
    const choices = this.all.map((voice) => create("option", { value: voice.name, textContent: described(voice) }));
    if (none) choices.unshift(create("option", { value: "", textContent: none }));
    select.replaceChildren(...choices);
    if (this.named(chosen)) select.value = chosen;
  }
}

/** Return the name of a voice with its range. */
export function described({ name, range_hz: range }) {
  return range ? text("voices.described", { name, low: Math.round(range[0]), high: Math.round(range[1]) }) : name;
}
