// The tiling plan of each convolution method. Chunks depend on the shape only, so that results do not depend on the
// threads.
#pragma once

#include "blocked_convolution.h"
#include "kernel_assert.h"
#include "parallel.h"
#include "vectors.h"

enum { CACHE_BYTES = 450 * 1024 };  // share of the second-level cache for the transformed input of a chunk

// The register tile of the GEMM micro-kernel: as many pixels and output blocks as there are registers for.
#define PIXELS_portable 2
#define GROUP_portable 1
#define PIXELS_avx2 6
#define GROUP_avx2 1
#define PIXELS_avx512 14
#define GROUP_avx512 2
#define VARIANT_PIXELS VARIANT(PIXELS)
#define VARIANT_GROUP VARIANT(GROUP)
enum { MAXIMUM_PIXELS = 14, MAXIMUM_GROUP = 2 };

/// The arguments of a convolution.
typedef struct blocked_call {
    const blocked_kernel *kernel;
    const blocked_source *source;
    const blocked_target *target;
    const float *weights;
    blocked_scratch *scratch;
    void (*convolve)(const struct blocked_call *call, int chunk, float *scratch);
} blocked_call;

/// Appends one flag for each output block and Winograd point to the transformed weights: 1 if any weight there is not
/// 0, else 0. The phases of a sub-pixel convolution use two of three taps along an axis, so one point along each axis
/// is 0.
void blocked_mark_used_points(const blocked_kernel *kernel, float *reordered);

/// Takes a slot of scratch memory for the calling thread until it is put back.
float *blocked_scratch_take(blocked_scratch *scratch, int *slot);
void blocked_scratch_put(blocked_scratch *scratch, int slot);

/// Whether each slot has at least `size` bytes.
int blocked_scratch_holds(const blocked_scratch *scratch, size_t size);

static inline int smaller(int a, int b) { return a < b ? a : b; }
static inline int larger(int a, int b) { return a > b ? a : b; }
static inline int divided_up(int a, int b) { return (a + b - 1) / b; }

static inline int blocks_of(int channels) { return divided_up(channels, LANES); }

/// The channels of each block that are multiplied: 16, or fewer if there is only one block.
static inline int depth_of(int channels) { return smaller(channels, LANES); }

/// The floats from one point to the next, if each has `vectors` vectors. An odd number of cache lines: an even one
/// would map the points of a tile to few cache sets.
static inline ptrdiff_t point_stride(ptrdiff_t vectors) { return (vectors | 1) * LANES; }

/// The floats that `count` segment offsets take. They are in scratch memory because their number depends on the model.
static inline size_t segment_floats(size_t count) {
    return (count * sizeof(ptrdiff_t) + LANES * sizeof(float) - 1) / (LANES * sizeof(float)) * LANES;
}

/// The Winograd tiles of a convolution.
typedef struct {
    int points;        // side of a tile's input window, and of its transform
    int step;          // distance of tiles in input pixels
    int across, down;  // number of tiles
    int per_chunk;
} tile_shape;

static inline tile_shape shape_of_tiles(const blocked_kernel *kernel, const blocked_target *target) {
    int strided = kernel->stride == 2, output_step = strided ? 3 : 7 - kernel->kernel;
    tile_shape tile = {.points = strided ? 7 : 6, .step = output_step * kernel->stride};
    tile.across = divided_up(target->width, output_step);
    tile.down = divided_up(target->height, output_step);
    // A multiple of the 14 pixels of the micro-kernel with AVX-512.
    ptrdiff_t bytes = (ptrdiff_t)tile.points * tile.points * blocks_of(kernel->inputs) * LANES * (int)sizeof(float);
    tile.per_chunk = larger(14, smaller(56, (int)(CACHE_BYTES / bytes) / 14 * 14));
    return tile;
}

/// One stage of tiles of a convolution whose weights are transformed during the call.
typedef struct {
    const blocked_raw_weights *raw;
    const blocked_kernel *kernel;
    const blocked_source *source;
    const blocked_target *target;
    tile_shape tile;
    int first, count;       // tiles
    float *work;            // their input transform: [point][block][tile][16]
    ptrdiff_t input_point;  // the floats from point to point in `work`
    blocked_scratch *scratch;
} stage_call;

/// The tiles and chunks of a convolution whose 9x9 kernel is decomposed into 3x3 kernels.
typedef struct {
    int tiles_across, tiles_down;   // of the whole output
    int tiles, rows;                // tiles across, and rows of tiles, of a chunk
    int chunks_across, chunks_down;
} decomposed_tiling;

static inline decomposed_tiling plan_decomposed(const blocked_kernel *kernel, const blocked_target *target) {
    decomposed_tiling tiling = {divided_up(target->width, 3), divided_up(target->height, 3), 28, 12, 0, 0};
    if (blocks_of(kernel->inputs) > 2) tiling.tiles = 14;
    tiling.chunks_across = divided_up(tiling.tiles_across, tiling.tiles);
    tiling.chunks_down = divided_up(tiling.tiles_down, tiling.rows);
    return tiling;
}

/// The chunks of a direct convolution.
typedef struct {
    int columns, rows;              // of a chunk's output
    int input_columns, input_rows;  // of a chunk's input
    int chunks_across, chunks_down;
} direct_tiling;

static inline direct_tiling plan_direct(const blocked_kernel *kernel, const blocked_target *target) {
    direct_tiling tiling = {.columns = 56};
    int kernel_extent = kernel->dilation * (kernel->kernel - 1) + 1;
    tiling.input_columns = (tiling.columns - 1) * kernel->stride + kernel_extent;
    ptrdiff_t row_bytes = (ptrdiff_t)blocks_of(kernel->inputs) * tiling.input_columns * LANES * (int)sizeof(float);
    int fitting = (int)(CACHE_BYTES / row_bytes);
    tiling.rows = larger(1, smaller(16, (fitting - kernel_extent) / kernel->stride + 1));
    tiling.input_rows = (tiling.rows - 1) * kernel->stride + kernel_extent;
    tiling.chunks_across = divided_up(target->width, tiling.columns);
    tiling.chunks_down = divided_up(target->height, tiling.rows);
    return tiling;
}
