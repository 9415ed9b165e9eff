// f0 before and after over the spectrogram of the track that is heard.

import { clock, element, text } from "../common/dom.js";
import { HIGHEST_HZ, HOP_SECONDS, LOWEST_HZ, ROWS, heightOf } from "./scale.js";
import { medianF0 } from "./pitch_track.js";

const GUIDES_HZ = [100, 200, 400, 800, 1600, 3200];
const MAX_LINE_SECONDS = 0.05; // a longer pause breaks the line,
const MAX_LINE_RATIO = 1.25; // and so does a jump
const THIN_SECONDS = 60; // from which on lines are thin

export class PitchChart {
  constructor(onseek) {
    this.canvas = element("chart");
    this.playhead = element("playhead");
    this.levels = null;
    this.lines = {};
    this.duration = 0;
    this.visible = { from: 0, to: 1 };
    new ResizeObserver(() => this.draw()).observe(this.canvas);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => this.draw());
    this.canvas.onclick = ({ offsetX }) => {
      const { from, to } = this.visible;
      onseek(from + ((to - from) * offsetX) / this.canvas.clientWidth);
    };
    element("zoom").onchange = () => this.draw();
  }

  /** Show lines of f0: `{before, after}`, either of which may be missing. */
  setLines(lines) {
    this.lines = lines;
    const hertz = (line) => (line && medianF0(line) ? `${Math.round(medianF0(line))} Hz` : "–");
    const values = { before: hertz(lines.before), after: hertz(lines.after) };
    element("chart-summary").textContent = text("chart.summary", values);
    this.canvas.setAttribute("aria-label", text("chart.label", values));
    this.draw();
  }

  setSpectrogram(levels) {
    this.levels = levels;
    this.draw();
  }

  /** Follow the position that is heard, and turn the page where it leaves the part shown. */
  follow(position, duration) {
    if (duration !== this.duration || position < this.visible.from || position > this.visible.to) {
      this.duration = duration;
      this.position = position;
      this.draw();
    }
    this.position = position;
    const { from, to } = this.visible;
    this.playhead.style.left = `${(100 * (position - from)) / (to - from)}%`;
  }

  turnTo(position) {
    const whole = this.duration || 1;
    const width = Math.min(Number(element("zoom").value) || whole, whole);
    const page = Math.min(Math.floor(position / width), Math.ceil(whole / width) - 1);
    this.visible = { from: page * width, to: (page + 1) * width };
    element("chart-from").textContent = clock(this.visible.from);
    element("chart-to").textContent = clock(Math.min(this.visible.to, this.duration || 0));
  }

  draw() {
    this.turnTo(this.position ?? 0);
    const scale = devicePixelRatio || 1;
    const width = Math.round(this.canvas.clientWidth * scale);
    const height = Math.round(this.canvas.clientHeight * scale);
    if (!width || !height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    const pen = this.canvas.getContext("2d");
    const colours = getComputedStyle(this.canvas);
    const colour = (name) => colours.getPropertyValue(name);
    if (this.levels)
      this.drawSpectrogram(pen, width, height, rgb(colour("--sheet")), rgb(colour("--shade")));
    this.drawGuides(pen, width, height, colour("--faint"), scale);
    for (const [name, line] of Object.entries(this.lines)) {
      if (line) this.drawLine(pen, line, width, height, colour(`--${name}`), scale);
    }
  }

  drawSpectrogram(pen, width, height, paper, ink) {
    const image = pen.createImageData(width, height);
    const { from, to } = this.visible;
    const columns = this.levels.length / ROWS;
    for (let x = 0; x < width; x += 1) {
      const column = Math.floor((from + ((to - from) * x) / width) / HOP_SECONDS);
      for (let y = 0; y < height; y += 1) {
        const row = Math.floor(((height - 1 - y) * ROWS) / height);
        const level = column < columns ? this.levels[column * ROWS + row] / 255 : 0;
        const pixel = 4 * (y * width + x);
        for (let c = 0; c < 3; c += 1) {
          image.data[pixel + c] = paper[c] + (ink[c] - paper[c]) * level * level;
        }
        image.data[pixel + 3] = 255;
      }
    }
    pen.putImageData(image, 0, 0);
  }

  drawGuides(pen, width, height, colour, scale) {
    pen.strokeStyle = pen.fillStyle = colour;
    pen.globalAlpha = 0.25;
    pen.lineWidth = 1;
    pen.font = `${11 * scale}px system-ui, sans-serif`;
    for (const hertz of GUIDES_HZ.filter((hz) => hz > LOWEST_HZ && hz < HIGHEST_HZ)) {
      const y = height * (1 - heightOf(hertz));
      pen.strokeRect(0, y, width, 0);
    }
    pen.globalAlpha = 1;
    for (const hertz of GUIDES_HZ) {
      pen.fillText(`${hertz} Hz`, 4 * scale, height * (1 - heightOf(hertz)) - 3 * scale);
    }
  }

  drawLine(pen, { times, f0 }, width, height, colour, scale) {
    const { from, to } = this.visible;
    pen.strokeStyle = colour;
    pen.lineWidth = (to - from < THIN_SECONDS ? 2 : 1) * scale;
    pen.lineJoin = "round";
    pen.beginPath();
    let last = -Infinity;
    let before = 1;
    for (let i = 0; i < times.length; i += 1) {
      if (times[i] < from || times[i] > to || f0[i] <= 0) continue;
      const x = (width * (times[i] - from)) / (to - from);
      const y = height * (1 - heightOf(f0[i]));
      const ratio = Math.max(f0[i] / before, before / f0[i]);
      if (times[i] - last > MAX_LINE_SECONDS || ratio > MAX_LINE_RATIO) pen.moveTo(x, y);
      else pen.lineTo(x, y);
      last = times[i];
      before = f0[i];
    }
    pen.stroke();
  }
}

function rgb(colour) {
  const [, digits] = colour.trim().match(/^#(\w{6})$/);
  return [0, 2, 4].map((at) => parseInt(digits.slice(at, at + 2), 16));
}
