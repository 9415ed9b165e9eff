// The form of a conversion's style: key, formant, strength, breath and vibrato.

import { element, signed, text } from "../common/dom.js";

const SEMITONES = ["key", "formant"];
const SHARES = ["strength", "vibrato"];

/** Make the form work whose fields have ids that begin with `prefix`. */
export function styleForm(prefix) {
  const field = (name) => element(`${prefix}-${name}`);
  const present = [...SEMITONES, ...SHARES].filter((name) => field(name));

  const showValue = (name) => {
    const value = Number(field(name).value);
    const shown = SEMITONES.includes(name)
      ? text("style.semitones", { count: signed(value) })
      : `${Math.round(100 * value)} %`;
    field(`${name}-value`).textContent = shown;
    field(name).setAttribute("aria-valuetext", shown);
  };
  const showMode = () => {
    const mode = field("key-mode");
    if (mode) field("key-row").hidden = mode.value !== "number";
  };
  const set = (name, value) => {
    field(name).value = value;
    showValue(name);
  };
  for (const name of present) {
    field(name).addEventListener("input", () => showValue(name));
    showValue(name);
  }
  field("key-mode")?.addEventListener("change", showMode);

  return {
    /** Show a style, as that of a voice. */
    fill(style) {
      for (const name of present) {
        if (typeof style[name] === "number") set(name, style[name]);
      }
      if (field("breath")) field("breath").value = style.breath;
      if (field("key-mode")) {
        field("key-mode").value = typeof style.key === "number" ? "number" : style.key;
        if (typeof style.key !== "number") set("key", 0);
      }
      showMode();
    },
    /** Return the style that is shown. */
    read() {
      const style = Object.fromEntries(present.map((name) => [name, Number(field(name).value)]));
      if (field("breath")) style.breath = field("breath").value;
      const mode = field("key-mode")?.value ?? "number";
      if (mode !== "number") style.key = mode;
      return style;
    },
  };
}
