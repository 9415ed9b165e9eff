// What the neighbours of a frame say of it: whether it is voiced, and where its pitch lies.
//
// A thread a frame. Frames wrap around; those of another clip lie too far away to count.

typedef long long wide;

__device__ wide magnitude(wide value) { return value < 0 ? -value : value; }

// The evidence of each frame, more where a surer one of the same pitch is next to it.
extern "C" __global__ void helped(const int* evidence, const int* place, const wide* at, int frames,
                                  wide span, int rise, int cost, int most, int* better) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= frames) return;
    int best = evidence[i];
    for (int side = -1; side <= 1; side += 2) {
        const int j = (i + side + frames) % frames;
        const bool near = magnitude(at[j] - at[i]) < span;
        if (!near || magnitude((wide)place[j] - place[i]) > rise) continue;
        best = max(best, evidence[j] - cost);
    }
    better[i] = min(best, evidence[i] > NOTHING ? evidence[i] + most : evidence[i]);
}

__device__ wide sureness(int score, bool sung) {
    const wide doubt = ONE / 50 + ONE - min(max(score, 0), ONE);
    return sung ? (1 << 24) / (doubt * doubt) : 0;
}

// How far each frame is to be moved onto the line through those around it (Cleveland 1979).
extern "C" __global__ void off_line(const int* score, const int* place, const bool* sung,
                                    const wide* at, int frames, wide span, int near, wide off,
                                    wide steep, double* moves) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= frames) return;
    wide weight = sureness(score[i], sung[i]) * (FINEST >> 2);
    wide time = 0, square = 0, reach = 0, cross = 0;
    for (int shift = -near; shift <= near; shift++) {
        if (shift == 0) continue;
        const int j = (int)(((wide)i + shift + (wide)near * frames) % frames);
        const wide later = at[j] - at[i], rise = (wide)place[j] - place[i];
        const wide when = magnitude(later) * FINEST / span;
        if (later * shift <= 0 || when >= FINEST) continue;
        if (magnitude(rise) > off + (steep * when >> 6)) continue;
        const wide part = sureness(score[j], sung[j]) * ((FINEST - when) >> 2);
        const wide side = shift > 0 ? when : -when;
        weight += part;
        time += side * part;
        square += when * when * part;
        reach += rise * part;
        cross += side * rise * part;
    }
    const wide whole = weight * square - time * time, top = square * reach - time * cross;
    const wide far = magnitude(top), least = off * whole;
    double move = 0.0;
    if (sung[i] && far > least) {
        const wide by = far < 2 * least ? 2 * (far - least) : far;
        move = (double)(top > 0 ? by : -by) / (double)whole;
    }
    moves[i] = move;
}
