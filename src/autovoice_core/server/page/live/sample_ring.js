// The samples that have arrived and are not played yet, by position; holes are silent, with soft
// edges.

const EDGE_SECONDS = 0.003;

export class SampleRing {
  constructor(sampleRate, seconds) {
    this.ring = new Float32Array(Math.round(seconds * sampleRate));
    this.edge = Math.round(EDGE_SECONDS * sampleRate);
    this.start = 0; // position of the oldest sample
    this.end = 0; // position after the newest one
    this.fadeInAt = null;
  }

  get depth() {
    return this.end - this.start;
  }

  at(position) {
    return this.ring[position % this.ring.length];
  }

  set(position, sample) {
    this.ring[position % this.ring.length] = sample;
  }

  /** Append samples; return how many of the oldest had to go. */
  append(samples) {
    const from = this.end;
    const size = this.ring.length;
    const overflow = Math.max(0, this.depth + samples.length - size);
    for (let i = Math.max(0, samples.length - size); i < samples.length; i += 1) {
      this.set(from + i, samples[i]);
    }
    this.end += samples.length;
    this.start += overflow;
    if (this.fadeInAt === from) this.fadeIn(from);
    return overflow;
  }

  /** Append silence; return how many of the oldest samples had to go. */
  appendHole(frames) {
    const edge = Math.min(this.edge, this.depth);
    for (let i = 0; i < edge; i += 1) {
      const position = this.end - 1 - i;
      this.set(position, this.at(position) * rise(i / edge));
    }
    const beyond = Math.max(0, frames - this.ring.length);
    this.end += beyond;
    this.start += beyond;
    const overflow = this.append(new Float32Array(frames - beyond));
    this.fadeInAt = this.end;
    return beyond + overflow;
  }

  /** Let the sound that begins at `position` rise from silence. */
  fadeIn(position) {
    const edge = Math.min(this.edge, this.end - position);
    for (let i = 0; i < edge; i += 1) {
      this.set(position + i, this.at(position + i) * rise(i / edge));
    }
  }

  /** Return the RMS of some of the samples. */
  loudness(position, length) {
    let sum = 0;
    for (let i = 0; i < length; i += 1) sum += this.at(position + i) ** 2;
    return Math.sqrt(sum / length);
  }

  /** Go on `frames` later, by a cross-fade of `fade` samples. */
  skip(frames, fade) {
    // From the end on, as after a short skip what fades in is what fades out a little later.
    for (let i = fade - 1; i >= 0; i -= 1) {
      const weight = rise((i + 1) / (fade + 1));
      const later = this.start + frames + i;
      this.set(later, weight * this.at(later) + (1 - weight) * this.at(this.start + i));
    }
    this.start += frames;
  }

  /** Return the skip of `most` or up to `range` less after which the waves of `fade` fit best. */
  bestSkip(most, range, fade) {
    let best = -Infinity;
    let found = most;
    for (let tried = most; tried > Math.max(0, most - range); tried -= 1) {
      let product = 0;
      let power = 1e-9;
      for (let i = 0; i < fade; i += 2) {
        const sample = this.at(this.start + tried + i);
        product += this.at(this.start + i) * sample;
        power += sample * sample;
      }
      if (product / Math.sqrt(power) > best) {
        best = product / Math.sqrt(power);
        found = tried;
      }
    }
    return found;
  }
}

/** Return a raised cosine from 0 to 1. */
export function rise(share) {
  return 0.5 - 0.5 * Math.cos(Math.PI * share);
}
