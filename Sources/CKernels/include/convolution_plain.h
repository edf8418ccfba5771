// The convolution as its definition says: the specification of the fast kernels and the reference of their tests.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
    int inputs, outputs;
    int kernel, stride, dilation;
    int input_height, input_width;
    int output_height, output_width;
    /// For row `y * stride + ky * dilation` of the extended input: the row of the input that stands there, or -1 for
    /// zeros. So padding of any kind, upsampling and extension are one table.
    const int *rows;
    /// The same for columns.
    const int *columns;
} plain_convolution_shape;

/// `output[n][y][x] = bias[n] + sum of weight[n][c][ky][kx] * extended input[c][y * stride + ky * dilation][...]`, all planar, summed
/// in double precision.
void plain_convolution(const plain_convolution_shape *shape, const float *input, const float *weight,
                       const float *bias, float *output, int threads);

/// `value * scale + shift` with the scale and shift that give each channel mean `shift[c]` and deviation `scale[c]`;
/// `epsilon` is added to the variance. In place; then negative values become 0 if `rectify` is not 0.
void plain_instance_norm(float *values, int channels, int pixels, const float *scale, const float *shift,
                         float epsilon, int rectify, int threads);

#ifdef __cplusplus
}
#endif
