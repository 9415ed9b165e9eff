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

  /** The voices that can be sung with: not those whose file is damaged. */
  get usable() {
    return this.all.filter(({ fault }) => !fault);
  }

  /** Fill a `<select>` with the voices and keep what was chosen; `none` is a first, empty choice. */
  fillSelect(select, none) {
    const chosen = select.value;
    const choices = this.usable.map((voice) =>
      create("option", { value: voice.name, textContent: described(voice) }),
    );
    if (none) choices.unshift(create("option", { value: "", textContent: none }));
    select.replaceChildren(...choices);
    if (this.usable.includes(this.named(chosen))) select.value = chosen;
  }
}

/** Return the name of a voice with its range. */
function described({ name, range_hz: range }) {
  const [low, high] = range.map(Math.round);
  return text("voices.described", { name, low, high });
}
