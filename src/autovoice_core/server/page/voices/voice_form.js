// A new voice, from recordings of it.

import { request, upload } from "../common/api.js";
import { announce, element, show, text } from "../common/dom.js";
import { jobProgress } from "../common/job_progress.js";
import { soundField } from "../common/sound_field.js";

export function voiceForm(voices) {
  let sounds = [];
  const ready = () => {
    element("make-voice").disabled = !(sounds.length && element("voice-name").value.trim());
  };
  const field = soundField(
    "voice",
    (chosen) => {
      sounds = chosen;
      ready();
    },
    true,
  );
  const progress = jobProgress("voice-job", async ({ voice, summary }) => {
    await voices.load();
    const done = text("voices.made", { name: voice, advice: summary.advice?.join(" ") });
    show("voice-message", done);
    announce(done);
    field.clear();
    element("voice-name").value = "";
    ready();
  });
  element("voice-name").oninput = ready;

  const sendAll = async () => {
    const ids = [];
    for (const [index, sound] of sounds.entries()) {
      show("voice-message", text("voices.sending", { number: index + 1, count: sounds.length }));
      try {
        ids.push((await upload(sound.content)).id);
      } catch (error) {
        throw new Error(`${sound.name}: ${error.message}`);
      }
    }
    return ids;
  };
  element("voice-form").onsubmit = async (event) => {
    event.preventDefault();
    element("make-voice").disabled = true;
    try {
      const order = {
        name: element("voice-name").value.trim(),
        uploads: await sendAll(),
        consent: element("voice-consent").value.trim(),
      };
      progress.follow(await request("POST", "/v1/voices", { json: order }));
    } catch (error) {
      show("voice-message", error.message, "error");
    }
    ready();
  };
}
