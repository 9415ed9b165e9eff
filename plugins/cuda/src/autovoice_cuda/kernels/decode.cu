// The best path through the candidates of each clip, in integers (Viterbi 1967).
//
// All clips are one chain: where a clip begins, every step is free, so that each state's best
// predecessor is the state in which the clip before ended. The chain is cut into spans of SPAN
// frames that are processed in parallel. A span takes the scores before it to those behind it by
// a product of matrices in (max, +), which is exact; keeping scores over FORBIDDEN_SCORE is linear
// too.
//
// A lane is a state; the last one, `candidates`, is unvoiced.

typedef long long wide;

extern __shared__ __align__(16) unsigned char arena[];

#define OUT (2 * FORBIDDEN_SCORE)  // loses to every state that can be reached

struct Trellis {
    const int *score, *log_lag;
    const bool* voiced;
    int candidates, unvoiced, change, slope, most;

    __device__ Trellis(const int* score, const int* log_lag, const bool* voiced, const int* weights,
                       int candidates)
        : score(score), log_lag(log_lag), voiced(voiced), candidates(candidates),
          unvoiced(weights[0]), change(weights[1]), slope(weights[2]), most(weights[3]) {}

    // What being in state `to` of frame `t` is worth.
    __device__ int local(wide t, int to) const {
        if (to >= candidates) return to == candidates ? unvoiced : OUT;
        const int value = score[t * candidates + to];
        return voiced[t] && value > NO_CANDIDATE ? value : FORBIDDEN_SCORE;
    }
    // What the step to it costs; log lags are those of the two states.
    __device__ int step(int from, int to, int from_log_lag, int to_log_lag) const {
        if (from == candidates && to == candidates) return 0;
        if (from == candidates || to == candidates) return change;
        return (int)min((wide)most, (wide)abs(to_log_lag - from_log_lag) * slope >> 10);
    }
    __device__ int log_lag_of(wide t, int state) const {
        return state < candidates && t >= 0 ? log_lag[t * candidates + state] : 0;
    }
};

// Walks over the beginnings of clips as time goes on.
struct Clips {
    const wide* starts;
    int count, next;

    __device__ Clips(const wide* starts, int count, wide t) : starts(starts), count(count) {
        int low = 0, high = count;
        while (low < high) {
            const int middle = (low + high) / 2;
            if (starts[middle] < t) low = middle + 1; else high = middle;
        }
        next = low;
    }
    __device__ bool begins(wide t) {
        bool found = false;
        for (; next < count && starts[next] <= t; next++) found = true;
        return found;
    }
};

// Bring the greatest of the lanes to 0; return what was taken off.
__device__ int settle(int* total, int state, int candidates) {
    const int most = __reduce_max_sync(~0u, state <= candidates ? *total : OUT * 2);
    *total = max(*total - most, FORBIDDEN_SCORE);
    return most;
}

// The matrix of each span, by columns: warp j begins in state j alone. One block a span, a warp a
// state. `offsets` are what each column has over its entries.
extern "C" __global__ void products(const int* score, const int* log_lag, const bool* voiced,
                                    const int* weights, const wide* starts, int clips, wide frames,
                                    int candidates, int* matrices, wide* offsets) {
    int* steps = (int*)arena;  // of this frame and the next, (from, to)
    const int states = candidates + 1, state = threadIdx.x % 32, column = threadIdx.x / 32;
    const Trellis trellis(score, log_lag, voiced, weights, candidates);
    const wide begin = (wide)blockIdx.x * SPAN, end = min(begin + SPAN, frames);
    Clips clip(starts, clips, begin);
    int total = state == column ? 0 : OUT;
    wide offset = 0;
    for (wide t = begin; t < end; t++) {
        int* now = steps + (t % 2) * states * 32;
        const bool first = clip.begins(t);
        now[column * 32 + state] = first ? 0 : trellis.step(column, state,
            trellis.log_lag_of(t - 1, column), trellis.log_lag_of(t, state));
        __syncthreads();
        int top = 2 * OUT;
        for (int from = 0; from < states; from++)
            top = max(top, __shfl_sync(~0u, total, from) - now[from * 32 + state]);
        total = state <= candidates ? top + trellis.local(t, state) : OUT;
        offset += settle(&total, state, candidates);
    }
    const wide at = (wide)blockIdx.x * states + column;
    if (state <= candidates) matrices[at * states + state] = total;
    if (state == 0) offsets[at] = offset;
}

