// The result of a conversion: its tracks in step, its pitch, its files.

import { request } from "../common/api.js";
import { backendItems } from "../common/backends.js";
import { announce, bytes, clock, create, element, show, signed, text } from "../common/dom.js";
import { nameOfUpload } from "./names.js";
import { PitchChart } from "./pitch_chart.js";
import { parsePitch } from "./pitch_track.js";
import { TrackPlayer } from "./track_player.js";

const TRACKS = ["source", "vocals", "accompaniment", "converted", "result"];

export class ResultView {
  constructor() {
    this.player = new TrackPlayer();
    this.chart = new PitchChart((seconds) => this.seek(seconds));
    this.worker = new Worker(new URL("spectrogram_worker.js", import.meta.url), { type: "module" });
    this.worker.onmessage = ({ data }) => {
      this.spectrograms.set(data.id, data.levels);
      if (data.id === this.heard) this.chart.setSpectrogram(data.levels);
    };
    element("play").onclick = () => this.toggle();
    element("position").oninput = ({ target }) => this.seek(Number(target.value));
  }

  /** Show a conversion that is done. */
  async show(job) {
    this.player.clear();
    this.job = job;
    this.spectrograms = new Map();
    this.urls = this.tracksOf(job);
    element("result").hidden = false;
    element("result-title").textContent = titleOf(job);
    element("result-summary").replaceChildren(...summaryOf(job));
    element("result-backends").replaceChildren(...backendItems(job));
    this.showTracks();
    this.showFiles();
    await Promise.all([this.showPitch(), this.hear(this.urls.result ? "result" : "source")]);
  }

  tracksOf({ id, source, outputs }) {
    const urls = Object.fromEntries(
      outputs.map(({ name }) => [name, `/v1/jobs/${id}/outputs/${name}`]),
    );
    if (source?.upload) urls.source = `/v1/uploads/${source.upload}/content`;
    else if (source?.job) urls.source = `/v1/jobs/${source.job}/outputs/${source.output}`;
    return urls;
  }

  showTracks() {
    const choice = (name) => {
      const input = create("input", { type: "radio", name: "track", value: name });
      input.onchange = () => this.hear(name);
      return create("label", {}, input, create("span", { textContent: text(`tracks.${name}`) }));
    };
    const names = TRACKS.filter((name) => this.urls[name]);
    element("tracks").replaceChildren(...names.map(choice));
  }

  showFiles() {
    const item = ({ name, bytes: size }) => {
      const link = create("a", {
        href: this.urls[name],
        textContent: text(`files.${name}`),
      });
      if (name === "report") Object.assign(link, { target: "_blank", rel: "noopener" });
      else link.download = "";
      return create(
        "li",
        {},
        link,
        create("span", { className: "faint", textContent: ` ${bytes(size)}` }),
      );
    };
    element("files").replaceChildren(...this.job.outputs.map(item));
  }

  async showPitch() {
    const line = async (name) => {
      if (!this.urls[name]) return null;
      const answer = await fetch(this.urls[name]);
      return answer.ok ? parsePitch(await answer.text()) : null;
    };
    const [before, after] = await Promise.all([line("pitch"), line("pitch_converted")]);
    this.chart.setLines({ before, after });
  }

  /** Load a track if need be, and hear it from now on. */
  async hear(name) {
    const { job } = this;
    this.heard = name;
    element("tracks").querySelector(`[value=${name}]`).checked = true;
    show("player-message", text("player.loading", { track: text(`tracks.${name}`) }));
    try {
      const { channels } = await this.player.load(name, this.urls[name]);
      if (job !== this.job || this.heard !== name) return;
      this.player.select(name);
      show("player-message", "");
      announce(text("player.hearing", { track: text(`tracks.${name}`) }));
      this.tick();
      const levels = this.spectrograms.get(name);
      if (levels) this.chart.setSpectrogram(levels);
      else this.worker.postMessage({ id: name, channels, rate: this.player.rate });
    } catch (error) {
      const values = { track: text(`tracks.${name}`), reason: error.message };
      show("player-message", text("player.unplayable", values), "error");
    }
  }

  async toggle() {
    if (this.player.playing) this.player.pause();
    else await this.player.play();
    this.tick();
  }

  seek(seconds) {
    this.player.seek(seconds);
    this.tick();
  }

  stop() {
    if (this.player.playing) this.toggle();
  }

  /** Show where the player is, and go on with that while it plays. */
  tick() {
    const { player } = this;
    const { position, duration, playing } = player;
    element("play").textContent = text(playing ? "player.pause" : "player.play");
    element("time").textContent = `${clock(position)} / ${clock(duration)}`;
    const slider = element("position");
    slider.max = duration;
    slider.value = position;
    slider.setAttribute("aria-valuetext", clock(position));
    this.chart.follow(position, duration);
    cancelAnimationFrame(this.frame);
    if (playing) this.frame = requestAnimationFrame(() => this.tick());
  }

  /** Remove the job that is shown, with its files. */
  async remove() {
    this.player.clear();
    await request("DELETE", `/v1/jobs/${this.job.id}`);
    element("result").hidden = true;
  }
}

/** Return the name of a conversion: the song's, and the voice's. */
export function titleOf(job) {
  const song = nameOfUpload(job.source?.upload) ?? text("result.song");
  return text("result.title", { song, voice: job.voice });
}

function summaryOf({ summary }) {
  const lines = [];
  if (typeof summary?.key === "number") {
    lines.push(text("result.key", { key: signed(summary.key), reason: summary.key_reason ?? "" }));
  }
  for (const warning of summary?.warnings ?? []) lines.push(warning);
  return lines.map((line) => create("p", { textContent: line }));
}
