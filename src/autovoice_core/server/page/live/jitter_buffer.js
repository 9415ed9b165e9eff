// The buffer before the headphones. It plays the stream's output in the order of its positions and
// keeps one latency. After a stall that ran it dry it begins again in time; where the latency can
// become shorter, what is too much is skipped by a short cross-fade at a quiet place.

import { Lateness } from "./lateness.js";
import { SampleRing, rise } from "./sample_ring.js";

const RING_SECONDS = 8;
const RESERVE = 64; // samples kept so that a buffer that runs dry can fade out
const MAX_SILENCE_SECONDS = 1; // while audio arrives: then the latency is given up
const CHANGE_SECONDS = 0.004; // the target stays where a new one is no farther away
const TOLERANCE_SECONDS = 0.002; // a surplus up to this stays
const CALM_SECONDS = 0.2; // without an underrun, before surplus is skipped
const CROSS_FADE_SECONDS = 0.01;
const ALIGN_SECONDS = 0.003; // a skip may be so much shorter where the waves then fit
const QUIET = 0.1; // of the recent level
const SILENT = 0.001;
const MAX_WAIT_SECONDS = 0.8; // for a quiet place
const LEVEL_DECAY = 0.998; // a quantum
const OFTEN_STALLS = 3; // in the time below: the target is too near
const OFTEN_SECONDS = 2;
const STALL_SECONDS = 0.25;
const EXTRA_STEP_SECONDS = 0.004;
const MAX_EXTRA_SECONDS = 0.04;
const EXTRA_DECAY = 0.98; // a bucket of lateness

export class JitterBuffer {
  constructor(sampleRate) {
    this.samples = (seconds) => Math.round(seconds * sampleRate);
    this.ring = new SampleRing(sampleRate, RING_SECONDS);
    this.lateness = new Lateness(sampleRate);
    this.playing = false;
    this.heard = null; // the latency of what was played last
    this.quantum = 0; // samples played at a time
    this.frame = 0; // context frames since position 0 was captured
    this.target = null; // the latency to keep, from capture to playing
    this.extra = 0;
    this.level = 0;
    this.begun = false;
    this.calmSince = 0;
    this.arrivingSince = null; // when it did so again after a stall
    this.surplusSince = null;
    this.underruns = 0;
    this.stalls = [];
    this.skips = 0;
    this.skipped = 0;
    this.missing = 0;
  }

  /** The samples from the capture of what is due next to now: the latency, once it is played. */
  get age() {
    return this.frame - this.ring.start;
  }

  /** Take samples whose first has the number `position`; a hole before them is silent. */
  put(position, samples) {
    this.arrivingSince ??= this.frame;
    if (this.ring.end > 0) this.observe(this.frame + this.quantum + RESERVE - this.ring.end);
    const hole = position - this.ring.end;
    if (hole > 0) {
      this.missing += hole;
      this.countSkip(this.ring.appendHole(hole));
    }
    const known = this.ring.end - position;
    if (known < samples.length) this.countSkip(this.ring.append(samples.subarray(known)));
  }

  /** Fill `output`, whose first sample is played `frame` frames after position 0 was captured. */
  read(output, frame) {
    this.frame = frame;
    this.quantum = output.length;
    if (!this.playing && this.target !== null) this.start();
    if (!this.playing) output.fill(0);
    else if (this.ring.depth < output.length + RESERVE) this.runDry(output);
    else this.play(output);
  }

  /** Learn from the latency at which the next samples would have come just in time. */
  observe(lateness) {
    if (!this.lateness.observe(lateness, this.frame)) return;
    this.extra *= EXTRA_DECAY;
    if (this.lateness.target === null) return;
    const target = Math.round(this.lateness.target + this.extra);
    const change = Math.abs(target - this.target);
    if (this.target === null || change > this.samples(CHANGE_SECONDS)) this.target = target;
  }

  /** Begin with what is due now; if that keeps coming too late, with what comes in time. */
  start() {
    const since = this.frame - this.arrivingSince;
    const patient = since < this.samples(MAX_SILENCE_SECONDS);
    const latency = patient ? this.target : Math.max(this.target, this.lateness.recent);
    if (this.age < latency) return;
    const due = Math.max(this.ring.start, this.frame - latency);
    if (this.ring.end - due >= this.quantum + RESERVE) this.startAt(due);
  }

  startAt(position) {
    // What was due before anything is heard is not missed.
    if (this.begun) this.countSkip(position - this.ring.start);
    this.begun = this.playing = true;
    this.calmSince = this.frame;
    this.ring.start = position;
    this.ring.fadeIn(position);
  }

  play(output) {
    this.shedSurplus();
    this.heard = this.age;
    for (let i = 0; i < output.length; i += 1) output[i] = this.ring.at(this.ring.start + i);
    const level = this.ring.loudness(this.ring.start, output.length);
    this.level = Math.max(level, this.level * LEVEL_DECAY);
    this.ring.start += output.length;
  }

  runDry(output) {
    const last = Math.min(this.ring.depth, output.length);
    output.fill(0);
    for (let i = 0; i < last; i += 1) {
      output[i] = this.ring.at(this.ring.start + i) * rise(1 - i / last);
    }
    this.ring.start += last;
    this.playing = false;
    this.arrivingSince = null;
    this.surplusSince = null;
    this.underruns += 1;
    this.noteStall();
  }

  /** Count a stall, in which the buffer may run dry more than once. */
  noteStall() {
    const age = (frame) => this.frame - frame;
    this.stalls = this.stalls.filter((frame) => age(frame) < this.samples(OFTEN_SECONDS));
    if (age(this.stalls.at(-1) ?? -Infinity) < this.samples(STALL_SECONDS)) return;
    this.stalls.push(this.frame);
    if (this.stalls.length >= OFTEN_STALLS) this.widen();
  }

  /** Keep more in the buffer for a while. */
  widen() {
    this.stalls = [];
    const step = this.samples(EXTRA_STEP_SECONDS);
    if (this.extra + step > this.samples(MAX_EXTRA_SECONDS)) return;
    this.extra += step;
    this.target += step;
  }

  shedSurplus() {
    const fade = this.samples(CROSS_FADE_SECONDS);
    const goal = Math.max(this.target, this.lateness.recent);
    const calm = this.frame - this.calmSince >= this.samples(CALM_SECONDS);
    const surplus = Math.min(this.age - goal, this.ring.depth - fade - this.quantum);
    if (surplus <= this.samples(TOLERANCE_SECONDS)) {
      this.surplusSince = null;
      return;
    }
    this.surplusSince ??= this.frame;
    const skip = calm ? this.skipNow(surplus, fade) : null;
    if (skip === null) return;
    this.ring.skip(skip, fade);
    this.countSkip(skip);
    this.surplusSince = null;
  }

  /** Return how much to skip here, or null where a quieter place may come. */
  skipNow(most, fade) {
    const quiet = Math.max(SILENT, QUIET * this.level);
    const here = this.ring.loudness(this.ring.start, fade);
    if (here < quiet && this.ring.loudness(this.ring.start + most, fade) < quiet) return most;
    if (this.frame - this.surplusSince < this.samples(MAX_WAIT_SECONDS)) return null;
    return this.ring.bestSkip(most, this.samples(ALIGN_SECONDS), fade);
  }

  countSkip(frames) {
    if (frames === 0) return;
    this.skips += 1;
    this.skipped += frames;
  }
}