// The scores with which each span is entered. A warp a clip; a span in which a clip begins does
// not care how it is entered.
extern "C" __global__ void entries(const int* matrices, const wide* offsets, const wide* starts,
                                   int clips, wide frames, int candidates, int* entered) {
    const int states = candidates + 1, state = threadIdx.x % 32;
    const int clip = blockIdx.x * (blockDim.x / 32) + threadIdx.x / 32;
    if (clip >= clips) return;
    const wide end = clip + 1 < clips ? starts[clip + 1] : frames;
    int total = 0;
    for (wide span = starts[clip] / SPAN; (span + 1) * SPAN <= end; span++) {
        const bool real = state <= candidates;
        // In 64 bits, as columns may differ by much; what is far below can be clipped.
        wide column = real ? total + offsets[span * states + state] : 0;
        wide most = column;
        for (int from = 0; from < states; from++) {
            const wide other = __shfl_sync(~0u, column, from);
            most = from ? max(most, other) : other;
        }
        const int begin = (int)max(column - most, (wide)OUT);
        int top = 2 * OUT;
        for (int from = 0; from < states; from++) {
            const int other = __shfl_sync(~0u, begin, from);
            if (real) top = max(top, other + matrices[(span * states + from) * states + state]);
        }
        total = top;
        settle(&total, state, candidates);
        if (real && (span + 1) * SPAN < frames) entered[(span + 1) * states + state] = total;
    }
}

// Each state's best predecessor, and for each state at the end of a span the state at the end of
// the span before. A warp a span.
extern "C" __global__ void forward(const int* score, const int* log_lag, const bool* voiced,
                                   const int* weights, const wide* starts, int clips, wide frames,
                                   int candidates, const int* entered, unsigned char* back,
                                   unsigned char* across, unsigned char* final) {
    const int states = candidates + 1, state = threadIdx.x;
    const Trellis trellis(score, log_lag, voiced, weights, candidates);
    const wide span = blockIdx.x, begin = span * SPAN, end = min(begin + SPAN, frames);
    Clips clip(starts, clips, begin);
    int total = span && state <= candidates ? entered[span * states + state] : 0;
    int before = trellis.log_lag_of(begin - 1, state);
    for (wide t = begin; t < end; t++) {
        const bool first = clip.begins(t);
        const int here = trellis.log_lag_of(t, state);
        int chosen = 0, top = 2 * OUT;
        for (int from = 0; from < states; from++) {
            const int score_from = __shfl_sync(~0u, total, from);
            const int log_lag_from = __shfl_sync(~0u, before, from);
            const int reached =
                score_from - (first ? 0 : trellis.step(from, state, log_lag_from, here));
            if (reached > top) {  // ties go to the earlier state
                top = reached;
                chosen = from;
            }
        }
        total = state <= candidates ? top + trellis.local(t, state) : OUT;
        settle(&total, state, candidates);
        before = here;
        arena[(t - begin) * 32 + state] = (unsigned char)chosen;
        if (state <= candidates) back[t * states + state] = (unsigned char)chosen;
    }
    __syncwarp();
    int s = min(state, candidates);
    for (wide t = end - 1; t >= begin; t--) s = arena[(t - begin) * 32 + s];
    if (state <= candidates) across[span * states + state] = (unsigned char)s;
    if (end == frames) {
        const unsigned greatest = __ballot_sync(~0u, state <= candidates && total == 0);
        if (state == 0) *final = (unsigned char)(__ffs(greatest) - 1);
    }
}

// The state at the end of each span. A thread a clip; the span in which the next clip begins leads
// to the same state from all.
extern "C" __global__ void exits(const unsigned char* across, const unsigned char* final,
                                 const wide* starts, int clips, wide frames, int candidates,
                                 unsigned char* left) {
    const int states = candidates + 1, clip = blockIdx.x * blockDim.x + threadIdx.x;
    if (clip >= clips) return;
    const wide spans = (frames + SPAN - 1) / SPAN;
    const wide begin = starts[clip], end = clip + 1 < clips ? starts[clip + 1] : frames;
    int state = *final;
    if (end == frames) left[spans - 1] = (unsigned char)state;
    for (wide span = min(end / SPAN - 1, spans - 2); span >= begin / SPAN; span--) {
        state = across[(span + 1) * states + state];
        left[span] = (unsigned char)state;
    }
}

// The path, from the state at the end of each span backwards. A warp a span.
extern "C" __global__ void trace(const unsigned char* back, const unsigned char* left, wide frames,
                                 int candidates, int* path) {
    const int states = candidates + 1;
    const wide begin = (wide)blockIdx.x * SPAN, end = min(begin + SPAN, frames);
    const int size = (int)(end - begin) * states;
    for (int n = threadIdx.x; n < size; n += 32) arena[n] = back[begin * states + n];
    __syncwarp();
    if (threadIdx.x) return;
    int state = left[blockIdx.x];
    for (wide t = end - 1; t >= begin; t--) {
        path[t] = state == candidates ? -1 : state;
        state = arena[(t - begin) * states + state];
    }
}
