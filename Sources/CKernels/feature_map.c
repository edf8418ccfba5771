// In C because Swift has no vectors that the target of a single function can widen.
//
// All is cut by the activations' shape alone, and summed up in the order of the chunks, so that results do not depend on
// the threads.
#include "feature_map.h"

#include <stdlib.h>

#include "blocked_cut.h"
#include "parallel.h"

typedef struct {
    const float *values;
    int height, width;  // of what is pooled
    int is_average;
    float *pooled, *gradient;
    unsigned short *mask;
} pool_call;

typedef struct {
    const float *values;
    int blocks, pixels;
    int chunks;
    float *sums;  // [chunk][N][N]
    float *gram;
} gram_call;

typedef struct {
    const float *values;
    int blocks, pixels;
    const float *matrix;
    float factor;
    float *gradient;
} product_call;

typedef struct {
    const float *first, *second;
    int count;  // of vectors
    float factor;
    float *gradient;
    double *sums;
} difference_call;

#define VARIANT_SOURCE "feature_map_variant.h"
#include "variants.h"

// MARK: Pooling

static void pool_row(void *context, int index) {
    const pool_call *call = context;
    int rows = call->height / 2;
    DISPATCH(pool_row, call, index / rows, index % rows);
}

static void unpool_row(void *context, int index) {
    const pool_call *call = context;
    DISPATCH(unpool_row, call, index / call->height, index % call->height);
}

void feature_pool_maximum(const float *values, int blocks, int height, int width, float *pooled, unsigned short *mask,
                          int threads) {
    pool_call call = {.values = values, .height = height, .width = width, .pooled = pooled, .mask = mask};
    kernel_parallel(blocks * (height / 2), threads, pool_row, &call);
}

void feature_pool_average(const float *values, int blocks, int height, int width, float *pooled, int threads) {
    pool_call call = {.values = values, .height = height, .width = width, .is_average = 1, .pooled = pooled};
    kernel_parallel(blocks * (height / 2), threads, pool_row, &call);
}

void feature_unpool_maximum(const float *pooled, const unsigned short *mask, int blocks, int height, int width,
                            float *gradient, int threads) {
    pool_call call = {.height = height, .width = width, .pooled = (float *)pooled, .gradient = gradient,
                      .mask = (unsigned short *)mask};
    kernel_parallel(blocks * height, threads, unpool_row, &call);
}

void feature_unpool_average(const float *pooled, int blocks, int height, int width, float *gradient, int threads) {
    pool_call call = {.height = height, .width = width, .is_average = 1, .pooled = (float *)pooled,
                      .gradient = gradient};
    kernel_parallel(blocks * height, threads, unpool_row, &call);
}

// MARK: Gram matrices

// Chunks have at least so many pixels, and there are at most so many of them, for the memory of their sums. Within a chunk
// stretches are summed that the first-level cache holds, some blocks of rows at a time.
enum { GRAM_PIXELS = 1024, GRAM_CHUNKS = 32, GRAM_STRETCH = 64, GRAM_ROWS = 4 };

static void gram_part(void *context, int index) {
    const gram_call *call = context;
    int parts = divided_up(call->blocks, GRAM_ROWS), part = index % parts, chunk = index / parts;
    int first = (int)((long long)call->pixels * chunk / call->chunks);
    int last = (int)((long long)call->pixels * (chunk + 1) / call->chunks);
    int begin = part * GRAM_ROWS, end = smaller(begin + GRAM_ROWS, call->blocks);
    float *sums = call->sums + (ptrdiff_t)chunk * call->blocks * LANES * call->blocks * LANES;
    for (int pixel = first; pixel < last; pixel += GRAM_STRETCH)
        DISPATCH(gram_rows, call, begin, end, pixel, smaller(pixel + GRAM_STRETCH, last), sums);
}

static void gram_sum(void *context, int i) {
    const gram_call *call = context;
    ptrdiff_t channels = call->blocks * LANES;
    for (ptrdiff_t j = i; j < channels; j++) {
        double sum = 0;
        // Within the diagonal's blocks only what lies right of the diagonal is taken, so that the matrix is symmetric.
        for (int chunk = 0; chunk < call->chunks; chunk++) sum += call->sums[(chunk * channels + i) * channels + j];
        call->gram[i * channels + j] = call->gram[j * channels + i] = (float)sum;
    }
}

