// The lags at which the normalised cross-correlation around each centre peaks.
//
// A block takes FRAMES frames. The samples around each lie in the arena as shorts, in rows of an
// odd number of words, so that the frames of a warp do not wait for one bank. A thread adds up the
// products of GROUP neighbouring lags of one frame: what it holds in registers serves all of them.
//
// SUM is int where no sum of products can pass 2**31, and a longer type where one could.

typedef long long wide;

extern __shared__ __align__(16) unsigned char arena[];

#define GROUP 8   // lags of a thread, and samples that it takes at a time
#define COARSE 8  // samples from one known energy to the next

// The layout of the arena, whose size the host computes in `correlate_block.py`.
struct Arena {
    int row, knots, lags, peaks, warps;
    size_t x, known, sums, q, value, where, next, bytes;

    __host__ __device__ Arena(int reach, int lag_count, int warp_count) : warps(warp_count) {
        row = 2 * (((2 * reach + 1 + GROUP) / 2 + 1) | 1);  // in shorts
        knots = ((2 * reach + 1) / COARSE + 1) | 1;
        lags = lag_count | 1;
        peaks = lag_count / 2 + 1;
        sums = 0;
        x = sums + sizeof(SUM) * lags * FRAMES;
        x += x % 8;
        known = x + sizeof(short) * row * FRAMES;
        value = known + sizeof(unsigned) * knots * FRAMES;
        next = value + sizeof(int) * peaks * warps;
        q = next + sizeof(int);
        where = q + sizeof(short) * lags * FRAMES;
        bytes = where + sizeof(short) * peaks * warps;
    }
};

// Load the samples of one frame into the arena, shifted until they fit, with their energies.
// One warp, all of it.
__device__ void load_frame(const int* signal, wide length, wide from, int size, short* x,
                           unsigned* known) {
    const int lane = threadIdx.x % 32;
    int peak = 0;
    for (int n = lane; n < size; n += 32) {
        const wide at = from + n;
        if (at >= 0 && at < length) peak = max(peak, abs(signal[at]));
    }
    peak = __reduce_max_sync(~0u, peak);
    int shift = 0;
    while (peak >> shift >= 1024) shift++;
    const int half = (1 << shift) >> 1;
    for (int n = lane; n < size + GROUP; n += 32) {
        const wide at = from + n;
        const bool inside = n < size && at >= 0 && at < length;
        x[n] = inside ? (short)((signal[at] + half) >> shift) : 0;
    }
    __syncwarp();
    // Each lane adds up its share of the knots, and begins where the lanes before it end.
    const int knots = size / COARSE + 1, each = (knots + 31) / 32;
    const int first = lane * each, last = min(first + each, knots);
    unsigned own = 0;
    for (int knot = first; knot < last; knot++) {
        known[knot] = own;
        for (int n = knot * COARSE; n < min((knot + 1) * COARSE, size); n++) own += x[n] * x[n];
    }
    unsigned before = own;
    for (int step = 1; step < 32; step <<= 1) {
        const unsigned other = __shfl_up_sync(~0u, before, step);
        if (lane >= step) before += other;
    }
    before -= own;
    for (int knot = first; knot < last; knot++) known[knot] += before;
    __syncwarp();
}

// Energy of the samples before `end`.
__device__ unsigned energy(const short* x, const unsigned* known, int end) {
    unsigned total = known[end / COARSE];
    for (int n = end / COARSE * COARSE; n < end; n++) total += x[n] * x[n];
    return total;
}

// How well a pair agrees, from the sum of its products: `a` begins it, `lag` later its second half.
__device__ double agreement(const short* x, const unsigned* known, SUM products, int a, int lag,
                            int width) {
    const int b = a + lag;
    const double e1 = energy(x, known, a + width) - energy(x, known, a);
    const double e2 = energy(x, known, b + width) - energy(x, known, b);
    const double norm = sqrt(e1) * sqrt(e2);
    return norm > 0.0 ? (double)products / norm : 0.0;
}

__device__ void split(unsigned word, int* pair) {
    pair[0] = (short)word;
    pair[1] = (int)word >> 16;
}

// Sums of products of the lags `low` to `low + GROUP - 1`, of which lag L is number L - first.
// `low` is even, so that words of two samples are whole.
__device__ void correlate_group(const short* x, const int* widths, int first, int lags, int reach,
                                int low, SUM* sums) {
    // From `lo` to `hi` all windows are open; what lies outside is added lag by lag.
    int lo = 0, hi = 2 * reach + 1;
    for (int k = 0; k < GROUP; k++) {
        const int lag = low + k;
        if (lag < first || lag >= first + lags) continue;
        const int width = widths[lag - first], a = reach - (width + lag) / 2;
        lo = max(lo, a);
        hi = min(hi, a + width);
    }
    lo += lo & 1;
    const int stop = lo + max(hi - lo, 0) / GROUP * GROUP;

    SUM sum[GROUP] = {};
    int early[GROUP], late[2 * GROUP];
    const unsigned *one = (const unsigned*)(x + lo), *two = (const unsigned*)(x + lo + low);
#pragma unroll
    for (int n = 0; n < GROUP; n += 2) split(*two++, late + n);
#pragma unroll 2
    for (int left = (stop - lo) / GROUP; left; left--) {
#pragma unroll
        for (int n = 0; n < GROUP; n += 2) {
            split(one[n / 2], early + n);
            split(two[n / 2], late + GROUP + n);
        }
        one += GROUP / 2;
        two += GROUP / 2;
#pragma unroll
        for (int n = 0; n < GROUP; n++)
#pragma unroll
            for (int k = 0; k < GROUP; k++) sum[k] += early[n] * late[n + k];
#pragma unroll
        for (int n = 0; n < GROUP; n++) late[n] = late[GROUP + n];
    }
#pragma unroll
    for (int k = 0; k < GROUP; k++) {
        const int lag = low + k;
        if (lag < first || lag >= first + lags) continue;
        const int width = widths[lag - first], a = reach - (width + lag) / 2;
        for (int n = a; n < min(lo, a + width); n++) sum[k] += x[n] * x[n + lag];
        for (int n = stop; n < a + width; n++) sum[k] += x[n] * x[n + lag];
        sums[lag - first] = sum[k];
    }
}

