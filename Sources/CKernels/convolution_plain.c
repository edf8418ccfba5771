// In C because the tests run it over whole pictures, and Swift's bounds checks make the inner loop several times slower.
#include "convolution_plain.h"

#include <math.h>
#include <stddef.h>

#include "parallel.h"

typedef struct {
    const plain_convolution_shape *shape;
    const float *input, *weight, *bias;
    float *output;
} convolution_call;

static void convolve_row(void *context, int index) {
    const convolution_call *call = context;
    const plain_convolution_shape *shape = call->shape;
    int n = index / shape->output_height, y = index % shape->output_height;
    size_t plane = (size_t)shape->input_height * shape->input_width;
    float *output = call->output + (size_t)index * shape->output_width;
    for (int x = 0; x < shape->output_width; x++) {
        double sum = call->bias[n];
        const float *weight = call->weight + (size_t)n * shape->inputs * shape->kernel * shape->kernel;
        for (int c = 0; c < shape->inputs; c++) {
            for (int ky = 0; ky < shape->kernel; ky++) {
                int row = shape->rows[y * shape->stride + ky * shape->dilation];
                const float *line = call->input + c * plane + (ptrdiff_t)row * shape->input_width;
                for (int kx = 0; kx < shape->kernel; kx++, weight++) {
                    int column = shape->columns[x * shape->stride + kx * shape->dilation];
                    if (row >= 0 && column >= 0) sum += (double)*weight * line[column];
                }
            }
        }
        output[x] = (float)sum;
    }
}

void plain_convolution(const plain_convolution_shape *shape, const float *input, const float *weight,
                       const float *bias, float *output, int threads) {
    convolution_call call = {shape, input, weight, bias, output};
    kernel_parallel(shape->outputs * shape->output_height, threads, convolve_row, &call);
}

typedef struct {
    float *values;
    int pixels;
    const float *scale, *shift;
    float epsilon;
    int rectify;
} norm_call;

static void normalize_channel(void *context, int channel) {
    const norm_call *call = context;
    float *values = call->values + (size_t)channel * call->pixels;
    double sum = 0, squares = 0;
    for (int i = 0; i < call->pixels; i++) sum += values[i];
    double mean = sum / call->pixels;
    for (int i = 0; i < call->pixels; i++) squares += (values[i] - mean) * (values[i] - mean);
    double factor = call->scale[channel] / sqrt(squares / call->pixels + call->epsilon);
    for (int i = 0; i < call->pixels; i++) {
        float value = (float)((values[i] - mean) * factor + call->shift[channel]);
        values[i] = call->rectify && value < 0 ? 0 : value;
    }
}

void plain_instance_norm(float *values, int channels, int pixels, const float *scale, const float *shift,
                         float epsilon, int rectify, int threads) {
    norm_call call = {values, pixels, scale, shift, epsilon, rectify};
    kernel_parallel(channels, threads, normalize_channel, &call);
}