_Bool feature_gram(const float *values, int blocks, int pixels, float *gram, int threads) {
    int channels = blocks * LANES, chunks = smaller(GRAM_CHUNKS, larger(1, pixels / GRAM_PIXELS));
    float *sums = blocked_allocate((size_t)chunks * channels * channels);
    if (!sums) return 0;
    gram_call call = {values, blocks, pixels, chunks, sums, gram};
    kernel_parallel(divided_up(blocks, GRAM_ROWS) * chunks, threads, gram_part, &call);
    kernel_parallel(channels, threads, gram_sum, &call);
    blocked_free(sums);
    return 1;
}

// MARK: Gradients and distances

enum { PRODUCT_PIXELS = 140, CHUNK_VECTORS = 4096 };

static void multiply_add_part(void *context, int chunk) {
    const product_call *call = context;
    int first = chunk * PRODUCT_PIXELS;
    DISPATCH(multiply_add, call, first, smaller(first + PRODUCT_PIXELS, call->pixels));
}

_Bool feature_multiply_add(const float *values, int blocks, int pixels, const float *matrix, float factor,
                           float *gradient, int threads) {
    // The kernel reads the matrix by columns.
    ptrdiff_t channels = blocks * LANES;
    float *transposed = blocked_allocate((size_t)(channels * channels));
    if (!transposed) return 0;
    for (ptrdiff_t i = 0; i < channels; i++)
        for (ptrdiff_t j = 0; j < channels; j++) transposed[j * channels + i] = matrix[i * channels + j];
    product_call call = {values, blocks, pixels, transposed, factor, gradient};
    kernel_parallel(divided_up(pixels, PRODUCT_PIXELS), threads, multiply_add_part, &call);
    blocked_free(transposed);
    return 1;
}

static void add_difference_part(void *context, int chunk) {
    const difference_call *call = context;
    int first = chunk * CHUNK_VECTORS;
    DISPATCH(add_difference, call, first, smaller(first + CHUNK_VECTORS, call->count));
}

void feature_add_difference(const float *first, const float *second, int count, float factor, float *gradient,
                            int threads) {
    difference_call call = {first, second, count / LANES, factor, gradient, NULL};
    kernel_parallel(divided_up(call.count, CHUNK_VECTORS), threads, add_difference_part, &call);
}

static double squared_distance(const difference_call *call, int first, int last) {
#if KERNEL_X86
    switch (kernel_current_variant()) {
        case KERNEL_AVX512: return squared_distance_avx512(call, first, last);
        case KERNEL_AVX2: return squared_distance_avx2(call, first, last);
        case KERNEL_PORTABLE: break;
    }
#endif
    return squared_distance_portable(call, first, last);
}

static void squared_distance_part(void *context, int chunk) {
    const difference_call *call = context;
    int first = chunk * CHUNK_VECTORS;
    call->sums[chunk] = squared_distance(call, first, smaller(first + CHUNK_VECTORS, call->count));
}

double feature_squared_distance(const float *first, const float *second, int count, int threads) {
    difference_call call = {first, second, count / LANES, 0, NULL, NULL};
    int chunks = divided_up(call.count, CHUNK_VECTORS);
    double sum = 0, *sums = calloc((size_t)larger(chunks, 1), sizeof *sums);
    if (!sums) return squared_distance(&call, 0, call.count);
    call.sums = sums;
    kernel_parallel(chunks, threads, squared_distance_part, &call);
    for (int chunk = 0; chunk < chunks; chunk++) sum += sums[chunk];
    free(sums);
    return sum;
}

typedef struct {
    const float *values, *scale;
    int pixels;
    float *planes;
} unblock_call;

static void unblock_channel(void *context, int channel) {
    const unblock_call *call = context;
    const float *from = call->values + (ptrdiff_t)(channel / LANES) * call->pixels * LANES + channel % LANES;
    float *to = call->planes + (ptrdiff_t)channel * call->pixels, scale = call->scale ? call->scale[channel] : 1;
    for (ptrdiff_t pixel = 0; pixel < call->pixels; pixel++) to[pixel] = from[pixel * LANES] * scale;
}

void feature_unblock(const float *values, int channels, int pixels, const float *scale, float *planes, int threads) {
    unblock_call call = {values, scale, pixels, planes};
    kernel_parallel(channels, threads, unblock_channel, &call);
}
