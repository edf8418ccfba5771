// The way back through convolutions and normalisations, on tensors in blocks of 16 channels, [block][row][column][16].
//
// All is cut by the tensors' shape alone and summed in one order, so that results do not depend on the threads.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A convolution's output and input, for the gradient with respect to its weights: of output n, input c and tap (k, l) the sum
/// over y and x of gradient[n][y][x] * input[c][y * stride + k * dilation][x * stride + l * dilation].
typedef struct {
    /// With respect to the output, [output_blocks][height][width][16].
    const float *gradient;
    int output_blocks, height, width;
    /// As the kernel sees it, extended: [block][input_height][input_width][16].
    const float *input;
    int inputs, input_height, input_width;
    int kernel, stride, dilation;
    /// Which taps are wanted, [output_blocks][kernel][kernel]; NULL: all. What the result has for others is not defined.
    const unsigned char *used;
    /// [output_blocks][input channels in whole blocks][kernel][kernel][16], overwritten.
    float *result;
    /// Memory for `gradient_filters_work` floats, if that is not 0; NULL: computed by the definition.
    float *work;
} gradient_filters;

/// The memory in which the gradient is found with fewer products; 0 where there is no such way.
size_t gradient_filters_work(const gradient_filters *filters);

void gradient_of_filters(const gradient_filters *filters, int threads);

/// `sums[c]` = the sum of channel c over all pixels, of [blocks][pixels][16].
void gradient_sum(const float *values, int blocks, int pixels, float *sums, int threads);

/// What became of a tensor on its way into a convolution, for the gradient with respect to the tensor: it was
/// normalised, rectified, something was added, and it was extended.
typedef struct {
    /// With respect to the extended input, [block][extended_height][extended_width][16].
    const float *extended;
    int extended_height, extended_width;
    /// For each row of the tensor those of the extended one that show it: rows[row_starts[y]] to before
    /// rows[row_starts[y + 1]]; likewise columns.
    const int *row_starts, *rows, *column_starts, *columns;
    int blocks, height, width;
    /// Added in the middle, if not NULL: the gradient of what else the tensor went into, [block][added_height][added_width][16].
    const float *added;
    int added_height, added_width;
    /// The tensor before it was normalised; NULL where it was not.
    const float *values;
    /// What normalised it, `values * scale + shift`; and whether negative values became 0.
    const float *scale, *shift;
    int rectify;
    /// What gives it mean 0 and deviation 1, `values * inverse + offset`.
    const float *inverse, *offset;
    /// With respect to the normalised tensor, [block][height][width][16].
    float *gradient;
    /// For each channel the sum of the gradient over all pixels, then that of the gradient times the tensor of mean 0 and deviation 1:
    /// [2][blocks * 16].
    float *sums;
    /// Memory for `gradient_parts` floats.
    float *parts;
} gradient_entrance;

size_t gradient_parts(int blocks, int height);

/// Writes `gradient`, and `sums` where there are `values`.
void gradient_enter(const gradient_entrance *entrance, int threads);

/// Instance normalisation `scale * standard + shift`, for the gradient with respect to what was normalised: scale * inverse * (gradient -
/// its mean - standard * the mean of gradient * standard), where standard = values * inverse + offset.
typedef struct {
    const float *gradient, *values;
    int blocks, height, width;
    const float *inverse, *offset, *scale, *sums;
    /// The result's pixels fall into spread * spread phases: [phase][block][height / spread][width / spread][16].
    int spread;
    float *result;
} gradient_norm;

void gradient_normalize(const gradient_norm *norm, int threads);

#ifdef __cplusplus
}
#endif
