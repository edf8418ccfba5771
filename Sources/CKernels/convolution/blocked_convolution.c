// In C because Swift cannot compile single functions for wider vector instructions.
#include "blocked_convolution.h"

#include <string.h>

#include "blocked_tiling.h"
#include "parallel.h"

// The fused prologues of a convolution: see `blocked_source`.
typedef enum { PROLOGUE_PLAIN, PROLOGUE_RELU, PROLOGUE_SCALE, PROLOGUE_SUM, PROLOGUE_MASK, PROLOGUE_UNPOOL } prologue;
// The fused epilogues of a convolution: see `blocked_target`.
typedef enum { EPILOGUE_PLAIN, EPILOGUE_MOMENTS, EPILOGUE_RELU, EPILOGUE_MAXIMUM, EPILOGUE_AVERAGE } epilogue;

#define VARIANT_SOURCE "blocked_network_variant.h"
#include "variants.h"

int blocked_chunk_count(const blocked_kernel *kernel, const blocked_target *target) {
    switch (kernel->method) {
        case BLOCKED_TILES: {
            tile_shape tile = shape_of_tiles(kernel, target);
            return divided_up(tile.across * tile.down, tile.per_chunk);
        }
        case BLOCKED_DECOMPOSED: {
            decomposed_tiling tiling = plan_decomposed(kernel, target);
            return tiling.chunks_across * tiling.chunks_down;
        }
        case BLOCKED_DIRECT: {
            direct_tiling tiling = plan_direct(kernel, target);
            return tiling.chunks_across * tiling.chunks_down;
        }
    }
    return 0;
}

