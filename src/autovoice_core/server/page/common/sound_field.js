// A place to drop sound files, to choose them, or to record one.

import { announce, clock, create, element, show, text } from "./dom.js";
import { microphoneProblem } from "./microphone_problem.js";
import { Recorder } from "./recorder.js";

/**
 * Make a field of the elements `{id}-drop`, `{id}-file`, `{id}-record`, `{id}-sounds` and
 * `{id}-message`. It holds one sound, or with `several` as many as are given; `changed(sounds)` is
 * called with them: `{name, content}`.
 */
export function soundField(id, changed, several = false) {
  let sounds = [];
  let recorder = null;
  const drop = element(`${id}-drop`);
  const input = element(`${id}-file`);
  const record = element(`${id}-record`);

  const set = (list) => {
    sounds = list;
    element(`${id}-sounds`).replaceChildren(...sounds.map(item));
    changed(sounds);
  };
  const add = (files) => {
    const added = Array.from(files, (file) => ({ name: file.name, content: file }));
    if (!added.length) return;
    show(`${id}-message`, "");
    set(several ? [...sounds, ...added] : added.slice(0, 1));
    announce(text("sound.chosen", { name: added.map(({ name }) => name).join(", ") }));
  };
  const item = (sound) => {
    const label = text("sound.remove", { name: sound.name });
    const remove = () => set(sounds.filter((other) => other !== sound));
    const button = create("button", { type: "button", className: "quiet", onclick: remove });
    button.setAttribute("aria-label", label);
    button.textContent = "✕";
    return create("li", {}, create("span", { textContent: sound.name }), button);
  };
  const startRecording = async () => {
    recorder = new Recorder();
    await recorder.start((seconds, peak) => {
      record.textContent = text("sound.stop", { time: clock(seconds) });
      record.style.setProperty("--peak", Math.min(1, Math.sqrt(peak)));
    });
    record.classList.add("recording");
  };
  const stopRecording = async () => {
    const content = await recorder.stop();
    recorder = null;
    record.classList.remove("recording");
    record.textContent = text("sound.record");
    const time = new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" });
    add([new File([content], text("sound.recording", { time }), { type: content.type })]);
  };

  input.onchange = () => {
    add(input.files);
    input.value = "";
  };
  record.onclick = async () => {
    show(`${id}-message`, "");
    try {
      await (recorder ? stopRecording() : startRecording());
    } catch (error) {
      recorder = null;
      show(`${id}-message`, microphoneProblem(error), "error");
    }
  };
  drop.ondragover = (event) => {
    event.preventDefault();
    drop.classList.add("over");
  };
  drop.ondragleave = () => drop.classList.remove("over");
  drop.ondrop = (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    add(event.dataTransfer.files);
  };
  return { clear: () => set([]) };
}
