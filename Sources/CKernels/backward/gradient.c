// In C because Swift cannot compile single functions for wider vector instructions.
#include "gradient.h"

#include <string.h>

#include "blocked_tiling.h"
#include "parallel.h"

// CHUNK_BYTES: rows of gradient and input that are summed at once fit into the first-level cache.
enum { CHUNK_BYTES = 24 * 1024, FEW_TASKS = 8, PROLOGUE_ROWS = 8 };

// One point of so many tiles fits into the first-level cache, for two blocks of the gradient and one of the input.
enum { TILES_AT_ONCE = 160 };

/// The Winograd tiles. `work` holds the transforms of input, gradient and result; the strides are floats from point to
/// point.
typedef struct {
    int across, down;
    int blocks;  // of inputs
    ptrdiff_t input_point, gradient_point, result_point;
} tile_gradient;

static tile_gradient tiles_of(const gradient_weights *call) {
    tile_gradient tile = {divided_up(call->width, 4), divided_up(call->height, 4), blocks_of(call->inputs), 0, 0, 0};
    ptrdiff_t tiles = (ptrdiff_t)tile.across * tile.down;
    tile.input_point = point_stride(tile.blocks * tiles);
    tile.gradient_point = point_stride(call->output_blocks * tiles);
    tile.result_point = point_stride((ptrdiff_t)call->output_blocks * tile.blocks * LANES);
    return tile;
}

#define VARIANT_SOURCE "gradient_variant.h"
#include "variants.h"

// MARK: Weights

/// The taps of one task: a row of the kernel, or a single tap if there would be too few tasks.
static int taps_of_task(const gradient_weights *call) {
    int pairs = divided_up(call->output_blocks, 2) * blocks_of(call->inputs);
    return pairs * call->kernel < FEW_TASKS ? 1 : call->kernel;
}

static void weights_task(void *context, int index) {
    const gradient_weights *call = context;
    int taps = taps_of_task(call), parts = call->kernel * call->kernel / taps, blocks = blocks_of(call->inputs);
    int first = index % parts * taps, rest = index / parts;
    DISPATCH(weights_of_taps, call, rest / blocks * 2, rest % blocks, first, first + taps);
}

// The transforms pay off from two blocks of outputs and of inputs on.
size_t gradient_weights_work(const gradient_weights *weights) {
    if (weights->kernel != 3 || weights->stride != 1 || weights->dilation != 1) return 0;
    if (weights->output_blocks < 2 || weights->inputs <= LANES) return 0;
    tile_gradient tile = tiles_of(weights);
    return 36 * (size_t)(tile.input_point + tile.gradient_point + tile.result_point);
}

static void transform_points(void *context, int index) {
    const gradient_weights *call = context;
    tile_gradient tile = tiles_of(call);
    DISPATCH(transform_points, call, tile, index / tile.down, index % tile.down);
}

static void multiply_points(void *context, int index) {
    const gradient_weights *call = context;
    DISPATCH(multiply_points, call, tiles_of(call), index % 36, index / 36 * 2);
}

static void taps_of_points(void *context, int index) {
    const gradient_weights *call = context;
    int blocks = blocks_of(call->inputs);
    DISPATCH(taps_of_points, call, tiles_of(call), index / blocks, index % blocks);
}

void gradient_of_weights(const gradient_weights *weights, int threads) {
    gradient_weights call = *weights;
    if (call.work && gradient_weights_work(&call) > 0) {
        tile_gradient tile = tiles_of(&call);
        kernel_parallel((tile.blocks + call.output_blocks) * tile.down, threads, transform_points, &call);
        kernel_parallel(divided_up(call.output_blocks, 2) * 36, threads, multiply_points, &call);
        kernel_parallel(call.output_blocks * tile.blocks, threads, taps_of_points, &call);
        return;
    }
    int parts = call.kernel * call.kernel / taps_of_task(&call);
    kernel_parallel(divided_up(call.output_blocks, 2) * blocks_of(call.inputs) * parts, threads, weights_task, &call);
}

typedef struct {
    const float *values;
    int pixels;
    float *sums;
} sum_call;

static void sum_block(void *context, int block) {
    const sum_call *call = context;
    double sums[LANES] = {0};
    const float *from = call->values + (ptrdiff_t)block * call->pixels * LANES;
    for (int pixel = 0; pixel < call->pixels; pixel++, from += LANES)
        for (int lane = 0; lane < LANES; lane++) sums[lane] += from[lane];
    for (int lane = 0; lane < LANES; lane++) call->sums[block * LANES + lane] = (float)sums[lane];
}

void gradient_sum(const float *values, int blocks, int pixels, float *sums, int threads) {
    sum_call call = {values, pixels, sums};
    kernel_parallel(blocks, threads, sum_block, &call);
}

// MARK: Prologue and normalisation

static int parts_down(int height) { return divided_up(height, PROLOGUE_ROWS); }

size_t gradient_parts(int blocks, int height) { return (size_t)parts_down(height) * blocks * 2 * LANES; }

static void prologue_part(void *context, int index) {
    const gradient_prologue *call = context;
    int part = index / call->blocks, block = index % call->blocks, first = part * PROLOGUE_ROWS;
    // Sums are only needed after a normalisation.
    float *sums = call->values ? call->parts + (ptrdiff_t)index * 2 * LANES : NULL;
    DISPATCH(prologue_rows, call, block, first, smaller(first + PROLOGUE_ROWS, call->height), sums);
}

void gradient_of_prologue(const gradient_prologue *prologue, int threads) {
    gradient_prologue call = *prologue;
    int parts = parts_down(call.height), channels = call.blocks * LANES;
    kernel_parallel(parts * call.blocks, threads, prologue_part, &call);
    if (!call.values) return;
    for (int channel = 0; channel < channels; channel++)
        for (int which = 0; which < 2; which++) {
            double sum = 0;
            for (int part = 0; part < parts; part++) {
                ptrdiff_t index = (ptrdiff_t)part * call.blocks + channel / LANES;
                sum += call.parts[(index * 2 + which) * LANES + channel % LANES];
            }
            call.sums[which * channels + channel] = (float)sum;
        }
}

static void normalize_row(void *context, int index) {
    const gradient_norm *call = context;
    DISPATCH(normalize_row, call, index / call->height, index % call->height);
}

void gradient_of_norm(const gradient_norm *norm, int threads) {
    gradient_norm call = *norm;
    kernel_parallel(call.blocks * call.height, threads, normalize_row, &call);
}
