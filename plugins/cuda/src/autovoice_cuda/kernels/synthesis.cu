// Synthesis: harmonic oscillators, and overlap-add of frames.

typedef long long wide;

#define GROUP 8  // harmonics whose phases follow from one that is known exactly

// Harmonics whose complex amplitudes move linearly from frame to frame. A thread a sample.
extern "C" __global__ void oscillate(const double* phase, wide count, const float* real,
                                     const float* imaginary, int frames, int harmonics,
                                     double spacing, float* signal) {
    const wide n = (wide)blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= count) return;
    const double where = n / spacing;
    const int low = min((int)where, frames - 2);
    const float share = (float)(where - low);
    const double turn = phase[n] - floor(phase[n]);
    float step_re, step_im;
    sincospif((float)(2.0 * turn), &step_im, &step_re);
    const float *re_at = real + (wide)low * harmonics, *im_at = imaginary + (wide)low * harmonics;
    double total = 0.0;
    for (int first = 0; first < harmonics; first += GROUP) {
        const double angle = (first + 1) * turn;
        float re, im, part = 0.0f;
        sincospif((float)(2.0 * (angle - floor(angle))), &im, &re);
        for (int k = first; k < min(first + GROUP, harmonics); k++) {
            const float a = re_at[k] + share * (re_at[harmonics + k] - re_at[k]);
            const float b = im_at[k] + share * (im_at[harmonics + k] - im_at[k]);
            part += a * re - b * im;
            const float next = re * step_re - im * step_im;
            im = re * step_im + im * step_re;
            re = next;
        }
        total += part;
    }
    signal[n] = (float)total;
}

// Frames added up, each from its start. A thread a sample, a row of blocks a channel.
//
// `starts` rise, and `order` is the frame that begins at each: the order of a sum never changes.
extern "C" __global__ void overlap_add(const float* frames, int count, int size,
                                       const wide* starts, const int* order, wide length,
                                       float* signal) {
    const wide n = (wide)blockIdx.x * blockDim.x + threadIdx.x;
    if (n >= length) return;
    int low = 0, high = count;  // the first frame that still reaches here
    while (low < high) {
        const int middle = (low + high) / 2;
        if (starts[middle] <= n - size) low = middle + 1; else high = middle;
    }
    double total = 0.0;
    for (; low < count && starts[low] <= n; low++)
        total += frames[((wide)blockIdx.y * count + order[low]) * size + (n - starts[low])];
    signal[blockIdx.y * length + n] = (float)total;
}
