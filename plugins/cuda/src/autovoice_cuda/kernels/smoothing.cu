// Smoothing over neighbouring frames: of voicing scores, and of pitch by local regression.
//
// The algorithm is that of autovoice_core.pitch.nccf.smoothing. A thread a frame. Frames wrap
// around; those of another clip lie too far away to count.

typedef long long wide;

__device__ wide magnitude(wide value) { return value < 0 ? -value : value; }

// The score of each frame, raised where an adjacent one of the same pitch has more.
extern "C" __global__ void reinforce(const int* score, const int* log_lag, const wide* positions,
                                     int frames, wide span, int distance, int cost, int gain,
                                     int* reinforced) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= frames) return;
    int best = score[i];
    for (int side = -1; side <= 1; side += 2) {
        const int j = (i + side + frames) % frames;
        const bool near = magnitude(positions[j] - positions[i]) < span;
        if (!near || magnitude((wide)log_lag[j] - log_lag[i]) > distance) continue;
        best = max(best, score[j] - cost);
    }
    reinforced[i] = min(best, score[i] > NO_CANDIDATE ? score[i] + gain : score[i]);
}

__device__ wide certainty(int score, bool voiced) {
    const wide doubt = PERFECT_SCORE / 50 + PERFECT_SCORE - min(max(score, 0), PERFECT_SCORE);
    return voiced ? (1 << 24) / (doubt * doubt) : 0;
}

// How far each frame is to be moved onto its local regression (Cleveland 1979).
extern "C" __global__ void regression_shift(const int* score, const int* log_lag,
                                            const bool* voiced, const wide* positions, int frames,
                                            wide span, int neighbours, wide tolerance, wide slope,
                                            double* shifts) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= frames) return;
    wide w = certainty(score[i], voiced[i]) * (TIME_STEPS >> 2);
    wide wt = 0, wtt = 0, wy = 0, wty = 0;
    for (int shift = -neighbours; shift <= neighbours; shift++) {
        if (shift == 0) continue;
        const int j = (int)(((wide)i + shift + (wide)neighbours * frames) % frames);
        const wide later = positions[j] - positions[i], rise = (wide)log_lag[j] - log_lag[i];
        const wide time = magnitude(later) * TIME_STEPS / span;
        if (later * shift <= 0 || time >= TIME_STEPS) continue;
        if (magnitude(rise) > tolerance + (slope * time >> 6)) continue;
        const wide weight = certainty(score[j], voiced[j]) * ((TIME_STEPS - time) >> 2);
        const wide signed_time = shift > 0 ? time : -time;
        w += weight;
        wt += signed_time * weight;
        wtt += time * time * weight;
        wy += rise * weight;
        wty += signed_time * rise * weight;
    }
    const wide denominator = w * wtt - wt * wt, numerator = wtt * wy - wt * wty;
    const wide distance = magnitude(numerator), least = tolerance * denominator;
    double move = 0.0;
    if (voiced[i] && distance > least) {
        const wide by = distance < 2 * least ? 2 * (distance - least) : distance;
        move = (double)(numerator > 0 ? by : -by) / (double)denominator;
    }
    shifts[i] = move;
}
