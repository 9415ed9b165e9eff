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
    const label = text(`voices.${key}`);
    const made = create("button", { type: "button", className: "quiet", textContent: label });
    made.onclick = onclick;
    made.setAttribute("aria-label", `${label}: ${name}`);
    return made;
  };
  const exportLink = (name) => {
    const label = text("voices.export");
    const link = create("a", { href: `${path(name)}/export`, download: "", textContent: label });
    link.setAttribute("aria-label", `${label}: ${name}`);
    return link;
  };
  const item = (voice) => {
    const { name, fault } = voice;
    const removal = button("remove", name, () => remove(voice));
    const actions = fault
      ? [removal]
      : [button("rename", name, () => rename(voice)), exportLink(name), removal];
    const facts = fault ? [fault] : factsOf(voice);
    return create(
      "li",
      {},
      create(
        "div",
        {},
        create("b", { textContent: name }),
        create("span", { className: "faint", textContent: facts.filter(Boolean).join(" · ") }),
      ),
      create("div", { className: "actions" }, ...actions),
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

function factsOf({ range_hz: range, seconds, consent }) {
  const [low, high] = range.map(Math.round);
  return [text("voices.facts", { low, high, seconds: Math.round(seconds) }), consent];
}
