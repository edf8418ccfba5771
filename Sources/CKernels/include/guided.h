// Guided upsampling: a painting brought up to the size of the frame that it was painted from, with the frame's edges.
#pragma once

#include <stddef.h>

#include "image.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Luma of a guide is stored minus this.
static const float KERNEL_GUIDE_CENTRE = 128;

/// Values of scratch memory for `kernel_guided_slopes`.
static inline size_t kernel_guided_scratch(int width, int radius) { return 8 * ((size_t)width + 2 * (size_t)radius); }

/// slopes(c, x, y) = covariance of guide and painting(c) over the variance of the guide plus `regularization`, in windows
/// of 2 * radius + 1 pixels with the edge repeated, for rows first..<end of three planes of width * height that begin
/// `plane` floats apart.
void kernel_guided_slopes(const float *guide, const float *painting, ptrdiff_t plane, int width, int height, int radius,
                          float regularization, float *scratch, float *slopes, int first, int end);

/// Replaces row y of `pixels` by painting + offset + slope * (luma - guide), with luma by BT.601. `lines` are rows of the
/// pixels' width, `stride` floats apart: painting in blue, green, red; guide; slopes in blue, green, red. `strength` is
/// the opacity over the old pixel, 0...1. With `keeps_color` the old pixel's chroma is kept. Clamped to 0...255 (NaN: 0)
/// and rounded; a fourth byte is not changed.
void kernel_paint_guided(kernel_pixels pixels, int y, const float *lines, ptrdiff_t stride, kernel_color offset,
                         float strength, int keeps_color);

#ifdef __cplusplus
}
#endif
