// Convolutions on tensors in blocks of 16 channels: [block][row][column][16], as wide as one AVX-512 register.
//
// Three ways, each for the shapes it is fastest on:
// - tiles: Winograd's minimal filtering with six points a dimension (Lavin and Gray 2016), for 3x3 and 5x5 kernels, and with seven for 3x3 kernels with stride 2;
// - nested tiles: a 9x9 kernel is a 3x3 grid of 3x3 kernels, each filtered with five points a dimension. Their input
//   tiles are the same ones shifted by whole tiles, so that each is transformed once, and products are summed before
//   the one transformation back;
// - direct: any kernel, stride and dilation.
//
// What a layer's normalisation does to its values is done where the next layer reads them, and what it needs to know of
// them is gathered where they are written; so activations cross memory once in each direction.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// What a convolution reads: a blocked tensor, or planes, extended by the tables.
typedef struct {
    /// [block][height][width][16]; unused where `planes` is set.
    const float *values;
    /// `channels` planes of width * height values, at most 16 (8 for nested tiles); NULL for a blocked tensor.
    const float *const *planes;
    int channels, height, width;

    /// Bit c of a block's pixel says whether its channel c enters; 0 does in its place. [block][height][width]; NULL for all.
    /// With a mask there is neither scale nor skip.
    const unsigned short *mask;
    /// If not 0, `values` are those of squares of two pixels a side, [block][height / 2][width / 2][16], and each pixel takes
    /// its square's times this; 0 where the square is not whole. The way back of pooling; with a mask only.
    float square_share;
    /// `value * scale[channel] + shift[channel]` enters instead of the value, if not NULL (padded to whole blocks)...
    const float *scale, *shift;
    /// ...then 0 instead of negative values, if not 0...
    int rectify;
    /// ...then the middle of this larger tensor is added, if not NULL.
    const float *skip;
    int skip_height, skip_width;
    /// The result is also kept here, if not NULL (tiles of blocked tensors only).
    float *kept;

    /// For each row of the extended input, the row of the tensor that stands there, or -1 for zeros; likewise columns.
    const int *rows, *columns;
    int row_count, column_count;
} blocked_source;

typedef enum { BLOCKED_NO_POOLING, BLOCKED_MAXIMUM, BLOCKED_AVERAGE } blocked_pooling;

/// What a convolution writes.
typedef struct {
    /// [block][height * spread][width * spread][16].
    float *values;
    int height, width;
    /// Blocks that are computed; `spread * spread` times those of the tensor.
    int blocks;
    /// Output (y, x) of block `phase * tensor blocks + b` goes to block b, row `y * spread + phase / spread`, column `x * spread +
    /// phase % spread`: upsampling, or a fractional stride, costs nothing.
    int spread;
    /// Added to the values, if not NULL (padded to whole blocks); then 0 is written instead of negative values. Tiles only,
    /// of 3x3 kernels; so is what follows.
    const float *bias;
    /// With a bias: which channels of each block's pixel are above 0 after that, as a source's mask; NULL: not wanted. Where
    /// maxima are written, only those (the first of equal ones).
    unsigned short *mask;
    /// With a bias: squares of two pixels a side become one value, whole ones only; `values` is then
    /// [block][height / 2][width / 2][16].
    blocked_pooling pooling;
    /// For each chunk and channel the mean and the sum of squared deviations: [chunk][blocks * 16][2]; NULL: not wanted.
    float *moments;
    /// The pixels in each chunk.
    int *counts;
} blocked_target;

/// Memory that the threads of one caller compute in.
typedef struct blocked_scratch blocked_scratch;

/// A `scratch` for at most `threads` threads (0: one per processor), each with `size` bytes; NULL if there is no memory.
blocked_scratch *blocked_scratch_create(int threads, size_t size);

/// The floats that such a `scratch` takes.
size_t blocked_scratch_floats(int threads, size_t size);
void blocked_scratch_destroy(blocked_scratch *scratch);

/// Zeroed memory on large pages where the system has them; NULL if there is none. Pages of what is large are made when they are
/// first written. Given back with `blocked_free`, which is told the same size and takes NULL too.
float *blocked_allocate(size_t floats);
void blocked_free(float *memory, size_t floats);

