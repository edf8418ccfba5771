// In C because Swift cannot compile single functions for wider vector instructions.
//
// Chunks depend on the activations' shape only and are summed in order, so that results do not depend on the threads.
#include "feature_map.h"

#include <stdlib.h>
#include <string.h>

#include "blocked_tiling.h"
#include "parallel.h"

typedef struct {
    feature_map map, pooled;  // input and output, or their gradients
    int is_average;
    unsigned short *mask;
} pool_call;

typedef struct {
    feature_map map;
    int pixels, chunks;
    float *sums;  // [chunk][N][N]
    float *gram;
} gram_call;

typedef struct {
    feature_map map, gradient;
    int pixels;
    const float *matrix;
    float factor;
} product_call;

typedef struct {
    feature_map first, second, gradient;
    int pixels, chunks;  // of one block
    float factor;
    double *sums;
} difference_call;

static int pixels_of(const feature_map *map) { return map->height * map->width; }

static float *at_pixel(const feature_map *map, int block, ptrdiff_t pixel) {
    return map->values + (block * map->stride + pixel) * LANES;
}

#define VARIANT_SOURCE "feature_map_variant.h"
#include "variants.h"

// MARK: Pooling

static void pool_row(void *context, int index) {
    const pool_call *call = context;
    DISPATCH(pool_row, call, index / call->pooled.height, index % call->pooled.height);
}

static void unpool_row(void *context, int index) {
    const pool_call *call = context;
    DISPATCH(unpool_row, call, index / call->map.height, index % call->map.height);
}

void feature_pool_maximum(const feature_map *map, const feature_map *pooled, unsigned short *mask, int threads) {
    pool_call call = {*map, *pooled, 0, mask};
    kernel_parallel(map->blocks * pooled->height, threads, pool_row, &call);
}

void feature_pool_average(const feature_map *map, const feature_map *pooled, int threads) {
    pool_call call = {*map, *pooled, 1, NULL};
    kernel_parallel(map->blocks * pooled->height, threads, pool_row, &call);
}

void feature_unpool_maximum(const feature_map *pooled, const unsigned short *mask, const feature_map *gradient,
                            int threads) {
    pool_call call = {*gradient, *pooled, 0, (unsigned short *)mask};
    kernel_parallel(gradient->blocks * gradient->height, threads, unpool_row, &call);
}

void feature_unpool_average(const feature_map *pooled, const feature_map *gradient, int threads) {
    pool_call call = {*gradient, *pooled, 1, NULL};
    kernel_parallel(gradient->blocks * gradient->height, threads, unpool_row, &call);
}

// MARK: Gram matrices

// GRAM_PIXELS: the least pixels of a chunk. GRAM_CHUNKS: the most chunks, which limits the memory of their sums. Within
// a chunk GRAM_TILE pixels are summed at once, for GRAM_ROWS blocks of rows, so that they fit into the first-level
// cache.
enum { GRAM_PIXELS = 1024, GRAM_CHUNKS = 32, GRAM_TILE = 64, GRAM_ROWS = 4 };

static void gram_part(void *context, int index) {
    const gram_call *call = context;
    int blocks = call->map.blocks, parts = divided_up(blocks, GRAM_ROWS), part = index % parts, chunk = index / parts;
    int first = (int)((long long)call->pixels * chunk / call->chunks);
    int last = (int)((long long)call->pixels * (chunk + 1) / call->chunks);
    int begin = part * GRAM_ROWS, end = smaller(begin + GRAM_ROWS, blocks);
    float *sums = call->sums + (ptrdiff_t)chunk * blocks * LANES * blocks * LANES;
    for (int pixel = first; pixel < last; pixel += GRAM_TILE)
        DISPATCH(gram_rows, call, begin, end, pixel, smaller(pixel + GRAM_TILE, last), sums);
}

static void gram_sum(void *context, int i) {
    const gram_call *call = context;
    ptrdiff_t channels = call->map.blocks * LANES;
    for (ptrdiff_t j = i; j < channels; j++) {
        double sum = 0;
        // Only the upper triangle is read, so that the matrix is exactly symmetric.
        for (int chunk = 0; chunk < call->chunks; chunk++) sum += call->sums[(chunk * channels + i) * channels + j];
        call->gram[i * channels + j] = call->gram[j * channels + i] = (float)sum;
    }
}

_Bool feature_gram(const feature_map *map, float *gram, int threads) {
    int channels = map->blocks * LANES, pixels = pixels_of(map);
    int chunks = smaller(GRAM_CHUNKS, larger(1, pixels / GRAM_PIXELS));
    size_t size = (size_t)chunks * channels * channels;
    float *sums = blocked_allocate(size);
    if (!sums) return 0;
    gram_call call = {*map, pixels, chunks, sums, gram};
    kernel_parallel(divided_up(map->blocks, GRAM_ROWS) * chunks, threads, gram_part, &call);
    kernel_parallel(channels, threads, gram_sum, &call);
    blocked_free(sums, size);
    return 1;
}

