// Several tracks of one song, played in step: one clock, a gain for each, cross-faded.

const FADE_SECONDS = 0.02;
const PIECE_SECONDS = 4;
const AHEAD_SECONDS = 6; // what is queued, so that a page in the background plays on
const TIMER_MILLISECONDS = 500;
const LEAD_SECONDS = 0.05;
const INT16 = 32768;

export class TrackPlayer {
  constructor() {
    this.tracks = new Map(); // name: {channels, gain}
    this.selected = null;
    this.offset = 0;
    this.playing = false;
    this.sources = new Set();
  }

  open() {
    this.context ??= new AudioContext();
    return this.context;
  }

  /** Fetch and decode a track, once; kept as int16, half the size that the browser makes of it. */
  async load(name, url) {
    if (this.tracks.has(name)) return this.tracks.get(name);
    const answer = await fetch(url);
    if (!answer.ok) throw new Error(answer.statusText);
    const decoded = await this.open().decodeAudioData(await answer.arrayBuffer());
    const channels = Array.from({ length: decoded.numberOfChannels }, (_, channel) =>
      toInt16(decoded.getChannelData(channel)),
    );
    const gain = this.context.createGain();
    gain.gain.value = 0;
    gain.connect(this.context.destination);
    const track = { channels, gain, frames: decoded.length };
    this.tracks.set(name, track);
    if (this.playing) this.restart(this.position);
    return track;
  }

  get rate() {
    return this.context?.sampleRate;
  }

  get duration() {
    const longest = Math.max(0, ...[...this.tracks.values()].map(({ frames }) => frames));
    return longest ? longest / this.rate : 0;
  }

  /** The position that is heard, in seconds. */
  get position() {
    if (!this.playing) return this.offset;
    const late = this.context.outputLatency ?? 0;
    const played = this.context.currentTime - late - this.startedAt;
    return Math.min(this.duration, this.offset + Math.max(0, played));
  }

  /** Hear another track from now on, at the same position. */
  select(name) {
    this.selected = name;
    for (const [other, { gain }] of this.tracks) {
      const now = this.context.currentTime;
      gain.gain.cancelScheduledValues(now);
      gain.gain.setValueAtTime(gain.gain.value, now);
      gain.gain.linearRampToValueAtTime(other === name ? 1 : 0, now + FADE_SECONDS);
    }
  }

  async play() {
    await this.open().resume();
    if (this.offset >= this.duration) this.offset = 0;
    this.restart(this.offset);
  }

  pause() {
    const { position } = this;
    this.silence();
    this.offset = position;
  }

  seek(seconds) {
    if (this.playing) this.restart(seconds);
    else this.offset = Math.max(0, Math.min(this.duration, seconds));
  }

  restart(offset) {
    this.silence();
    this.playing = true;
    this.offset = Math.max(0, Math.min(this.duration, offset));
    const begin = this.context.currentTime + LEAD_SECONDS;
    this.startedAt = Math.round(begin * this.rate) / this.rate;
    this.firstFrame = Math.round(this.offset * this.rate);
    this.queued = this.firstFrame;
    this.queue();
    this.timer = setInterval(() => this.queue(), TIMER_MILLISECONDS);
  }

  silence() {
    clearInterval(this.timer);
    this.playing = false;
    const end = (this.context?.currentTime ?? 0) + FADE_SECONDS;
    for (const { source, fade } of this.sources) {
      fade.gain.setValueAtTime(1, end - FADE_SECONDS);
      fade.gain.linearRampToValueAtTime(0, end);
      source.stop(end);
    }
    this.sources.clear();
  }

  queue() {
    const total = Math.round(this.duration * this.rate);
    if (this.position >= this.duration) {
      this.pause();
      return;
    }
    const until = this.context.currentTime + AHEAD_SECONDS;
    while (this.queued < total && this.timeOf(this.queued) < until) {
      const frames = Math.min(PIECE_SECONDS * this.rate, total - this.queued);
      for (const track of this.tracks.values()) this.queuePiece(track, this.queued, frames);
      this.queued += frames;
    }
  }

  timeOf(frame) {
    return this.startedAt + (frame - this.firstFrame) / this.rate;
  }

  queuePiece(track, start, frames) {
    if (start >= track.frames) return;
    const { length } = track.channels;
    const piece = this.context.createBuffer(length, frames, this.rate);
    track.channels.forEach((samples, channel) => {
      piece.copyToChannel(toFloat(samples.subarray(start, start + frames)), channel);
    });
    const fade = this.context.createGain();
    fade.connect(track.gain);
    const source = this.context.createBufferSource();
    source.buffer = piece;
    source.connect(fade);
    source.start(this.timeOf(start));
    const entry = { source, fade };
    this.sources.add(entry);
    source.onended = () => {
      this.sources.delete(entry);
      fade.disconnect();
    };
  }

  /** Forget all tracks. */
  clear() {
    this.silence();
    for (const { gain } of this.tracks.values()) gain.disconnect();
    this.tracks.clear();
    this.offset = 0;
  }
}

// Plain loops: `from` with a function takes ten times as long over millions of samples.

function toInt16(samples) {
  const rounded = new Int16Array(samples.length);
  for (let i = 0; i < samples.length; i += 1) {
    rounded[i] = Math.max(-INT16, Math.min(INT16 - 1, Math.round(samples[i] * INT16)));
  }
  return rounded;
}

function toFloat(samples) {
  const scaled = new Float32Array(samples.length);
  for (let i = 0; i < samples.length; i += 1) scaled[i] = samples[i] / INT16;
  return scaled;
}
