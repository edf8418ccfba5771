// In C because Swift has no vectors that the target of a single function can widen.
#include "gradient.h"

#include "blocked_cut.h"
#include "parallel.h"

// Rows that are summed at a time: as many as the first-level cache holds of the gradient and of the input.
enum { FILTER_BYTES = 24 * 1024, FEW_TASKS = 8, ENTRANCE_ROWS = 8 };

#define VARIANT_SOURCE "gradient_variant.h"
#include "variants.h"

// MARK: Weights

/// The taps of one task: a row of the kernel, or a single one where there would be few tasks.
static int taps_of_task(const gradient_filters *call) {
    int pairs = divided_up(call->output_blocks, 2) * blocks_of(call->inputs);
    return pairs * call->kernel < FEW_TASKS ? 1 : call->kernel;
}

static void filters_task(void *context, int index) {
    const gradient_filters *call = context;
    int taps = taps_of_task(call), parts = call->kernel * call->kernel / taps, blocks = blocks_of(call->inputs);
    int first = index % parts * taps, rest = index / parts;
    DISPATCH(filters_of_taps, call, rest / blocks * 2, rest % blocks, first, first + taps);
}

void gradient_of_filters(const gradient_filters *filters, int threads) {
    gradient_filters call = *filters;
    int parts = call.kernel * call.kernel / taps_of_task(&call);
    kernel_parallel(divided_up(call.output_blocks, 2) * blocks_of(call.inputs) * parts, threads, filters_task, &call);
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

// MARK: Entrance and normalisation

static int parts_down(int height) { return divided_up(height, ENTRANCE_ROWS); }

size_t gradient_parts(int blocks, int height) { return (size_t)parts_down(height) * blocks * 2 * LANES; }

static void enter_part(void *context, int index) {
    const gradient_entrance *call = context;
    int part = index / call->blocks, block = index % call->blocks, first = part * ENTRANCE_ROWS;
    float *sums = call->parts + (ptrdiff_t)index * 2 * LANES;
    DISPATCH(enter_rows, call, block, first, smaller(first + ENTRANCE_ROWS, call->height), sums);
}

void gradient_enter(const gradient_entrance *entrance, int threads) {
    gradient_entrance call = *entrance;
    int parts = parts_down(call.height), channels = call.blocks * LANES;
    kernel_parallel(parts * call.blocks, threads, enter_part, &call);
    if (!call.values) return;
    for (int channel = 0; channel < channels; channel++)
        for (int which = 0; which < 2; which++) {
            double sum = 0;
            for (int part = 0; part < parts; part++) {
                ptrdiff_t place = (ptrdiff_t)part * call.blocks + channel / LANES;
                sum += call.parts[(place * 2 + which) * LANES + channel % LANES];
            }
            call.sums[which * channels + channel] = (float)sum;
        }
}

static void normalize_row(void *context, int index) {
    const gradient_norm *call = context;
    DISPATCH(normalize_row, call, index / call->height, index % call->height);
}

void gradient_normalize(const gradient_norm *norm, int threads) {
    gradient_norm call = *norm;
    kernel_parallel(call.blocks * call.height, threads, normalize_row, &call);
}
