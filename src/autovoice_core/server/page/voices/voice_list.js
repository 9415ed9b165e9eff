// The list of voices, and what can be done with each.

import { request } from "../common/api.js";
import { create, element, show, text } from "../common/dom.js";

const path = (name) => `/v1/voices/${encodeURIComponent(name)}`;

export function voiceList(voices) {
  const act = async (action, done) => {
    try {
      await action();
      await voices.load();
      show("voices-message", done);
    } catch (error) {
      show("voices-message", error.message, "error");
    }
  };
  const rename = ({ name }) => {
    const answer = prompt(text("voices.newName", { name }), name)?.trim();
    if (!answer || answer === name) return;
    act(
      () => request("PATCH", path(name), { json: { name: answer } }),
      text("voices.renamed", { name, answer }),
    );
  };
  const remove = ({ name }) => {
    if (!confirm(text("voices.confirmRemoval", { name }))) return;
    act(() => request("DELETE", path(name)), text("voices.removed", { name }));
  };
  const button = (key, name, onclick) => {
    const made = create("button", { type: "button", className: "quiet", textContent: text(`voices.${key}`), onclick });
    made.setAttribute("aria-label", `${text(`voices.${key}`)}: ${name}`);
    return made;
  };
  const item = (voice) => {
    const { name } = voice;
    const link = create("a", { href: `${path(name)}/export`, download: "", textContent: text("voices.export") });
    link.setAttribute("aria-label", `${text("voices.export")}: ${name}`);
    const [low, high] = voice.range_hz.map(Math.round);
    const facts = [text("voices.facts", { low, high, seconds: Math.round(voice.seconds) }), voice.consent];
    return create(
      "li",
      {},
      create(
        "div",
        {},
        create("b", { textContent: name }),
        create("span", { className: "faint", textContent: facts.filter(Boolean).join(" · ") }),
      ),
      create("div", { className: "actions" }, button("rename", name, () => rename(voice)), link, button("remove", name, () => remove(voice))),
    );
  };
  voices.onchange(() => {
    element("voice-list").replaceChildren(...voices.all.map(item));
    element("no-voices").hidden = voices.all.length > 0;
  });
  element("voice-import").onchange = ({ target }) => {
    const [file] = target.files;
    if (!file) return;
    const name = file.name.replace(/\.[^.]*$/, "");
    act(() => request("PUT", path(name), { body: file }), text("voices.imported", { name }));
    target.value = "";
  };
}
