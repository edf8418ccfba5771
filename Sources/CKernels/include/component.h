// Frames as three components, each with a grid of its own: luma and two of chroma, or blue, green and red. All work on
// rows, so that callers can parallelise.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// The samples of a component. A sample is a byte, or a little-endian word if it has more than 8 bits. Values are given in
/// 8-bit levels: those of more bits are divided by 2^(bits - 8).
typedef struct {
    /// The first sample of the first row.
    uint8_t *base;
    /// Bytes from one row to the next (may be negative), and from one sample to the next.
    ptrdiff_t stride;
    int step;
    int width, height;
    /// Bits of a value, 8 to 16, and bits of the word below them.
    int bits, shift;
} kernel_component;

/// line(x) = the sum over i < count of weights[i] * the sample in row first + i, for x < the component's width.
void kernel_mix_component(kernel_component component, int first, const float *weights, int count, float *line);

/// line(x) = the sum over i < count of weights[i] * rows[i][x], for x < width.
void kernel_mix_lines(const float *const *rows, const float *weights, int count, int width, float *line);

/// target(x) = the mean of line(2 * x) and line(2 * x + 1), of those below `width`, for x < (width + 1) / 2.
void kernel_average_pairs(const float *line, int width, float *target);

/// An affine map of three values: target[i] = sum over j of matrix[i][j] * source[j] + offset[i].
typedef struct {
    float matrix[3][3], offset[3];
} kernel_affine_color;

/// Maps three planes of `count` samples. Those of the source and of the target are `plane` and `target_plane` values
/// apart. `target` may be `source`.
void kernel_map_planes(const float *source, ptrdiff_t plane, kernel_affine_color map, float *target,
                       ptrdiff_t target_plane, ptrdiff_t count);

/// The first plane of such a target.
void kernel_map_plane(const float *source, ptrdiff_t plane, kernel_affine_color map, float *target, ptrdiff_t count);

#ifdef __cplusplus
}
#endif