// Write the candidates of one frame, best first. One warp, all of it.
__device__ void keep_peaks(const short* x, const unsigned* known, const SUM* sums, const short* q,
                           int first, const int* widths, const int* costs, int lags, int reach,
                           int candidates, int* value, short* where, int* score, double* top) {
    const int lane = threadIdx.x % 32;
    int count = 0;
    for (int from = 1; from < lags - 1; from += 32) {
        const int i = from + lane;
        const bool peak = i < lags - 1 && q[i - 1] <= q[i] && q[i] > q[i + 1];
        const unsigned all = __ballot_sync(~0u, peak);
        if (peak) {
            const int slot = count + __popc(all & ((1u << lane) - 1));
            value[slot] = q[i] - costs[i];
            where[slot] = (short)i;
        }
        count += __popc(all);
    }
    __syncwarp();
    for (int own = lane; own < count; own += 32) {
        int rank = 0;  // of equals the first comes first
        for (int n = 0; n < count; n++)
            rank += value[n] > value[own] || (value[n] == value[own] && n < own);
        if (rank >= candidates) continue;
        const int i = where[own];
        double r[3];
#pragma unroll
        for (int n = 0; n < 3; n++) {
            const int lag = first + i + n - 1, width = widths[i + n - 1];
            r[n] = agreement(x, known, sums[i + n - 1], reach - (width + lag) / 2, lag, width);
        }
        const double bend = r[0] - 2.0 * r[1] + r[2];
        double aside = 0.0;
        if (bend < 0.0) aside = fmin(0.5, fmax(-0.5, 0.5 * (r[0] - r[2]) / bend));
        score[rank] = value[own];
        top[rank] = first + i + aside;
    }
    for (int rank = count + lane; rank < candidates; rank += 32) {
        score[rank] = NO_CANDIDATE;
        top[rank] = 0.0;
    }
    __syncwarp();
}

extern "C" __global__ void __launch_bounds__(256, 2)
correlate(const int* signal, wide length, const wide* centres, wide frames, int first,
          const int* widths, const int* costs, int lags, int candidates, int* score, double* top) {
    const int warps = blockDim.x / 32, warp = threadIdx.x / 32, lane = threadIdx.x % 32;
    const int reach = (widths[lags - 1] + first + lags) / 2;
    const Arena at(reach, lags, warps);
    short* x = (short*)(arena + at.x);
    unsigned* known = (unsigned*)(arena + at.known);
    SUM* sums = (SUM*)(arena + at.sums);
    short* q = (short*)(arena + at.q);
    int* next = (int*)(arena + at.next);
    const wide begin = (wide)blockIdx.x * FRAMES;
    const int here = (int)min((wide)FRAMES, frames - begin);

    if (threadIdx.x == 0) *next = 0;
    for (int f = warp; f < here; f += warps)
        load_frame(signal, length, centres[begin + f] - reach, 2 * reach + 1, x + f * at.row,
                   known + f * at.knots);
    __syncthreads();

    // The longest lags first, to whichever warp is free; a warp holds 32 / FRAMES groups at a time.
    const int even = first & ~1, groups = (first + lags - even + GROUP - 1) / GROUP;
    const int f = lane % FRAMES;
    for (;;) {
        int taken = lane == 0 ? atomicAdd(next, 32 / FRAMES) : 0;
        taken = __shfl_sync(~0u, taken, 0);
        if (taken >= groups) break;
        const int group = groups - 1 - taken - lane / FRAMES;
        if (f >= here || group < 0) continue;
        const int low = even + GROUP * group;
        const short* own = x + f * at.row;
        correlate_group(own, widths, first, lags, reach, low, sums + f * at.lags);
        for (int lag = max(low, first); lag < min(low + GROUP, first + lags); lag++) {
            const int i = lag - first, width = widths[i];
            const double r = agreement(own, known + f * at.knots, sums[f * at.lags + i],
                                       reach - (width + lag) / 2, lag, width);
            q[f * at.lags + i] = (short)rint(PERFECT_SCORE * r);
        }
    }
    __syncthreads();

    for (int g = warp; g < here; g += warps)
        keep_peaks(x + g * at.row, known + g * at.knots, sums + g * at.lags, q + g * at.lags, first,
                   widths, costs, lags, reach, candidates,
                   (int*)(arena + at.value) + warp * at.peaks,
                   (short*)(arena + at.where) + warp * at.peaks, score + (begin + g) * candidates,
                   top + (begin + g) * candidates);
}
