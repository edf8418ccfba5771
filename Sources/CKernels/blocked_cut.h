// How each kind of convolution is cut into chunks: by its shape alone, so that results do not depend on the threads.
#pragma once

#include "blocked_convolution.h"
#include "blocked_vector.h"
#include "kernel_assert.h"
#include "parallel.h"

enum { CACHE_BYTES = 450 * 1024 };  // of the second-level cache, for the transformed input of a chunk

/// One convolution under way.
typedef struct blocked_call {
    const blocked_kernel *kernel;
    const blocked_source *source;
    const blocked_target *target;
    const float *weights;
    blocked_scratch *scratch;
    void (*convolve)(const struct blocked_call *call, int chunk, float *scratch);
} blocked_call;

/// After the weights of tiles: for each block and point, 1 if any weight is not zero. The phases of an upsampled
/// convolution have kernels of two taps a side in three, so that they are zero at one point a side.
void blocked_mark_used_points(const blocked_kernel *kernel, float *reordered);

/// Memory of a thread's own until it is put back.
float *blocked_scratch_take(blocked_scratch *scratch, int *slot);
void blocked_scratch_put(blocked_scratch *scratch, int slot);

/// Whether each thread has so many bytes.
int blocked_scratch_holds(const blocked_scratch *scratch, size_t size);

static inline int smaller(int a, int b) { return a < b ? a : b; }
static inline int larger(int a, int b) { return a > b ? a : b; }
static inline int divided_up(int a, int b) { return (a + b - 1) / b; }

static inline int blocks_of(int channels) { return divided_up(channels, LANES); }

/// The channels of each block that are multiplied: all 16, unless there is but one block and it has less.
static inline int depth_of(int channels) { return smaller(channels, LANES); }

/// The floats from one point to the next, where each has `vectors` vectors: an odd number of cache lines, as an even one
/// would put the points of a tile into few of the cache's sets.
static inline ptrdiff_t point_stride(ptrdiff_t vectors) { return (vectors | 1) * LANES; }

/// The floats that as many places of blocks take in a thread's scratch. There, because how many there are is the model's to say.
static inline size_t segment_floats(size_t count) {
    return (count * sizeof(ptrdiff_t) + LANES * sizeof(float) - 1) / (LANES * sizeof(float)) * LANES;
}

/// The tiles of minimal filtering.
typedef struct {
    int points;        // a side of the window that a tile sees, and of its transformation
    int step;          // of the input, from tile to tile
    int across, down;  // tiles in all
    int per_chunk;
} tile_shape;

static inline tile_shape shape_of_tiles(const blocked_kernel *kernel, const blocked_target *target) {
    int strided = kernel->stride == 2, output_step = strided ? 3 : 7 - kernel->kernel;
    tile_shape tile = {.points = strided ? 7 : 6, .step = output_step * kernel->stride};
    tile.across = divided_up(target->width, output_step);
    tile.down = divided_up(target->height, output_step);
    // A multiple of the fourteen pixels that the innermost loop takes at a time with AVX-512.
    ptrdiff_t bytes = (ptrdiff_t)tile.points * tile.points * blocks_of(kernel->inputs) * LANES * (int)sizeof(float);
    tile.per_chunk = larger(14, smaller(56, (int)(CACHE_BYTES / bytes) / 14 * 14));
    return tile;
}

/// The tiles of one stage of a convolution whose weights are transformed in passing.
typedef struct {
    const blocked_filters *filters;
    const blocked_kernel *kernel;
    const blocked_source *source;
    const blocked_target *target;
    tile_shape tile;
    int first, count;       // of the tiles
    float *work;            // their points: [point][block][tile][16]
    ptrdiff_t input_point;  // the floats from point to point there
    blocked_scratch *scratch;
} stage_call;

typedef struct {
    int tiles_across, tiles_down;   // in all
    int tiles, rows;                // of tiles, in one chunk
    int chunks_across, chunks_down;
} nested_cut;

static inline nested_cut cut_nested(const blocked_kernel *kernel, const blocked_target *target) {
    nested_cut cut = {divided_up(target->width, 3), divided_up(target->height, 3), 28, 12, 0, 0};
    if (blocks_of(kernel->inputs) > 2) cut.tiles = 14;
    cut.chunks_across = divided_up(cut.tiles_across, cut.tiles);
    cut.chunks_down = divided_up(cut.tiles_down, cut.rows);
    return cut;
}

typedef struct {
    int columns, rows;              // of output, in one chunk
    int input_columns, input_rows;  // that they see
    int chunks_across, chunks_down;
} direct_cut;

static inline direct_cut cut_direct(const blocked_kernel *kernel, const blocked_target *target) {
    direct_cut cut = {.columns = 56};
    int reach = kernel->dilation * (kernel->kernel - 1) + 1;
    cut.input_columns = (cut.columns - 1) * kernel->stride + reach;
    ptrdiff_t row_bytes = (ptrdiff_t)blocks_of(kernel->inputs) * cut.input_columns * LANES * (int)sizeof(float);
    int fitting = (int)(CACHE_BYTES / row_bytes);
    cut.rows = larger(1, smaller(16, (fitting - reach) / kernel->stride + 1));
    cut.input_rows = (cut.rows - 1) * kernel->stride + reach;
    cut.chunks_across = divided_up(target->width, cut.columns);
    cut.chunks_down = divided_up(target->height, cut.rows);
    return cut;
}
