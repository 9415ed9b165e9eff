// Unit selection: the nearest references of each query, and the cheapest path through a trellis.

typedef long long wide;

extern __shared__ __align__(16) unsigned char arena[];

#define HUGE_FLOAT 3.402823466e38f
#define HUGE_DOUBLE 1.7976931348623157e308

// The k references of least distance to each query, of equals the first. A block a query.
//
// `products` are those of queries and references, `norms` and `own` the squares of their lengths.
// Each round finds the least of what comes behind the one found before, in order of distance and
// then of number, so that k may be anything.
extern "C" __global__ void nearest(const float* products, const float* norms, const float* own,
                                   int references, int k, wide* index, float* distance) {
    float* values = (float*)arena;
    int* places = (int*)(values + blockDim.x);
    const wide query = blockIdx.x;
    const float* row = products + query * references;
    const int self = threadIdx.x;
    float last = -HUGE_FLOAT;
    int last_at = -1;
    for (int n = 0; n < k; n++) {
        if (n < references) {
            float least = HUGE_FLOAT;
            int at = references;
            for (int r = self; r < references; r += blockDim.x) {
                const float value = norms[r] - 2.0f * row[r];
                const bool behind = value > last || (value == last && r > last_at);
                if (behind && value < least) {
                    least = value;
                    at = r;
                }
            }
            values[self] = least;
            places[self] = at;
            __syncthreads();
            for (int half = blockDim.x / 2; half; half /= 2) {
                if (self < half) {
                    const float other = values[self + half];
                    const int there = places[self + half];
                    if (other < values[self] || (other == values[self] && there < places[self])) {
                        values[self] = other;
                        places[self] = there;
                    }
                }
                __syncthreads();
            }
            last = values[0];
            last_at = places[0];
            __syncthreads();
        }
        if (self == 0) {
            index[query * k + n] = last_at;
            distance[query * k + n] = max(last + own[query], 0.0f);
        }
    }
}

// The cheapest path through a trellis (Viterbi 1967), of equals by the first state. A block a path.
//
// Each row of `width` threads looks at every `rows`-th state that leads to each state.
extern "C" __global__ void cheapest_path(const double* local, const double* steps, int length,
                                         int states, int width, short* origins, wide* path) {
    double* cost = (double*)arena;
    double* found = cost + width;
    const int state = threadIdx.x % width, row = threadIdx.x / width, rows = blockDim.x / width;
    int* from = (int*)(found + rows * width);
    const wide own = blockIdx.x;
    local += own * length * states;
    steps += own * (length - 1) * states * states;
    origins += own * length * states;
    path += own * length;
    if (row == 0 && state < states) cost[state] = local[state];
    __syncthreads();
    for (int t = 1; t < length; t++) {
        double least = HUGE_DOUBLE;
        int source = 0;
        if (state < states) {
            for (int o = row; o < states; o += rows) {
                const double value = cost[o] + steps[(wide)o * states + state];
                if (value < least) {
                    least = value;
                    source = o;
                }
            }
        }
        found[threadIdx.x] = least;
        from[threadIdx.x] = source;
        __syncthreads();
        if (row == 0 && state < states) {
            for (int r = 1; r < rows; r++) {
                const double other = found[r * width + state];
                const int there = from[r * width + state];
                if (other < least || (other == least && there < source)) {
                    least = other;
                    source = there;
                }
            }
            cost[state] = least + local[t * states + state];
            origins[t * states + state] = (short)source;
        }
        __syncthreads();
        steps += (wide)states * states;
    }
    if (threadIdx.x != 0) return;
    int at = 0;
    for (int s = 1; s < states; s++)
        if (cost[s] < cost[at]) at = s;
    for (int t = length - 1; t > 0; t--) {
        path[t] = at;
        at = origins[t * states + at];
    }
    path[0] = at;
}
