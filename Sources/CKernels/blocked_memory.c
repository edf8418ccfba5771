// Memory for tensors and for the threads that compute them.
#define _GNU_SOURCE
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "blocked_cut.h"
#include "parallel.h"

enum { LARGE_PAGE = 2 << 20, MAXIMUM_SLOTS = 64 };

float *blocked_allocate(size_t floats) {
    if (floats > SIZE_MAX / sizeof(float) / 2) return NULL;
    size_t size = floats * sizeof(float);
    // Whole large pages, but not for what is small.
    size_t alignment = size >= LARGE_PAGE ? LARGE_PAGE : 64;
    size = (size + alignment - 1) / alignment * alignment;
    if (size == 0) size = alignment;
    void *memory = NULL;
    if (posix_memalign(&memory, alignment, size) != 0) return NULL;
#ifdef MADV_HUGEPAGE
    if (alignment == LARGE_PAGE) madvise(memory, size, MADV_HUGEPAGE);
#endif
    memset(memory, 0, size);
    return memory;
}

void blocked_free(float *memory) { free(memory); }

// A kernel_parallel loop has never more threads than it was asked for, so that a slot is always free.
struct blocked_scratch {
    int slots;
    size_t floats;  // of each slot
    float *memory;
    atomic_flag taken[MAXIMUM_SLOTS];
};

blocked_scratch *blocked_scratch_create(int threads, size_t size) {
    if (threads <= 0) threads = kernel_processor_count();
    blocked_scratch *scratch = calloc(1, sizeof *scratch);
    if (!scratch) return NULL;
    scratch->slots = smaller(threads, MAXIMUM_SLOTS);
    // An odd number of cache lines apart, so that threads do not compete for the same sets.
    scratch->floats = (size / sizeof(float) + 1024) / 1024 * 1024 + 16 * 17;
    scratch->memory = blocked_allocate(scratch->floats * (size_t)scratch->slots);
    for (int slot = 0; slot < MAXIMUM_SLOTS; slot++) atomic_flag_clear(&scratch->taken[slot]);
    if (scratch->memory) return scratch;
    free(scratch);
    return NULL;
}

void blocked_scratch_destroy(blocked_scratch *scratch) {
    if (!scratch) return;
    blocked_free(scratch->memory);
    free(scratch);
}

float *blocked_scratch_take(blocked_scratch *scratch, int *slot) {
    for (int candidate = 0;; candidate = (candidate + 1) % scratch->slots) {
        if (!atomic_flag_test_and_set_explicit(&scratch->taken[candidate], memory_order_acquire)) {
            *slot = candidate;
            return scratch->memory + candidate * scratch->floats;
        }
        if (candidate == scratch->slots - 1) sched_yield();  // more threads than slots
    }
}

void blocked_scratch_put(blocked_scratch *scratch, int slot) {
    atomic_flag_clear_explicit(&scratch->taken[slot], memory_order_release);
}
