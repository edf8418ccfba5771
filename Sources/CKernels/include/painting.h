// A painting that is brought up to the size of the frame that it was painted from: cubic or guided upsampling.
#pragma once

#include <stddef.h>

#include "component.h"
#include "image.h"

#ifdef __cplusplus
extern "C" {
#endif

/// Values of a guide are stored minus this.
static const float KERNEL_GUIDE_CENTRE = 128;

/// Half the side of the windows of `kernel_fit_guide`.
enum { KERNEL_GUIDE_RADIUS = 2 };

/// Values of scratch memory for `kernel_fit_guide`.
static inline size_t kernel_fit_scratch(int width) { return 10 * ((size_t)width + 2 * KERNEL_GUIDE_RADIUS); }

/// slopes(c, x, y) = covariance of guide and painting(c) over the variance of the guide plus `regularization`, in windows
/// of 2 * KERNEL_GUIDE_RADIUS + 1 pixels, repeated at the left and right edge. offsets(c, x, y) = painting(c) -
/// slope * guide. There are KERNEL_GUIDE_RADIUS more rows of guide and painting above the first row, and below the last
/// one. The planes of the painting are `plane` values apart, those of the results `target_plane`.
void kernel_fit_guide(const float *guide, const float *painting, ptrdiff_t plane, int width, int rows,
                      float regularization, float *scratch, float *offsets, float *slopes, ptrdiff_t target_plane);

/// How a painting covers a frame. `strength` is its opacity, 0...1. With `keeps_color` the frame's chroma is kept.
typedef struct {
    float strength;
    int keeps_color;
} kernel_covering;

/// Replaces row y of `pixels` by offset + slope * (luma - KERNEL_GUIDE_CENTRE), with luma by BT.601. `lines` are rows of
/// the pixels' width, `stride` floats apart: offsets in blue, green, red, then slopes if `is_guided`. Clamped to
/// 0...255 (NaN: 0) and rounded; a fourth byte is not changed. `mask` multiplies the opacity of each pixel, 0...255 for
/// none to all of it; a pixel with 0 is not changed. NULL: 255 everywhere.
void kernel_paint_pixels(kernel_pixels pixels, int y, const float *lines, ptrdiff_t stride, int is_guided,
                         kernel_covering covering, const float *mask);

/// Replaces row y of a component by offset(x) + slope(x) * (guide(x) - KERNEL_GUIDE_CENTRE), clamped to low...high in
/// 8-bit levels (NaN: low) and mixed with the old value by `strength`. Without `slope` the offset alone; `guide` may be
/// the component's own row. `line` is scratch memory of the component's width. `mask`: see `kernel_paint_pixels`.
void kernel_paint_component(kernel_component component, int y, const float *offset, const float *slope,
                            const float *guide, float low, float high, float strength, const float *mask, float *line);

#ifdef __cplusplus
}
#endif
