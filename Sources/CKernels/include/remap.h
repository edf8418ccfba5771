// Resampling by a map that is made once and used for every frame.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Where a sample is taken: `texel` is the one above and to the left of it, counted from the first of all, and the rest of the
/// way in 65536ths of a pixel.
typedef struct {
    int32_t texel;
    uint16_t across, down;
} kernel_place;

/// Pixel `x` of a row becomes (1 - weight) times what it is and weight times the sample.
typedef struct {
    kernel_place place;
    int32_t x;
    float weight;
} kernel_blend;

/// A row of `width` samples, and what is blended into it, in order of x.
typedef struct {
    const kernel_place *places;
    const kernel_blend *blends;
    int width, blend_count;
} kernel_remap_row;

/// Samples texels of four bytes, in lines of `stride` texels, by Keys's cubic (a = -0.5), and writes the first `step`, 3 or 4,
/// rounded, of each: a row of packed pixels. One texel to the left and above of every place and two to the right and below
/// must be there. Weights of rows are rounded to 16384ths.
void kernel_remap_bytes(const uint8_t *texels, ptrdiff_t stride, kernel_remap_row row, int step, uint8_t *target);

/// The same from texels of four floats, the first `channels` of which go to rows `plane` values apart.
void kernel_remap_floats(const float *texels, ptrdiff_t stride, kernel_remap_row row, int channels, ptrdiff_t plane,
                         float *target);

/// Makes texels of four bytes of `width` pixels of three or four, which is `step`.
void kernel_byte_texels(const uint8_t *pixels, int step, int width, uint8_t *texels);

/// Samples of a smaller line of pixels: those of `count` rows, then of `taps` pixels from first[x] on, with their weights.
typedef struct {
    const float *row_weights, *weights;
    const int *first;
    int count, taps;
} kernel_shrinking;

/// Makes a line of `width` texels of rows of `source_width` pixels that are `stride` bytes apart, rounded and clamped. `line` is
/// scratch of 4 * (source_width + taps) values.
void kernel_shrunk_byte_texels(const uint8_t *pixels, ptrdiff_t stride, int step, int source_width,
                               kernel_shrinking shrinking, float *line, int width, uint8_t *texels);

#ifdef __cplusplus
}
#endif
