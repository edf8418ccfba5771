// The backward pass of convolutions and instance normalisations, on tensors in blocks of 16 channels,
// [block][row][column][16].
//
// Chunks depend on the tensors' shape only and are summed in a fixed order, so results do not depend on the threads.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The gradient with respect to a convolution's weights. For output n, input c and tap (k, l) it is the sum over y and
/// x of gradient[n][y][x] * input[c][y * stride + k * dilation][x * stride + l * dilation].
typedef struct {
    /// The gradient with respect to the output, [output_blocks][height][width][16].
    const float *gradient;
    int output_blocks, height, width;
    /// The padded input, [block][input_height][input_width][16].
    const float *input;
    int inputs, input_height, input_width;
    int kernel, stride, dilation;
    /// Which taps are computed, [output_blocks][kernel][kernel]; NULL: all. The result of other taps is undefined.
    const unsigned char *used;
    /// [output_blocks][input channels in whole blocks][kernel][kernel][16], overwritten.
    float *result;
    /// Memory for `gradient_weights_work` floats, if that is not 0; NULL: direct computation.
    float *work;
} gradient_weights;

/// The number of floats of `work` for the Winograd method; 0 if it does not apply.
size_t gradient_weights_work(const gradient_weights *weights);

/// Computes `result`.
void gradient_of_weights(const gradient_weights *weights, int threads);

/// `sums[c]` = the sum of channel c over all pixels of [blocks][pixels][16].
void gradient_sum(const float *values, int blocks, int pixels, float *sums, int threads);

/// The backward pass of a convolution's fused prologue: normalisation, ReLU, residual sum, padding.
typedef struct {
    /// The gradient with respect to the padded input, [block][padded_height][padded_width][16].
    const float *padded;
    int padded_height, padded_width;
    /// For each row y of the tensor, the rows of the padded input that are copies of it: rows[row_starts[y]] to before
    /// rows[row_starts[y + 1]]; likewise for columns.
    const int *row_starts, *rows, *column_starts, *columns;
    int blocks, height, width;
    /// The gradient of the tensor's other use, added to the centre, [block][added_height][added_width][16]; NULL: none.
    const float *added;
    int added_height, added_width;
    /// The tensor before normalisation; NULL if it was not normalised.
    const float *values;
    /// The normalisation was `values * scale + shift`; then ReLU if `rectify` is not 0.
    const float *scale, *shift;
    int rectify;
    /// `values * inverse + offset` has mean 0 and standard deviation 1.
    const float *inverse, *offset;
    /// Result: the gradient with respect to the normalised tensor, [block][height][width][16].
    float *gradient;
    /// Result: for each channel the sum over all pixels of the gradient, then of the gradient times the standardised
    /// tensor, [2][blocks * 16].
    float *sums;
    /// Memory for `gradient_parts` floats: partial sums.
    float *parts;
} gradient_prologue;

/// The number of floats of `gradient_prologue.parts`.
size_t gradient_parts(int blocks, int height);

/// Computes `gradient`, and `sums` if there are `values`.
void gradient_of_prologue(const gradient_prologue *prologue, int threads);

/// The backward pass of instance normalisation. The gradient with respect to the input is scale * inverse * (gradient -
/// mean(gradient) - standardized * mean(gradient * standardized)), where standardized = values * inverse + offset.
typedef struct {
    const float *gradient, *values;
    int blocks, height, width;
    const float *inverse, *offset, *scale, *sums;
    /// The upscale factor of a sub-pixel convolution. The result is split into its phases,
    /// [phase][block][height / upscale][width / upscale][16].
    int upscale;
    float *result;
} gradient_norm;

/// Computes `result`.
void gradient_of_norm(const gradient_norm *norm, int threads);

#ifdef __cplusplus
}
#endif