size_t blocked_scratch_size(const blocked_kernel *kernel, const blocked_target *target) {
    int blocks = blocks_of(kernel->inputs);
    size_t floats = 0;
    // Upper limit of the size of a `moments` struct for each output block.
    size_t moments = (size_t)target->blocks * 4 * LANES;
    switch (kernel->method) {
        case BLOCKED_TILES: {
            tile_shape tile = shape_of_tiles(kernel, target);
            ptrdiff_t point = point_stride((ptrdiff_t)blocks * tile.per_chunk);
            point += point_stride(MAXIMUM_GROUP * tile.per_chunk);
            floats = (size_t)tile.points * tile.points * point + segment_floats(blocks);
            break;
        }
        case BLOCKED_DECOMPOSED: {
            decomposed_tiling tiling = plan_decomposed(kernel, target);
            floats = 3 * 25 * point_stride((ptrdiff_t)blocks * (tiling.tiles + 2)) +
                     25 * point_stride(MAXIMUM_GROUP * tiling.tiles) + 5 * (3 * (tiling.tiles + 2) + 2) * LANES +
                     segment_floats((size_t)9 * blocks) + moments;
            break;
        }
        case BLOCKED_DIRECT: {
            direct_tiling tiling = plan_direct(kernel, target);
            floats = (size_t)blocks * tiling.input_rows * tiling.input_columns * LANES +
                     MAXIMUM_GROUP * tiling.columns * LANES +
                     segment_floats((size_t)blocks * kernel->kernel * kernel->kernel) + moments;
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
    KERNEL_ASSERT(source->channels == kernel->inputs && target->blocks == kernel->output_blocks);
    KERNEL_ASSERT(target->upscale >= 1 && target->blocks % (target->upscale * target->upscale) == 0);
    KERNEL_ASSERT(blocked_scratch_holds(scratch, blocked_scratch_size(kernel, target)));
    KERNEL_ASSERT(!source->planes || source->channels <= LANES);
    switch (kernel->method) {
        case BLOCKED_TILES: call.convolve = CHOOSE(convolve_tiles); break;
        case BLOCKED_DECOMPOSED: call.convolve = CHOOSE(convolve_decomposed); break;
        case BLOCKED_DIRECT: call.convolve = CHOOSE(convolve_direct); break;
    }
    kernel_parallel(blocked_chunk_count(kernel, target), threads, run_chunk, &call);
}

// MARK: Weights transformed during the convolution

// If all transformed weights fit into the third-level cache, they are computed first; the rest is the usual
// convolution. Deeper layers have more weights and fewer tiles. They are computed in stages of tiles: first the input
// transform of the stage's tiles, then, for each pair of output blocks, the transform of their weights. These stay in
// the cache and are used for all tiles of the stage.
enum { CACHED_WEIGHTS = 10 << 20, STAGE_TILES = 196 };

static blocked_kernel kernel_of(const blocked_raw_weights *raw) {
    int from = raw->is_backward ? raw->outputs : raw->inputs;
    int to = raw->is_backward ? raw->inputs : raw->outputs;
    return (blocked_kernel){BLOCKED_TILES, 3, 1, 1, from, blocks_of(to)};
}

static int is_staged(const blocked_kernel *kernel) {
    return blocked_weights_size(kernel) * sizeof(float) > CACHED_WEIGHTS && kernel->inputs % LANES == 0;
}

/// The number of tiles of a stage: about the same for all, and a multiple of the 14 pixels of the micro-kernel.
static int tiles_of_stage(const blocked_kernel *kernel, const blocked_target *target) {
    tile_shape tile = shape_of_tiles(kernel, target);
    int tiles = tile.across * tile.down, stages = divided_up(tiles, STAGE_TILES);
    return divided_up(divided_up(tiles, stages), 14) * 14;
}

size_t blocked_raw_weights_work(const blocked_raw_weights *raw, const blocked_target *target) {
    blocked_kernel kernel = kernel_of(raw);
    if (!is_staged(&kernel)) return blocked_weights_size(&kernel);
    return 36 * (size_t)point_stride((ptrdiff_t)blocks_of(kernel.inputs) * tiles_of_stage(&kernel, target));
}

size_t blocked_raw_weights_scratch(const blocked_raw_weights *raw, const blocked_target *target) {
    blocked_kernel kernel = kernel_of(raw);
    if (!is_staged(&kernel)) return blocked_scratch_size(&kernel, target);
    size_t weights = (size_t)MAXIMUM_GROUP * 36 * point_stride(kernel.inputs);
    size_t segments = segment_floats(blocks_of(kernel.inputs));
    return (weights + 36 * point_stride(MAXIMUM_GROUP * tiles_of_stage(&kernel, target)) + segments) * sizeof(float);
}

typedef struct {
    const blocked_raw_weights *raw;
    const blocked_kernel *kernel;
    float *points;
} raw_weights_call;

/// Transforms the weights of one output block, in the layout of `blocked_reorder_weights`.
static void transform_block(void *context, int block) {
    const raw_weights_call *call = context;
    int blocks = blocks_of(call->kernel->inputs), depth = depth_of(call->kernel->inputs);
    ptrdiff_t point = (ptrdiff_t)blocks * depth * LANES;
    float *points = call->points + block * 36 * point;
    DISPATCH(transform_weights, call->raw, block, 0, call->kernel->inputs, points, point);
    float *used = call->points + call->kernel->output_blocks * 36 * point + block * 36;
    for (int p = 0; p < 36; p++) used[p] = 1;
}

static void transform_stage(void *context, int block) {
    const stage_call *call = context;
    DISPATCH(transform_stage, call, block);
}

static void multiply_stage(void *context, int pair) {
    const stage_call *call = context;
    int slot;
    float *memory = blocked_scratch_take(call->scratch, &slot);
    DISPATCH(multiply_stage, call, pair, memory);
    blocked_scratch_put(call->scratch, slot);
}

void blocked_reorder_raw_weights(const blocked_raw_weights *raw, float *reordered, int threads) {
    blocked_kernel kernel = kernel_of(raw);
    raw_weights_call call = {raw, &kernel, reordered};
    kernel_parallel(kernel.output_blocks, threads, transform_block, &call);
    blocked_mark_used_points(&kernel, reordered);
}

void blocked_convolve_raw_weights(const blocked_raw_weights *raw, const blocked_source *source,
                                  const blocked_target *target, float *work, blocked_scratch *scratch, int threads) {
    blocked_kernel kernel = kernel_of(raw);
    if (!is_staged(&kernel)) {
        raw_weights_call call = {raw, &kernel, work};
        kernel_parallel(kernel.output_blocks, threads, transform_block, &call);
        blocked_convolve(&kernel, source, target, work, scratch, threads);
        return;
    }
    KERNEL_ASSERT(blocked_scratch_holds(scratch, blocked_raw_weights_scratch(raw, target)));
    tile_shape tile = shape_of_tiles(&kernel, target);
    int tiles = tile.across * tile.down, step = tiles_of_stage(&kernel, target), blocks = blocks_of(kernel.inputs);
    int group = kernel_current_variant() == KERNEL_AVX512 ? GROUP_avx512 : GROUP_portable;
    for (int first = 0; first < tiles; first += step) {
        int count = smaller(step, tiles - first);
        ptrdiff_t input_point = point_stride((ptrdiff_t)blocks * count);
        stage_call call = {raw, &kernel, source, target, tile, first, count, work, input_point, scratch};
        kernel_parallel(blocks, threads, transform_stage, &call);
        kernel_parallel(divided_up(target->blocks, group), threads, multiply_stage, &call);
    }
}

// MARK: Other steps

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

static void finish_image_row(void *context, int row) {
    const blocked_image *call = context;
    DISPATCH(finish_image_row, call, row);
}

void blocked_finish_image(const blocked_image *image, int threads) {
    blocked_image call = *image;
    int rows = divided_up(call.image_height, call.upscale);
    kernel_parallel(rows, threads, finish_image_row, &call);
}
