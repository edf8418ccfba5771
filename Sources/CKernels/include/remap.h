// Resampling by a map that is computed once and used for every frame.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A sampling position: the index of the texel above and to the left, and the fractions to the right and down, in
/// 65536ths of a pixel.
typedef struct {
    int32_t texel;
    uint16_t across, down;
} sample_position;

/// A sample that is blended into pixel `x` of a row: (1 - weight) * pixel + weight * sample.
typedef struct {
    sample_position position;
    int32_t x;
    float weight;
} kernel_blend;

/// A row of `width` samples, and the samples blended into it, in order of x.
typedef struct {
    const sample_position *positions;
    const kernel_blend *blends;
    int width, blend_count;
} kernel_remap_row;

/// Samples texels of four bytes, in lines of `stride` texels, with Keys's cubic (a = -0.5). Writes the first `step` (3
/// or 4) channels of each, rounded, as a row of packed pixels. One texel to the left and above of every position and
/// two to the right and below must exist. Row weights are rounded to 16384ths.
void kernel_remap_bytes(const uint8_t *texels, ptrdiff_t stride, kernel_remap_row row, int step, uint8_t *target);

/// The same from texels of four floats. The first `channels` channels are written to rows that are `plane` values
/// apart.
void kernel_remap_floats(const float *texels, ptrdiff_t stride, kernel_remap_row row, int channels, ptrdiff_t plane,
                         float *target);

/// Converts `width` pixels of `step` (3 or 4) bytes to texels of four bytes.
void kernel_byte_texels(const uint8_t *pixels, int step, int width, uint8_t *texels);

/// The separable filter of one downscaled line: weights of `count` source rows, then for each x the weights of `taps`
/// pixels from first[x] on.
typedef struct {
    const float *row_weights, *weights;
    const int *first;
    int count, taps;
} kernel_downscale;

/// Downscales rows of `source_width` pixels that are `stride` bytes apart to a line of `width` texels, rounded and
/// clamped. `line` is scratch memory of 4 * (source_width + taps) values.
void kernel_downscaled_byte_texels(const uint8_t *pixels, ptrdiff_t stride, int step, int source_width,
                                   kernel_downscale downscale, float *line, int width, uint8_t *texels);

#ifdef __cplusplus
}
#endif
