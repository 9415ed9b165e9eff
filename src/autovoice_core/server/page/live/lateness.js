// The lateness of a stream's output: the least latency, from capture to playing, at which it would
// have been there in time. Kept as the worst of each tenth of a second over the last six.

const BUCKET_SECONDS = 0.1;
const BUCKETS = 60;
const STEADY_SECONDS = 0.005; // a stream that begins is slow, until two pairs of buckets differ by less
const BEGINNING = 20; // buckets in which it may become faster; after them it counts as steady
const STALLS = 0.2; // share of the buckets that may be stalls, which say nothing of the others
const MARGIN_SECONDS = 0.008;
const PREBUFFER_SECONDS = 0.013; // at least, over the median; about 20 ms when something has come

export class Lateness {
  constructor(sampleRate) {
    this.length = BUCKET_SECONDS * sampleRate;
    this.margin = MARGIN_SECONDS * sampleRate;
    this.prebuffer = PREBUFFER_SECONDS * sampleRate;
    this.worst = [];
    this.change = STEADY_SECONDS * sampleRate;
    this.seen = 0;
    this.steady = false;
    this.newest = -Infinity;
    this.bucketEnd = null;
  }

  /** Take the lateness at a time, in samples; return whether a bucket is full. */
  observe(lateness, frame) {
    this.bucketEnd ??= frame + this.length;
    this.newest = Math.max(this.newest, lateness);
    if (frame < this.bucketEnd) return false;
    this.worst.push(this.newest);
    if (this.worst.length > BUCKETS) this.worst.shift();
    if (this.seen < BEGINNING) this.begin();
    this.newest = -Infinity;
    this.bucketEnd = frame + this.length;
    return true;
  }

  /** Forget the buckets in which a stream that begins was slower than in the latest. */
  begin() {
    this.seen += 1;
    this.steady ||= this.seen === BEGINNING;
    if (this.worst.length < 4) return;
    const before = Math.max(...this.worst.slice(-4, -2));
    const now = Math.max(...this.worst.slice(-2));
    this.steady ||= Math.abs(before - now) < this.change;
    if (before - now > this.change) this.worst = this.worst.slice(-2);
  }

  /** The latency that all but stalls can keep; null as long as too little is known. */
  get target() {
    if (!this.steady) return null;
    const sorted = [...this.worst].sort((a, b) => b - a);
    const usual = sorted[Math.floor(STALLS * sorted.length)];
    const median = sorted[sorted.length >> 1];
    return Math.round(Math.max(usual + this.margin, median + this.prebuffer));
  }

  /** The worst of what is known of the latest full bucket and since. */
  get recent() {
    return Math.max(this.newest, this.worst.at(-1) ?? -Infinity);
  }
}
