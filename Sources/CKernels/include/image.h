// Packed pixel conversion, and filters of single planes. All work on a range of rows, so that callers can parallelise.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Byte offsets of red, green and blue within a pixel of `step` bytes, which is 3 or 4.
typedef struct {
    int red, green, blue, step;
} kernel_pixel_layout;

/// A rectangle of packed pixels; rows are `stride` bytes apart (which may be negative).
typedef struct {
    uint8_t *base;
    ptrdiff_t stride;
    int width, height;
    kernel_pixel_layout layout;
} kernel_pixels;

/// Three planes of width * height values each, without padding.
typedef struct {
    float *red, *green, *blue;
} kernel_planes;

typedef struct {
    float red, green, blue;
} kernel_color;

/// planes = pixels + offset, for rows first..<end.
void kernel_unpack(kernel_pixels pixels, kernel_color offset, kernel_planes planes, int first, int end);

/// pixels = planes + offset, clamped to 0...255 (NaN: 0) and rounded to nearest, halves up. The fourth byte of
/// four-byte pixels is copied from `rest`, which may be `pixels` itself or have another layout.
void kernel_pack(kernel_planes planes, kernel_color offset, kernel_pixels pixels, kernel_pixels rest, int first,
                 int end);

/// luma = 0.299 red + 0.587 green + 0.114 blue (BT.601), in 16-bit fixed point, rounded.
void kernel_luma(kernel_pixels pixels, uint8_t *luma, int first, int end);

/// target(x, y) = the minimum of source(x - radius ... x + radius, y) within the row, for rows first..<end of planes of
/// `width`. `line` is scratch memory of width + 2 * radius values.
void kernel_minimum_along_rows(const float *source, int width, int radius, float *line, float *target, int first,
                               int end);

/// target(x, y) = the minimum of source(x, y - radius ... y + radius) within the plane, for rows first..<end. `target`
/// must not be `source`.
void kernel_minimum_along_columns(const float *source, int width, int height, int radius, float *target, int first,
                                  int end);

/// target(x) = the median of values x ..< x + size of each of `size` rows; `size` is 3 or 5. Each row must have
/// size - 1 + width values, with width rounded up to 16. Values must not be NaN.
void kernel_median(const float *const *rows, int width, int size, float *target);

/// line(x) = the sum over i < count of weights[i] * rows[i * stride + x], for x < width.
void kernel_mix_rows(const float *rows, ptrdiff_t stride, const float *weights, int count, int width, float *line);

/// target(x) = the sum over i < taps of weights[x * taps + i] * line[first[x] + i], for x < width. `taps` is a multiple
/// of 4. `first` and `weights` must have entries up to width rounded up to 4, and `line` all values that they refer to.
void kernel_mix_columns(const float *line, const int *first, const float *weights, int taps, int width, float *target);

/// The same with 4 taps, in groups of 8 targets: the weight of tap i for target x is weights[x / 8 * 32 + i * 8 + x % 8].
/// `first` and `weights` must have entries up to width rounded up to 8. 8 values from first[x] on are read.
void kernel_interpolate_columns(const float *line, const int *first, const float *weights, int width, float *target);

#ifdef __cplusplus
}
#endif
