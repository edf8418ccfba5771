// Convolutions on tensors in blocks of 16 channels: [block][row][column][16] (oneDNN: nChw16c). A block is as wide as
// one AVX-512 register.
//
// Three methods:
// - tiles: Winograd convolution (Lavin and Gray 2016): F(4x4, 3x3) and F(2x2, 5x5) with 6x6 tiles, and 3x3 kernels with
//   stride 2 with 7x7 tiles;
// - decomposed: 9x9 Winograd. The kernel is a 3x3 grid of 3x3 kernels, each F(3x3, 3x3) with 5x5 tiles. The small
//   kernels share their input tiles, shifted by whole tiles, so each tile is transformed once. Products are summed in
//   the Winograd domain before one output transform;
// - direct: any kernel, stride and dilation.
//
// Normalisation and ReLU are fused into the next layer's read (prologue). The statistics of the normalisation, bias,
// ReLU and pooling are fused into the write (epilogue). So activations are written and read once.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The input of a convolution with its fused prologue: a blocked tensor or planes, padded by index tables.
typedef struct {
    /// [block][height][width][16]; unused if `planes` is set.
    const float *values;
    /// `channels` planes of width * height values, at most 16 (8 for decomposed); NULL for a blocked tensor.
    const float *const *planes;
    int channels, height, width;

    /// Prologue: channels whose bit is 0 in this mask are read as 0. [block][height][width], bit c for channel c of the
    /// block; NULL: no mask. With a mask there is neither scale nor skip.
    const unsigned short *mask;
    /// If not 0, the backward pass of 2x2 pooling, with a mask only: `values` is the gradient of the pooled tensor,
    /// [block][height / 2][width / 2][16]. Each pixel reads the value of its pooling window times this: 1, or 1/4 for
    /// average pooling. Pixels outside whole windows read 0.
    float unpool_factor;
    /// Prologue: `value * scale[channel] + shift[channel]`, padded to whole blocks; NULL: none.
    const float *scale, *shift;
    /// Then ReLU, if not 0; only with a scale and without a skip.
    int rectify;
    /// Then the centre crop of this tensor, at least as large, is added; only with a scale; NULL: none.
    const float *skip;
    int skip_height, skip_width;
    /// The prologue's result is also stored here, if not NULL (tiles of blocked tensors only).
    float *materialized;

    /// For each row of the padded input, the row of the tensor, or -1 for zeros; likewise for columns.
    const int *rows, *columns;
    int row_count, column_count;
} blocked_source;

/// 2x2 pooling fused into the epilogue.
typedef enum { BLOCKED_NO_POOLING, BLOCKED_MAXIMUM, BLOCKED_AVERAGE } blocked_pooling;

/// The output of a convolution with its fused epilogue.
typedef struct {
    /// [block][height * upscale][width * upscale][16].
    float *values;
    int height, width;
    /// Blocks that are computed: `upscale * upscale` times those of the tensor.
    int blocks;
    /// The upscale factor of a sub-pixel convolution; 1: none. Output (y, x) of block `phase * tensor blocks + b` is
    /// stored at block b, row `y * upscale + phase / upscale`, column `x * upscale + phase % upscale`.
    int upscale;
    /// Epilogue: this bias, padded to whole blocks, then ReLU; NULL: neither. Bias, mask and pooling need tiles of 3x3
    /// kernels with stride 1.
    const float *bias;
    /// With a bias: a mask, as in `blocked_source`, of the channels that are above 0 after ReLU; NULL: not stored. With
    /// maximum pooling only each window's maximum is set (the first of equal ones).
    unsigned short *mask;
    /// With a bias: 2x2 pooling of whole windows; `values` is then [block][height / 2][width / 2][16].
    blocked_pooling pooling;
    /// Without a bias: for each chunk and channel the mean and the sum of squared deviations, [chunk][blocks * 16][2];
    /// NULL: not stored.
    float *moments;
    /// The number of pixels in each chunk.
    int *counts;
} blocked_target;

/// Scratch memory for the threads of one caller.
typedef struct blocked_scratch blocked_scratch;

/// Creates scratch memory of `size` bytes for each of at most `threads` threads (0: one per processor); NULL if the
/// allocation fails.
blocked_scratch *blocked_scratch_create(int threads, size_t size);

/// The number of floats that such scratch memory takes.
size_t blocked_scratch_floats(int threads, size_t size);
void blocked_scratch_destroy(blocked_scratch *scratch);

/// Allocates zero-initialised memory, on large pages if the system has them; NULL on failure. Pages of large
/// allocations are only committed when they are first written. Free it with `blocked_free` and the same size.
float *blocked_allocate(size_t floats);
/// `memory` may be NULL.
void blocked_free(float *memory, size_t floats);