/// The bytes that so many floats take there; SIZE_MAX where no memory is so large.
size_t blocked_allocation_size(size_t floats);

typedef enum { BLOCKED_TILES, BLOCKED_NESTED, BLOCKED_DIRECT } blocked_method;

typedef struct {
    blocked_method method;
    int kernel;            // 3 or 5 for tiles, 9 for nested tiles
    int stride, dilation;  // 1 but for direct, and a stride of 2 for tiles of 3x3 kernels
    int inputs;            // channels
    int output_blocks;
} blocked_kernel;

/// The floats that the reordered weights take.
size_t blocked_weights_size(const blocked_kernel *kernel);

/// Reorders weights [output_blocks * 16][inputs][kernel][kernel].
void blocked_reorder_weights(const blocked_kernel *kernel, const float *weight, float *reordered);

/// The bytes of scratch that one thread needs.
size_t blocked_scratch_size(const blocked_kernel *kernel, const blocked_target *target);

/// How many chunks the work is cut into, whatever the number of threads.
int blocked_chunk_count(const blocked_kernel *kernel, const blocked_target *target);

/// Convolves. `weights` are reordered ones.
void blocked_convolve(const blocked_kernel *kernel, const blocked_source *source, const blocked_target *target,
                      const float *weights, blocked_scratch *scratch, int threads);

/// The weights of a 3x3 convolution with stride 1 as they come, transformed in passing each time: for large ones, which as
/// tiles would take four times their memory, and of which both directions are wanted.
typedef struct {
    /// [outputs][inputs][3][3].
    const float *weight;
    int outputs, inputs;
    /// If not 0, the way back: from the gradient with respect to the outputs to that with respect to the inputs.
    int is_backward;
} blocked_filters;

/// Reorders weights for tiles, as `blocked_reorder_weights` does but much faster, forward or turned for the way back: for weights
/// that change often. `outputs` is a multiple of 16, or the way is back.
void blocked_reorder_filters(const blocked_filters *filters, float *reordered, int threads);

/// The floats of memory that `blocked_convolve_filters` works in, and the bytes of scratch for each thread.
size_t blocked_filters_work(const blocked_filters *filters, const blocked_target *target);
size_t blocked_filters_scratch(const blocked_filters *filters, const blocked_target *target);

/// Convolves with tiles.
void blocked_convolve_filters(const blocked_filters *filters, const blocked_source *source,
                              const blocked_target *target, float *work, blocked_scratch *scratch, int threads);

/// What a channel's values come to.
typedef struct {
    double mean, variance;
} blocked_moments;

/// From the moments of all chunks, those of all channels. `blocks` of the tensor; `phases` = spread * spread.
void blocked_combine_moments(const float *moments, const int *counts, int chunks, int blocks, int phases,
                             blocked_moments *combined);

/// The scale and shift that give channel c, which has those moments, mean `beta[c]` and deviation `gamma[c]` (instance
/// normalisation).
void blocked_normalize(const blocked_moments *moments, int channels, const float *gamma, const float *beta, float epsilon,
                       float *scale, float *shift);

/// Stores what `source` describes as a blocked tensor of its own, [block][row_count][column_count][16].
void blocked_materialize(const blocked_source *source, float *target, int threads);

/// The network's last step, from the last convolution's values to the picture.
typedef struct {
    /// [block][height][width][16]; output (y, x, c) of the picture lies at (y / spread, x / spread), channel
    /// `(y % spread * spread + x % spread) * outputs + c`. Used up.
    float *values;
    int height, width;
    int outputs, spread;
    /// One for each output.
    const float *bias;
    float output_scale;
    /// Three planes of the picture and one of certainties; NULL where there is no gate or no prior.
    const float *prior, *certainty;
    float coherence;
    /// Three planes.
    float *picture;
    int picture_height, picture_width;
    /// Values from one plane of the picture, and of the prior, to the next.
    ptrdiff_t plane;
} blocked_picture;

/// `tanh(value) * output_scale`, mixed with the prior where there is a gate: (1-g) * that + g * prior, g = sigmoid(fourth
/// output + coherence) * certainty.
void blocked_finish_picture(const blocked_picture *picture, int threads);

#ifdef __cplusplus
}
#endif