// MARK: Gradients and distances

enum { PRODUCT_PIXELS = 140, CHUNK_PIXELS = 4096 };

static void multiply_add_part(void *context, int chunk) {
    const product_call *call = context;
    int first = chunk * PRODUCT_PIXELS;
    DISPATCH(multiply_add, call, first, smaller(first + PRODUCT_PIXELS, call->pixels));
}

typedef struct {
    const float *matrix;
    float *transposed;
    ptrdiff_t channels;
} transpose_call;

/// Transposes the rows of one block of channels, in 16x16 squares that stay in the cache.
static void transpose_block(void *context, int block) {
    const transpose_call *call = context;
    const float *from = call->matrix + block * LANES * call->channels;
    float *to = call->transposed + block * LANES;
    for (ptrdiff_t first = 0; first < call->channels; first += LANES)
        for (ptrdiff_t i = 0; i < LANES; i++)
            for (ptrdiff_t j = first; j < first + LANES; j++)
                to[j * call->channels + i] = from[i * call->channels + j];
}

_Bool feature_multiply_add(const feature_map *map, const float *matrix, float factor, const feature_map *gradient,
                           int threads) {
    // The kernel reads the matrix by columns.
    ptrdiff_t channels = map->blocks * LANES;
    float *transposed = blocked_allocate((size_t)(channels * channels));
    if (!transposed) return 0;
    transpose_call transpose = {matrix, transposed, channels};
    kernel_parallel(map->blocks, threads, transpose_block, &transpose);
    product_call call = {*map, *gradient, pixels_of(map), transposed, factor};
    kernel_parallel(divided_up(call.pixels, PRODUCT_PIXELS), threads, multiply_add_part, &call);
    blocked_free(transposed, (size_t)(channels * channels));
    return 1;
}

/// The tasks of a comparison of two maps: chunks of pixels of each block. `count` is their number.
static difference_call split_difference(const feature_map *first, const feature_map *second, int *count) {
    int pixels = pixels_of(first), chunks = divided_up(pixels, CHUNK_PIXELS);
    *count = first->blocks * chunks;
    return (difference_call){.first = *first, .second = *second, .pixels = pixels, .chunks = chunks};
}

static void add_difference_part(void *context, int index) {
    const difference_call *call = context;
    int block = index / call->chunks, first = index % call->chunks * CHUNK_PIXELS;
    DISPATCH(add_difference, call, block, first, smaller(first + CHUNK_PIXELS, call->pixels));
}

void feature_add_difference(const feature_map *first, const feature_map *second, float factor,
                            const feature_map *gradient, int threads) {
    int count;
    difference_call call = split_difference(first, second, &count);
    call.factor = factor;
    call.gradient = *gradient;
    kernel_parallel(count, threads, add_difference_part, &call);
}

static void squared_distance_part(void *context, int index) {
    const difference_call *call = context;
    int block = index / call->chunks, first = index % call->chunks * CHUNK_PIXELS;
    DISPATCH(squared_distance, call, block, first, smaller(first + CHUNK_PIXELS, call->pixels), call->sums + index);
}

_Bool feature_squared_distance(const feature_map *first, const feature_map *second, double *distance, int threads) {
    int count;
    difference_call call = split_difference(first, second, &count);
    double sum = 0, *sums = calloc((size_t)larger(count, 1), sizeof *sums);
    if (!sums) return 0;
    call.sums = sums;
    kernel_parallel(count, threads, squared_distance_part, &call);
    for (int index = 0; index < count; index++) sum += sums[index];
    free(sums);
    *distance = sum;
    return 1;
}

typedef struct {
    feature_map map;
    const float *scale;
    float *planes;
} unblock_call;

static void unblock_channel(void *context, int channel) {
    const unblock_call *call = context;
    ptrdiff_t pixels = pixels_of(&call->map);
    const float *from = at_pixel(&call->map, channel / LANES, 0) + channel % LANES;
    float *to = call->planes + channel * pixels, scale = call->scale ? call->scale[channel] : 1;
    for (ptrdiff_t pixel = 0; pixel < pixels; pixel++) to[pixel] = from[pixel * LANES] * scale;
}

void feature_unblock(const feature_map *map, int channels, const float *scale, float *planes, int threads) {
    unblock_call call = {*map, scale, planes};
    kernel_parallel(channels, threads, unblock_channel, &call);
}