/// The number of bytes that `blocked_allocate` takes for `floats`; SIZE_MAX on overflow.
size_t blocked_allocation_size(size_t floats);

/// See above: Winograd tiles, decomposed 9x9 Winograd, direct convolution.
typedef enum { BLOCKED_TILES, BLOCKED_DECOMPOSED, BLOCKED_DIRECT } blocked_method;

/// The shape of a convolution and its method.
typedef struct {
    blocked_method method;
    int kernel;            // side: 3 or 5 for tiles, 9 for decomposed, any for direct
    int stride, dilation;  // 1, except for direct; tiles of 3x3 kernels may have a stride of 2
    int inputs;            // channels
    int output_blocks;
} blocked_kernel;

/// The number of floats that the reordered weights take.
size_t blocked_weights_size(const blocked_kernel *kernel);

/// Reorders, and for Winograd transforms, weights [output_blocks * 16][inputs][kernel][kernel].
void blocked_reorder_weights(const blocked_kernel *kernel, const float *weight, float *reordered);

/// The bytes of scratch memory that one thread needs.
size_t blocked_scratch_size(const blocked_kernel *kernel, const blocked_target *target);

/// The number of chunks of the work; it does not depend on the number of threads.
int blocked_chunk_count(const blocked_kernel *kernel, const blocked_target *target);

/// Convolves `source` into `target`. `weights` come from `blocked_reorder_weights`.
void blocked_convolve(const blocked_kernel *kernel, const blocked_source *source, const blocked_target *target,
                      const float *weights, blocked_scratch *scratch, int threads);

/// The untransformed weights of a 3x3 convolution with stride 1, which are transformed during each call. For large
/// weights that are used in both directions: transformed ones would take four times their memory.
typedef struct {
    /// [outputs][inputs][3][3].
    const float *weight;
    int outputs, inputs;
    /// If not 0, the backward pass: from the gradient with respect to the outputs to that with respect to the inputs.
    int is_backward;
} blocked_raw_weights;

/// Transforms weights for tiles like `blocked_reorder_weights`, but much faster: for weights that change often. With
/// `is_backward` the weights are flipped. `outputs` must be a multiple of 16 unless `is_backward` is set.
void blocked_reorder_raw_weights(const blocked_raw_weights *raw, float *reordered, int threads);

/// The number of floats of `work` that `blocked_convolve_raw_weights` needs, and the bytes of scratch memory for each
/// thread.
size_t blocked_raw_weights_work(const blocked_raw_weights *raw, const blocked_target *target);
size_t blocked_raw_weights_scratch(const blocked_raw_weights *raw, const blocked_target *target);

/// Convolves `source` into `target` with Winograd tiles, transforming the weights during the call.
void blocked_convolve_raw_weights(const blocked_raw_weights *raw, const blocked_source *source,
                                  const blocked_target *target, float *work, blocked_scratch *scratch, int threads);

/// Instance-norm statistics of one channel.
typedef struct {
    double mean, variance;
} blocked_moments;

/// Combines the moments of all chunks into those of each channel. `blocks` are the tensor's; `phases` = upscale *
/// upscale.
void blocked_combine_moments(const float *moments, const int *counts, int chunks, int blocks, int phases,
                             blocked_moments *combined);

/// Instance normalisation as scale and shift: channel c with these moments gets mean `beta[c]` and standard deviation
/// `gamma[c]`.
void blocked_normalize(const blocked_moments *moments, int channels, const float *gamma, const float *beta,
                       float epsilon, float *scale, float *shift);

/// Writes the padded input after its prologue as a blocked tensor, [block][row_count][column_count][16].
void blocked_materialize(const blocked_source *source, float *target, int threads);

/// The network's last step: from the last convolution's values to the output image.
typedef struct {
    /// [block][height][width][16]; output (y, x, c) of the image is at (y / upscale, x / upscale), channel
    /// `(y % upscale * upscale + x % upscale) * outputs + c`. Overwritten.
    float *values;
    int height, width;
    /// 3, or 4 with a gate; and the upscale factor.
    int outputs, upscale;
    /// One for each output.
    const float *bias;
    float output_scale;
    /// Three planes of the prior and one of its certainty; NULL without a gate or a prior.
    const float *prior, *certainty;
    /// Added to the gate's logit.
    float coherence;
    /// Three planes.
    float *image;
    int image_height, image_width;
    /// Distance in floats between planes of the image, and of the prior.
    ptrdiff_t plane;
} blocked_image;

/// Computes v = tanh(value + bias) * output_scale. With a gate the result is (1 - g) * v + g * prior, where
/// g = sigmoid(fourth output + coherence) * certainty.
void blocked_finish_image(const blocked_image *image, int threads);

#ifdef __cplusplus
}
#endif
