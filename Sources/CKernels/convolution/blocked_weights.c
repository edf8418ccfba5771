// Reordering and transforming weights, and instance normalisation from moments.
#include <math.h>
#include <string.h>

#include "blocked_tiling.h"

// The weight transform (Lavin and Gray 2016; Blahut, Fast Algorithms). A row of G evaluates the weights as a polynomial
// at a point, divided by the product of its differences from the other finite points. Infinity takes the last tap.
//
// F(4, 3), F(2, 5) and F(3, 3):
//
//           |  1/4    0     0  |         |  1/4    0     0     0     0  |         |  1/2   0    0  |
//           | -1/6  -1/6  -1/6 |         | -1/6  -1/6  -1/6  -1/6  -1/6 |         | -1/2 -1/2 -1/2 |
//     G  =  | -1/6   1/6  -1/6 |   G  =  | -1/6   1/6  -1/6   1/6  -1/6 |   G  =  | -1/6  1/6 -1/6 |
//           | 1/24  1/12   1/6 |         | 1/24  1/12   1/6   1/3   2/3 |         |  1/6  1/3  2/3 |
//           | 1/24 -1/12   1/6 |         | 1/24 -1/12   1/6  -1/3   2/3 |         |   0    0    1  |
//           |   0     0     1  |         |   0     0     0     0     1  |
static const double six_points[] = {0, 1, -1, 2, -2}, five_points[] = {0, 1, -1, 2};

/// One dimension of the weight transform: `count` taps, `stride` apart, to all points, `value_stride` apart.
static void evaluate(const double *points, int finite, const double *taps, int count, int stride, double *values,
                     int value_stride) {
    for (int p = 0; p < finite; p++) {
        double sum = 0, power = 1, distances = 1;
        for (int t = 0; t < count; t++, power *= points[p]) sum += taps[t * stride] * power;
        for (int q = 0; q < finite; q++)
            if (q != p) distances *= points[p] - points[q];
        values[p * value_stride] = sum / distances;
    }
    values[finite * value_stride] = taps[(count - 1) * stride];
}

/// The weight transform of a square kernel with `count` taps along each axis.
static void transform(const double *points, int finite, const double *taps, int count, double *values) {
    double half[6 * 5];
    for (int x = 0; x < count; x++) evaluate(points, finite, taps + x, count, count, half + x, count);
    for (int i = 0; i <= finite; i++)
        evaluate(points, finite, half + i * count, count, 1, values + i * (finite + 1), 1);
}

/// One dimension of the weight transform of a 3x3 kernel with stride 2. The first and last tap are evaluated at the
/// points 0, 1, -1 and infinity; the middle one is not transformed.
///
///           |  -1    0    0  |
///           |  1/2   0   1/2 |
///           |  1/2   0  -1/2 |
///     G  =  |   0    0    1  |
///           |   0    1    0  |
///           |   0    1    0  |
///           |   0    1    0  |
static void evaluate_strided(const double *taps, int stride, double *values, int value_stride) {
    double first = taps[0], middle = taps[stride], last = taps[2 * stride];
    double all[7] = {-first, (first + last) / 2, (first - last) / 2, last, middle, middle, middle};
    for (int p = 0; p < 7; p++) values[p * value_stride] = all[p];
}

static void transform_strided(const double *taps, double *values) {
    double half[7 * 3];
    for (int x = 0; x < 3; x++) evaluate_strided(taps + x, 3, half + x, 3);
    for (int i = 0; i < 7; i++) evaluate_strided(half + i * 3, 1, values + i * 7, 1);
}

static int points_of_tile(const blocked_kernel *kernel) { return kernel->stride == 2 ? 49 : 36; }

size_t blocked_weights_size(const blocked_kernel *kernel) {
    size_t depth = (size_t)blocks_of(kernel->inputs) * depth_of(kernel->inputs) * kernel->output_blocks * LANES;
    switch (kernel->method) {
        case BLOCKED_TILES: return (depth + kernel->output_blocks) * points_of_tile(kernel);
        case BLOCKED_DECOMPOSED: return depth * 9 * 25;
        case BLOCKED_DIRECT: return depth * kernel->kernel * kernel->kernel;
    }
    return 0;
}

