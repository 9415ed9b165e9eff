// What a live session is like: how late it is heard and why, and what went wrong.

import { element, show, text } from "../common/dom.js";
import { Percentiles } from "./percentiles.js";

const REPORTS = 600; // half a minute
const SHOWN_MILLISECONDS = 250;
const SLOW_MILLISECONDS = 300; // beyond what is declared: nobody can sing with that

export class LatencyView {
  constructor() {
    this.nextShown = 0;
    this.restart();
  }

  restart() {
    this.heard = new Percentiles(REPORTS);
    for (const cell of element("live-figures").querySelectorAll("output")) {
      cell.textContent = "–";
      for (const name of Object.keys(cell.dataset)) delete cell.dataset[name];
    }
    show("live-slow", "");
    this.write("underruns", "0");
    this.write("skips", text("live.skips", { count: 0, time: 0 }));
    this.write("dropped", text("live.milliseconds", { time: 0 }));
  }

  write(name, value) {
    element(name).textContent = value;
  }

  /** Take a report of the sound thread. */
  report(figures, session) {
    element("level").value = Math.min(1, Math.sqrt(figures.peak));
    if (!session.latency) return;
    const milliseconds = (samples) => (1000 * samples) / session.sampleRate;
    const device = 1000 * session.deviceLatency;
    if (figures.heard !== null) this.heard.add(milliseconds(figures.heard) + device);
    if (performance.now() < this.nextShown) return;
    this.nextShown = performance.now() + SHOWN_MILLISECONDS;
    this.showHeard(figures.heard === null ? null : milliseconds(figures.heard) + device);
    const stream = milliseconds(session.latency);
    this.showMilliseconds("stream-latency", stream);
    this.showMilliseconds("device-latency", device);
    this.showAdded(device + stream);
    this.write("underruns", String(figures.underruns));
    const skipped = Math.round(milliseconds(figures.skipped));
    this.write("skips", text("live.skips", { count: figures.skips, time: skipped }));
  }

  /** Show what is heard beyond the latencies that are declared. */
  showAdded(declared) {
    if (this.heard.at(50) === null) return;
    const p50 = this.heard.at(50) - declared;
    const p99 = this.heard.at(99) - declared;
    show("live-slow", p50 > SLOW_MILLISECONDS ? text("live.slow") : "", "warning");
    this.write("added-latency", text("live.both", { p50: Math.round(p50), p99: Math.round(p99) }));
    Object.assign(element("added-latency").dataset, { p50: p50.toFixed(2), p99: p99.toFixed(2) });
  }

  showHeard(now) {
    this.showMilliseconds("heard-now", now);
    for (const percent of [50, 95, 99]) {
      this.showMilliseconds(`heard-p${percent}`, this.heard.at(percent));
    }
  }

  showMilliseconds(name, value) {
    const cell = element(name);
    cell.textContent =
      value === null ? "–" : text("live.milliseconds", { time: Math.round(value) });
    cell.dataset.milliseconds = value === null ? "" : value.toFixed(2);
  }

  /** Take a message of the server about how it keeps up. */
  statistics(message, session) {
    const dropped = Math.round((1000 * (message.dropped ?? 0)) / session.sampleRate);
    this.write("dropped", text("live.milliseconds", { time: dropped }));
    const { p50, p95 } = message.processing_ms;
    this.write("processing", text("live.processing", { p50: p50.toFixed(1), p95: p95.toFixed(1) }));
  }
}
