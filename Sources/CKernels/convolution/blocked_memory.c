// Memory for tensors, and scratch memory for threads.
#define _GNU_SOURCE
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "blocked_tiling.h"
#include "parallel.h"

// Allocations of MAPPED bytes or more use mmap, whose pages are zero. Clearing them would commit all pages, also unused
// ones, and take as long as a small network's frame.
enum { LARGE_PAGE = 2 << 20, MAPPED = 32 << 20, MAXIMUM_SLOTS = 64 };

// Whole large pages, except for small allocations.
static size_t alignment_of(size_t size) { return size >= LARGE_PAGE ? LARGE_PAGE : 64; }

size_t blocked_allocation_size(size_t floats) {
    if (floats > SIZE_MAX / sizeof(float) / 2) return SIZE_MAX;
    size_t size = floats * sizeof(float), alignment = alignment_of(size);
    return size == 0 ? alignment : (size + alignment - 1) / alignment * alignment;
}

/// Maps zeroed memory aligned to large pages; NULL on failure.
static void *map_pages(size_t size) {
    char *start = mmap(NULL, size + LARGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED) return NULL;
    size_t before = (LARGE_PAGE - (uintptr_t)start % LARGE_PAGE) % LARGE_PAGE;
    if (before > 0) munmap(start, before);
    munmap(start + before + size, LARGE_PAGE - before);
    return start + before;
}

float *blocked_allocate(size_t floats) {
    size_t size = blocked_allocation_size(floats);
    if (size == SIZE_MAX) return NULL;
    void *memory = NULL;
    if (size >= MAPPED)
        memory = map_pages(size);
    else if (posix_memalign(&memory, alignment_of(size), size) != 0)
        return NULL;
    if (!memory) return NULL;
#ifdef MADV_HUGEPAGE
    if (size >= LARGE_PAGE) madvise(memory, size, MADV_HUGEPAGE);
#endif
    if (size < MAPPED) memset(memory, 0, size);
    return memory;
}

void blocked_free(float *memory, size_t floats) {
    if (!memory) return;
    size_t size = blocked_allocation_size(floats);
    if (size >= MAPPED)
        munmap(memory, size);
    else
        free(memory);
}

// A kernel_parallel loop never has more threads than requested, so a slot is always free.
struct blocked_scratch {
    int slots;
    size_t floats;  // of each slot
    float *memory;
    atomic_flag taken[MAXIMUM_SLOTS];
};

static int slots_for(int threads) { return smaller(threads > 0 ? threads : kernel_processor_count(), MAXIMUM_SLOTS); }

// Slots are an odd number of cache lines apart, so that threads do not compete for the same cache sets.
static size_t slot_floats(size_t size) { return (size / sizeof(float) + 1024) / 1024 * 1024 + 16 * 17; }

size_t blocked_scratch_floats(int threads, size_t size) { return slot_floats(size) * (size_t)slots_for(threads); }

blocked_scratch *blocked_scratch_create(int threads, size_t size) {
    blocked_scratch *scratch = calloc(1, sizeof *scratch);
    if (!scratch) return NULL;
    scratch->slots = slots_for(threads);
    scratch->floats = slot_floats(size);
    scratch->memory = blocked_allocate(scratch->floats * (size_t)scratch->slots);
    for (int slot = 0; slot < MAXIMUM_SLOTS; slot++) atomic_flag_clear(&scratch->taken[slot]);
    if (scratch->memory) return scratch;
    free(scratch);
    return NULL;
}

void blocked_scratch_destroy(blocked_scratch *scratch) {
    if (!scratch) return;
    blocked_free(scratch->memory, scratch->floats * (size_t)scratch->slots);
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

int blocked_scratch_holds(const blocked_scratch *scratch, size_t size) {
    return size <= scratch->floats * sizeof(float);
}

void blocked_scratch_put(blocked_scratch *scratch, int slot) {
    atomic_flag_clear_explicit(&scratch->taken[slot], memory_order_release);
}