void blocked_mark_used_points(const blocked_kernel *kernel, float *reordered) {
    size_t points = points_of_tile(kernel);
    size_t count = (size_t)blocks_of(kernel->inputs) * depth_of(kernel->inputs) * LANES;
    float *used = reordered + kernel->output_blocks * points * count;
    for (size_t index = 0; index < kernel->output_blocks * points; index++) {
        used[index] = 0;
        for (size_t i = 0; i < count && used[index] == 0; i++) used[index] = reordered[index * count + i] != 0;
    }
}

void blocked_reorder_weights(const blocked_kernel *kernel, const float *weight, float *reordered) {
    int side = kernel->kernel, inputs = kernel->inputs, blocks = blocks_of(inputs), depth = depth_of(inputs);
    // The sizes of `taps` and `values` below.
    KERNEL_ASSERT(kernel->method != BLOCKED_TILES || side == 3 || (side == 5 && kernel->stride == 1));
    KERNEL_ASSERT(kernel->method != BLOCKED_DECOMPOSED || side == 9);
    memset(reordered, 0, blocked_weights_size(kernel) * sizeof(float));
    // Large weights take seconds. After a cancellation they are incomplete, but no longer used.
    for (int n = 0; n < kernel->output_blocks * LANES && !kernel_is_cancelled(); n++) {
        for (int c = 0; c < inputs; c++) {
            const float *from = weight + ((size_t)n * inputs + c) * side * side;
            int block = c / LANES, k = c % LANES;
            double taps[25], values[49];
            switch (kernel->method) {
                case BLOCKED_TILES: {  // [n block][point][c block][k][16]
                    int points = points_of_tile(kernel);
                    for (int t = 0; t < side * side; t++) taps[t] = from[t];
                    if (kernel->stride == 2)
                        transform_strided(taps, values);
                    else
                        transform(six_points, 5, taps, side, values);
                    for (int p = 0; p < points; p++) {
                        size_t index = ((size_t)(n / LANES) * points + p) * blocks + block;
                        reordered[(index * depth + k) * LANES + n % LANES] = (float)values[p];
                    }
                    break;
                }
                case BLOCKED_DECOMPOSED:  // [n block][point][small kernel][c block][k][16]
                    for (int s = 0; s < 9; s++) {
                        for (int t = 0; t < 9; t++) taps[t] = from[(s / 3 * 3 + t / 3) * 9 + s % 3 * 3 + t % 3];
                        transform(five_points, 4, taps, 3, values);
                        for (int p = 0; p < 25; p++) {
                            size_t index = (((size_t)(n / LANES) * 25 + p) * 9 + s) * blocks + block;
                            reordered[(index * depth + k) * LANES + n % LANES] = (float)values[p];
                        }
                    }
                    break;
                case BLOCKED_DIRECT:  // [n block][c block][ky][kx][k][16]
                    for (int t = 0; t < side * side; t++) {
                        size_t index = ((size_t)(n / LANES) * blocks + block) * side * side + t;
                        reordered[(index * depth + k) * LANES + n % LANES] = from[t];
                    }
                    break;
            }
        }
    }
    if (kernel->method == BLOCKED_TILES) blocked_mark_used_points(kernel, reordered);
}

void blocked_combine_moments(const float *moments, const int *counts, int chunks, int blocks, int phases,
                             blocked_moments *combined) {
    int channels = blocks * LANES;
    for (int channel = 0; channel < channels; channel++) {
        // Combines mean and squared deviations of two sets by Chan, Golub and LeVeque's formula.
        double count = 0, mean = 0, squared_deviations = 0;
        for (int chunk = 0; chunk < chunks; chunk++) {
            for (int phase = 0; phase < phases; phase++) {
                const float *chunk_moments = moments + (((size_t)chunk * phases + phase) * channels + channel) * 2;
                double difference = chunk_moments[0] - mean, both = count + counts[chunk];
                mean += difference * counts[chunk] / both;
                squared_deviations += chunk_moments[1] + difference * difference * count * counts[chunk] / both;
                count = both;
            }
        }
        combined[channel] = (blocked_moments){mean, squared_deviations / count};
    }
}

void blocked_normalize(const blocked_moments *moments, int channels, const float *gamma, const float *beta,
                       float epsilon, float *scale, float *shift) {
    for (int channel = 0; channel < channels; channel++) {
        double factor = gamma[channel] / sqrt(moments[channel].variance + epsilon);
        scale[channel] = (float)factor;
        shift[channel] = (float)(beta[channel] - moments[channel].mean * factor);
    }
}
