// CUDA C++ on a processor, slowly: every thread of a block is a fibre, and fibres change places
// where threads wait for one another. One block runs after another. What a kernel computes, and
// whether its threads meet, can be tested so; how fast it is cannot.

#include <ucontext.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <utility>
#include <vector>

#define __global__
#define __device__
#define __host__
#define __shared__
#define __align__(n)
#define __launch_bounds__(...)

using std::max;
using std::min;

struct Dim {
    unsigned x, y, z;
};
static Dim threadIdx, blockIdx, blockDim;

static const size_t ARENA = 1 << 18, STACK = 1 << 16;
alignas(16) unsigned char arena[ARENA];

enum Fault { none, deadlock, overrun, misaligned };

// A GPU refuses words at odd addresses, this processor does not: the compiler looks for them.
static bool odd_address;
extern "C" void __ubsan_handle_type_mismatch_v1(void*, void*) { odd_address = true; }

struct Meeting {  // threads that wait until all of them have come
    unsigned members = 0, come = 0, round = 0;
};

struct Fibre {
    ucontext_t context;
    std::vector<unsigned char> stack = std::vector<unsigned char>(STACK);
    unsigned number = 0;
    bool over = false;
};

static std::vector<Fibre> fibres;
static std::vector<Meeting> warps;
static Meeting block;
static std::vector<uint64_t> slots;  // what the lanes show each other
static ucontext_t scheduler;
static Fibre* running;
static bool moved;

static Meeting& warp() { return warps[threadIdx.x / 32]; }

static void leave_for_others() { swapcontext(&running->context, &scheduler); }

static void meet(Meeting& all) {
    const unsigned round = all.round;
    moved = true;
    if (++all.come >= all.members) {
        all.come = 0;
        all.round++;
        return;
    }
    while (all.round == round) leave_for_others();
}

static void drop_out(Meeting& all) {
    all.members--;
    if (all.members && all.come >= all.members) {
        all.come = 0;
        all.round++;
    }
}

static void __syncthreads() { meet(block); }
static void __syncwarp() { meet(warp()); }

template <typename T>
static T shown(T value, unsigned lane) {
    const unsigned own = threadIdx.x, first = own / 32 * 32;
    std::memcpy(&slots[own], &value, sizeof(T));
    meet(warp());
    T other;
    std::memcpy(&other, &slots[first + lane % 32], sizeof(T));
    meet(warp());
    return other;
}
template <typename T>
static T __shfl_sync(unsigned, T value, int lane) { return shown(value, lane); }
template <typename T>
static T __shfl_xor_sync(unsigned, T value, int mask) { return shown(value, (threadIdx.x % 32) ^ mask); }
template <typename T>
static T __shfl_up_sync(unsigned, T value, int step) {
    const int lane = threadIdx.x % 32;
    return shown(value, lane >= step ? lane - step : lane);
}
static int __reduce_max_sync(unsigned, int value) {
    const unsigned own = threadIdx.x, first = own / 32 * 32;
    slots[own] = (uint64_t)(int64_t)value;
    meet(warp());
    int most = value;
    for (unsigned lane = 0; lane < 32; lane++) most = max(most, (int)(int64_t)slots[first + lane]);
    meet(warp());
    return most;
}
static unsigned __ballot_sync(unsigned, bool value) {
    const unsigned own = threadIdx.x, first = own / 32 * 32;
    slots[own] = value;
    meet(warp());
    unsigned all = 0;
    for (unsigned lane = 0; lane < 32; lane++) all |= (unsigned)slots[first + lane] << lane;
    meet(warp());
    return all;
}
static int __popc(unsigned bits) { return __builtin_popcount(bits); }
static int __ffs(unsigned bits) { return __builtin_ffs((int)bits); }
static void sincospif(float turns, float* sine, float* cosine) {
    *sine = (float)std::sin(M_PI * turns);
    *cosine = (float)std::cos(M_PI * turns);
}
static int __float2int_rn(float value) { return (int)std::lrintf(value); }
static int atomicAdd(int* at, int value) {
    const int before = *at;
    *at += value;
    return before;
}

struct Call {
    virtual void go() = 0;
};
static Call* call;

static void body() {
    call->go();
    running->over = moved = true;
    drop_out(warp());
    drop_out(block);
    leave_for_others();
}

static Fault run_block(unsigned threads, size_t shared) {
    // Shared memory holds anything at first, and ends where the launch said.
    std::memset(arena, 0xA5, ARENA);
    odd_address = false;
    block = Meeting{threads};
    warps.assign((threads + 31) / 32, Meeting{});
    slots.assign((threads + 31) / 32 * 32, 0);
    fibres.resize(threads);
    for (unsigned n = 0; n < threads; n++) {
        Fibre& fibre = fibres[n];
        fibre.number = n;
        fibre.over = false;
        warps[n / 32].members++;
        getcontext(&fibre.context);
        fibre.context.uc_stack.ss_sp = fibre.stack.data();
        fibre.context.uc_stack.ss_size = STACK;
        fibre.context.uc_link = &scheduler;
        makecontext(&fibre.context, body, 0);
    }
    for (unsigned left = threads; left;) {
        moved = false;
        for (Fibre& fibre : fibres) {
            if (fibre.over) continue;
            const Meeting at = warps[fibre.number / 32], of = block;
            running = &fibre;
            threadIdx.x = fibre.number;
            swapcontext(&scheduler, &fibre.context);
            left -= fibre.over;
            moved |= warps[fibre.number / 32].round != at.round || block.round != of.round;
        }
        if (!moved) return deadlock;
    }
    for (size_t n = shared; n < ARENA; n++)
        if (arena[n] != 0xA5) return overrun;
    return odd_address ? misaligned : none;
}

template <typename... A>
struct Kernel : Call {
    void (*kernel)(A...);
    void** values;
    void go() override { apply(std::index_sequence_for<A...>{}); }
    template <size_t... I>
    void apply(std::index_sequence<I...>) { kernel(*(A*)values[I]...); }
};

template <typename... A>
static int run(void (*kernel)(A...), unsigned across, unsigned down, unsigned threads,
               size_t shared, void** values) {
    Kernel<A...> one;
    one.kernel = kernel;
    one.values = values;
    call = &one;
    blockDim = {threads, 1, 1};
    for (unsigned y = 0; y < down; y++)
        for (unsigned x = 0; x < across; x++) {
            blockIdx = {x, y, 0};
            if (const Fault fault = run_block(threads, shared)) return fault;
        }
    return none;
}

#define RUNNABLE(kernel)                                                              \
    extern "C" int run_##kernel(unsigned across, unsigned down, unsigned threads,     \
                                size_t shared, void** values) {                       \
        return run(kernel, across, down, threads, shared, values);                    \
    }
