// Preprocessing: samples as integers, decimated and high-passed, and how loud they are.
//
// Rows of `samples` become rows of `signal`, each followed by silence up to `span`.

typedef long long wide;

extern __shared__ __align__(16) unsigned char arena[];

struct ToInteger {  // full scale at `scale`, clipped at `clip_level`
    float scale, clip_level;
    __device__ int operator()(float value) const {
        return __float2int_rn(fminf(fmaxf(value, -clip_level), clip_level) * scale);
    }
    __device__ int operator()(short value) const { return value * (int)(scale / 32768.0f); }
    __device__ int operator()(int value) const { return value; }
};

// Outputs of one block are neighbours, so their inputs overlap and go through the arena.
template <typename Sample>
__device__ void low_pass(const Sample* samples, wide width, const wide* lengths,
                         ToInteger to_integer, const int* taps, int tap_count, int factor,
                         int* low, wide span) {
    int* near = (int*)arena;
    int* tap = near + blockDim.x * factor + tap_count;
    const int half = tap_count / 2;
    const wide row = blockIdx.y, length = lengths ? lengths[row] : width;
    const wide begin = (wide)blockIdx.x * blockDim.x;
    for (int n = threadIdx.x; n < blockDim.x * factor + tap_count; n += blockDim.x) {
        const wide at = begin * factor - half + n;
        near[n] = at >= 0 && at < length ? to_integer(samples[row * width + at]) : 0;
    }
    for (int n = threadIdx.x; n <= half; n += blockDim.x) tap[n] = taps[n];
    __syncthreads();
    const wide out = begin + threadIdx.x;
    if (out >= span) return;
    const int* x = near + threadIdx.x * factor;
    wide total = (wide)tap[half] * x[half] + (1 << 14);
    for (int n = 0; n < half; n++) total += (wide)tap[n] * (x[n] + x[tap_count - 1 - n]);
    low[row * span + out] = (int)(total >> 15);
}

extern "C" __global__ void decimate_float(const float* samples, wide width, const wide* lengths,
                                          float scale, float clip_level, const int* taps,
                                          int tap_count, int factor, int* low, wide span) {
    low_pass(samples, width, lengths, ToInteger{scale, clip_level}, taps, tap_count, factor, low,
             span);
}

extern "C" __global__ void decimate_short(const short* samples, wide width, const wide* lengths,
                                          float scale, float clip_level, const int* taps,
                                          int tap_count, int factor, int* low, wide span) {
    low_pass(samples, width, lengths, ToInteger{scale, clip_level}, taps, tap_count, factor, low,
             span);
}

extern "C" __global__ void decimate(const int* samples, wide width, const int* taps,
                                    int tap_count, int factor, int* low, wide span) {
    low_pass(samples, width, (const wide*)0, ToInteger{1.0f, 1.0f}, taps, tap_count, factor, low,
             span);
}

// Adds up `value` over the block; every thread has the sum. blockDim.x is a multiple of 32.
__device__ wide block_sum(wide value, wide* parts) {
    for (int step = 16; step; step >>= 1) value += __shfl_xor_sync(~0u, value, step);
    __syncthreads();
    if (threadIdx.x % 32 == 0) parts[threadIdx.x / 32] = value;
    __syncthreads();
    wide total = 0;
    for (int n = 0; n < blockDim.x / 32; n++) total += parts[n];
    return total;
}

// Subtracts from each sample the average of `reach` samples to either side, and adds up the squares
// of what is left over runs of blockDim.x samples. A block does `runs` of them. What the low pass
// rings on with behind the end is not sound, and left out.
extern "C" __global__ void high_pass(const int* low, wide span, wide width, const wide* lengths,
                                     int factor, int reach, int runs, int* signal, wide* energy) {
    const int size = blockDim.x * runs + 2 * reach + 1, each = (size + blockDim.x - 1) / blockDim.x;
    wide* parts = (wide*)arena;      // a sum for each warp
    wide* before = parts + 32;       // before[n]: sum of the n samples from begin - reach on
    const wide row = blockIdx.y, length = lengths ? lengths[row] : width;
    const wide count = (length + factor - 1) / factor, begin = (wide)blockIdx.x * blockDim.x * runs;
    const int* x = low + row * span;

    const int from = threadIdx.x * each, to = min(from + each, size);
    wide own = 0;
    for (int n = from; n < to; n++) {
        const wide at = begin - reach + n;
        before[n] = own;
        own += at >= 0 && at < count ? x[at] : 0;
    }
    // The sums of the threads before this one, by doubling within a warp and then over the warps.
    wide sum = own;
    for (int step = 1; step < 32; step <<= 1) {
        const wide other = __shfl_up_sync(~0u, sum, step);
        if (threadIdx.x % 32 >= step) sum += other;
    }
    if (threadIdx.x % 32 == 31) parts[threadIdx.x / 32] = sum;
    __syncthreads();
    sum -= own;
    for (int n = 0; n < threadIdx.x / 32; n++) sum += parts[n];
    for (int n = from; n < to; n++) before[n] += sum;
    __syncthreads();

    const int average = 2 * reach + 1;
    for (int run = 0; run < runs; run++) {
        const int n = run * blockDim.x + threadIdx.x;
        const wide at = begin + n;
        int value = 0;
        if (at < count) {
            const wide total = before[n + average] - before[n];
            wide mean = total / average;
            if (total < mean * average) mean--;  // rounded down, not towards zero
            value = x[at] - (int)mean;
        }
        if (at < span) signal[row * span + at] = value;
        const wide squares = block_sum((wide)value * value, parts);
        if (threadIdx.x == 0 && at < span) energy[(row * span + at) / blockDim.x] = squares;
    }
}

// How many halvings of energy each block lies below the loudest of those within `reach` of it.
extern "C" __global__ void attenuation(const wide* energy, int count, int reach, int gate,
                                       wide min_energy, int* result) {
    const wide row = (wide)blockIdx.y * count;
    const int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at >= count) return;
    wide loudest = 0;
    for (int n = max(at - reach, 0); n <= min(at + reach, count - 1); n++)
        loudest = max(loudest, energy[row + n]);
    int halvings = 0;
    for (int power = 1; power <= gate; power++) halvings += energy[row + at] <= loudest >> power;
    result[row + at] = energy[row + at] > min_energy ? halvings : gate;
}
