// The way of a song: choose it, choose the voice, convert, hear.

import { request, upload } from "../common/api.js";
import { announce, bytes, clock, create, element, show, text } from "../common/dom.js";
import { isFinished } from "../common/job_events.js";
import { jobProgress } from "../common/job_progress.js";
import { soundField } from "../common/sound_field.js";
import { rememberUpload } from "./names.js";
import { ResultView, titleOf } from "./result_view.js";
import { styleForm } from "./style_form.js";

export function songView(voices) {
  const result = new ResultView();
  const style = styleForm("style");
  const progress = jobProgress("song-job", async (job) => {
    announce(text("job.done"));
    await showEarlier();
    await result.show(job);
    element("result").scrollIntoView({ block: "start" });
  });
  let source = null;
  let sending = null;

  const ready = () => {
    element("convert").disabled = !(source && element("song-voice").value);
  };
  const chosen = async ([sound]) => {
    source = null;
    ready();
    if (!sound) return;
    const turn = (sending = sound);
    const bar = element("song-upload");
    bar.hidden = false;
    try {
      const sent = await upload(sound.content, (share) => {
        if (turn === sending) bar.value = share;
      });
      if (turn !== sending) return;
      source = sent;
      rememberUpload(sent.id, sound.name);
      const values = {
        time: clock(sent.seconds),
        rate: sent.sample_rate / 1000,
        size: bytes(sent.bytes),
      };
      show("song-message", text("song.sent", values));
    } catch (error) {
      if (turn === sending) show("song-message", error.message, "error");
    } finally {
      if (turn === sending) bar.hidden = true;
    }
    ready();
  };
  soundField("song", chosen);

  element("song-voice").onchange = () => {
    const voice = voices.named(element("song-voice").value);
    if (voice?.style) style.fill(voice.style);
    ready();
  };
  voices.onchange(() => {
    voices.fillSelect(element("song-voice"));
    element("song-no-voices").hidden = voices.usable.length > 0;
    element("song-voice").hidden = voices.usable.length === 0;
    element("song-voice").onchange();
  });

  element("song-form").onsubmit = async (event) => {
    event.preventDefault();
    const options = { ...style.read(), vocals_only: element("vocals-only").checked };
    if (element("with-report").checked) options.report = true;
    const order = {
      kind: "convert",
      source: { upload: source.id },
      voice: element("song-voice").value,
      options,
    };
    element("convert").disabled = true;
    result.stop();
    try {
      progress.follow(await request("POST", "/v1/jobs", { json: order }));
      show("convert-message", "");
    } catch (error) {
      show("convert-message", error.message, "error");
    }
    ready();
  };
  element("keep-style").onclick = async () => {
    const name = element("song-voice").value;
    if (!name) return;
    try {
      await request("PATCH", `/v1/voices/${encodeURIComponent(name)}`, {
        json: { style: style.read() },
      });
      await voices.load();
      show("convert-message", text("style.kept", { voice: name }));
    } catch (error) {
      show("convert-message", error.message, "error");
    }
  };
  element("remove-result").onclick = async () => {
    await result.remove();
    await showEarlier();
  };

  const showEarlier = async () => {
    const { jobs } = await request("GET", "/v1/jobs");
    const conversions = jobs.filter(({ kind }) => kind === "convert").reverse();
    element("earlier").hidden = !conversions.length;
    element("earlier-list").replaceChildren(...conversions.map(earlierItem));
    return conversions;
  };
  const earlierItem = (job) => {
    const open = () => (job.state === "done" ? result.show(job) : progress.follow(job));
    const when = new Date(job.created).toLocaleString([], {
      dateStyle: "medium",
      timeStyle: "short",
    });
    const button = create("button", {
      type: "button",
      className: "link",
      textContent: titleOf(job),
      onclick: open,
    });
    return create(
      "li",
      {},
      button,
      create("span", {
        className: "faint",
        textContent: ` ${when} · ${text(`states.${job.state}`)}`,
      }),
    );
  };

  return {
    stop: () => result.stop(),
    /** Show what was done before, and go on with what still runs. */
    async open() {
      const running = (await showEarlier()).find((job) => !isFinished(job));
      if (running) progress.follow(running);
    },
  };
}
