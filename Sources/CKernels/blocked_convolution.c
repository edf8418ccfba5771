// In C because Swift has no vectors that the target of a single function can widen.
#include "blocked_convolution.h"

#include "blocked_cut.h"
#include "parallel.h"

#define VARIANT_SOURCE "blocked_network_variant.h"
#include "variants.h"

int blocked_chunk_count(const blocked_kernel *kernel, const blocked_target *target) {
    switch (kernel->method) {
        case BLOCKED_TILES: {
            tile_shape tile = shape_of_tiles(kernel, target);
            return divided_up(tile.across * tile.down, tile.per_chunk);
        }
        case BLOCKED_NESTED: {
            nested_cut cut = cut_nested(kernel, target);
            return cut.chunks_across * cut.chunks_down;
        }
        case BLOCKED_DIRECT: {
            direct_cut cut = cut_direct(kernel, target);
            return cut.chunks_across * cut.chunks_down;
        }
    }
    return 0;
}

size_t blocked_scratch_size(const blocked_kernel *kernel, const blocked_target *target) {
    int blocks = blocks_of(kernel->inputs);
    size_t floats = 0;
    // Pivot, sum, squares and count of each block of output, generously.
    size_t moments = (size_t)target->blocks * 4 * LANES;
    switch (kernel->method) {
        case BLOCKED_TILES: {
            tile_shape tile = shape_of_tiles(kernel, target);
            floats = (size_t)tile.points * tile.points *
                     (point_stride(blocks * tile.per_chunk) + point_stride(MAXIMUM_GROUP * tile.per_chunk));
            break;
        }
        case BLOCKED_NESTED: {
            nested_cut cut = cut_nested(kernel, target);
            floats = 3 * 25 * point_stride(blocks * (cut.tiles + 2)) + 25 * point_stride(MAXIMUM_GROUP * cut.tiles) +
                     5 * (3 * (cut.tiles + 2) + 2) * LANES + moments;
            break;
        }
        case BLOCKED_DIRECT: {
            direct_cut cut = cut_direct(kernel, target);
            size_t segments = (size_t)blocks * kernel->kernel * kernel->kernel * sizeof(ptrdiff_t) / sizeof(float);
            floats = (size_t)blocks * cut.input_rows * cut.input_columns * LANES + MAXIMUM_GROUP * cut.columns * LANES +
                     moments + segments;
            break;
        }
    }
    return floats * sizeof(float);
}

static void run_chunk(void *context, int chunk) {
    const blocked_call *call = context;
    int slot;
    float *memory = blocked_scratch_take(call->scratch, &slot);
    call->convolve(call, chunk, memory);
    blocked_scratch_put(call->scratch, slot);
}

#if KERNEL_X86
#define CHOOSE(name) \
    (kernel_current_variant() == KERNEL_AVX512 ? name##_avx512 \
     : kernel_current_variant() == KERNEL_AVX2 ? name##_avx2 : name##_portable)
#else
#define CHOOSE(name) name##_portable
#endif

void blocked_convolve(const blocked_kernel *kernel, const blocked_source *source, const blocked_target *target,
                      const float *weights, blocked_scratch *scratch, int threads) {
    blocked_call call = {kernel, source, target, weights, scratch, NULL};
    switch (kernel->method) {
        case BLOCKED_TILES: call.convolve = CHOOSE(convolve_tiles); break;
        case BLOCKED_NESTED: call.convolve = CHOOSE(convolve_nested); break;
        case BLOCKED_DIRECT: call.convolve = CHOOSE(convolve_direct); break;
    }
    kernel_parallel(blocked_chunk_count(kernel, target), threads, run_chunk, &call);
}

typedef struct {
    const blocked_source *source;
    float *target;
} materialize_call;

static void materialize_row(void *context, int index) {
    const materialize_call *call = context;
    int block = index / call->source->row_count, row = index % call->source->row_count;
    DISPATCH(materialize_row, call->source, call->target, block, row);
}

void blocked_materialize(const blocked_source *source, float *target, int threads) {
    materialize_call call = {source, target};
    kernel_parallel(blocks_of(source->channels) * source->row_count, threads, materialize_row, &call);
}

static void finish_picture_row(void *context, int row) {
    const blocked_picture *call = context;
    DISPATCH(finish_picture_row, call, row);
}

void blocked_finish_picture(const blocked_picture *picture, int threads) {
    blocked_picture call = *picture;
    int rows = divided_up(call.picture_height, call.spread);
    kernel_parallel(rows, threads, finish_picture_row, &call);
}
