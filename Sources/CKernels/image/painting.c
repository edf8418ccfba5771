// Upsampling of paintings onto frames. In C because every sample of every frame is processed.
#include "painting.h"

#include <stdint.h>

enum { RADIUS = KERNEL_GUIDE_RADIUS, SIDE = 2 * RADIUS + 1 };

#define VARIANT_SOURCE "painting_variant.h"
#include "variants.h"

void kernel_fit_guide(const float *guide, const float *painting, ptrdiff_t plane, int width, int rows,
                      float regularization, float *scratch, float *offsets, float *slopes, ptrdiff_t target_plane) {
    DISPATCH(fit_guide, guide, painting, plane, width, rows, regularization, scratch, offsets, slopes, target_plane);
}

void kernel_paint_pixels(kernel_pixels pixels, int y, const float *lines, ptrdiff_t stride, int is_guided,
                         kernel_covering covering, const float *mask) {
    DISPATCH(paint_pixels, pixels, y, lines, stride, is_guided, covering, mask);
}

void kernel_paint_component(kernel_component component, int y, const float *offset, const float *slope,
                            const float *guide, float low, float high, float strength, const float *mask, float *line) {
    DISPATCH(paint_component, component, y, offset, slope, guide, low, high, strength, mask, line);
}
