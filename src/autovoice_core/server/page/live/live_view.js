// Live singing: choose, start, hear, change, stop.

import { announce, create, element, show, text } from "../common/dom.js";
import { microphoneProblem, noMicrophone } from "../common/microphone_problem.js";
import { styleForm } from "../song/style_form.js";
import { LatencyView } from "./latency_view.js";
import { LiveSession } from "./live_session.js";
import { microphones } from "./microphone.js";

const SETTLE_MILLISECONDS = 150; // a slider that moves is not sent at every step

export function liveView(voices) {
  const style = styleForm("live");
  const figures = new LatencyView();
  let session = null;
  let pending = null;

  const wanted = () => {
    const { key, formant, strength } = style.read();
    return { voice: element("live-voice").value, key, formant, strength };
  };
  const hello = () => {
    const { voice, ...options } = wanted();
    const singer = element("live-singer").value || null;
    return {
      type: "hello",
      version: 1,
      voice,
      channels: 1,
      format: "float32",
      token: null,
      options: { ...options, singer },
    };
  };
  const showRunning = (running) => {
    element("live-start").hidden = running;
    element("live-stop").hidden = !running;
    element("live-state").hidden = !running;
    element("live-singer").disabled = element("live-microphone").disabled = running;
    if (!running) element("level").value = 0;
    (running ? element("live-stop") : element("live-start")).focus();
  };
  const showProcessing = () => {
    const on = session.processing.filter((part) => part.on);
    const names = on.map(({ name }) => text(`processing.${name}`)).join(", ");
    show("live-processing", on.length ? text("live.disobeyed", { names }) : "", "warning");
    const states = session.processing.map(({ name, on: state }) => {
      const key = state === undefined ? "unknown" : state ? "on" : "off";
      return create("li", { textContent: `${text(`processing.${name}`)}: ${text(`live.${key}`)}` });
    });
    element("live-constraints").replaceChildren(...states);
  };
  const listener = {
    report: (report) => session && figures.report(report, session),
    message: (message) => {
      if (message.type === "ready") {
        element("live-state").textContent = text("live.running", { backend: message.backend });
        announce(element("live-state").textContent);
      } else if (message.type === "statistics") figures.statistics(message, session);
      else if (message.type === "goodbye") show("live-message", message.reason, "warning");
    },
    ended: (reason) => {
      session = null;
      showRunning(false);
      show("live-message", reasonOf(reason), "error");
    },
  };
  const start = async () => {
    show("live-message", "");
    element("live-start").disabled = true;
    figures.restart();
    session = new LiveSession(listener);
    try {
      await session.start(element("live-microphone").value, hello());
      element("live-state").textContent = text("live.starting");
      showRunning(true);
      showProcessing();
      await showMicrophones();
    } catch (error) {
      session = null;
      show("live-message", microphoneProblem(error), "error");
    }
    ready();
  };
  const stop = async () => {
    const ending = session;
    session = null;
    showRunning(false);
    await ending.stop();
  };
  const change = () => {
    clearTimeout(pending);
    pending = setTimeout(() => session?.set(wanted()), SETTLE_MILLISECONDS);
  };
  const ready = () => {
    element("live-start").disabled = Boolean(noMicrophone()) || !element("live-voice").value;
  };
  const showMicrophones = async () => {
    const chosen = element("live-microphone").value;
    const known = await microphones();
    const options = known.map(({ deviceId, label }) =>
      create("option", { value: deviceId, textContent: label }),
    );
    element("live-microphone").replaceChildren(
      create("option", { value: "", textContent: text("live.defaultMicrophone") }),
      ...options,
    );
    element("live-microphone").value = chosen;
  };

  element("live-form").onsubmit = (event) => {
    event.preventDefault();
    if (!session) start();
  };
  element("live-stop").onclick = stop;
  element("live-form").addEventListener("input", change);
  element("live-voice").onchange = () => {
    const voice = voices.named(element("live-voice").value);
    if (voice) style.fill(voice.style);
  };
  voices.onchange(() => {
    voices.fillSelect(element("live-voice"));
    voices.fillSelect(element("live-singer"), text("live.noSinger"));
    element("live-no-voices").hidden = voices.usable.length > 0;
    if (!session) element("live-voice").onchange();
    ready();
  });
  show("live-problem", noMicrophone(), "warning");
  if (!noMicrophone()) showMicrophones();
  return { stop: () => session && stop() };
}

/** Return a sentence for why a session ended. */
function reasonOf({ code, message, reason, name }) {
  if (name && !code) return text(`live.ended.${name}`);
  if (message || reason) return text("live.ended.refused", { reason: message ?? reason });
  return text("live.ended.lost", { code });
}
