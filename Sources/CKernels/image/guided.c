// Guided upsampling. In C because it processes every sample of every frame.
#include "guided.h"

#include <stdint.h>

#define VARIANT_SOURCE "guided_variant.h"
#include "variants.h"

void kernel_guided_slopes(const float *guide, const float *painting, ptrdiff_t plane, int width, int height, int radius,
                          float regularization, float *scratch, float *slopes, int first, int end) {
    DISPATCH(guided_slopes, guide, painting, plane, width, height, radius, regularization, scratch, slopes, first, end);
}

void kernel_paint_guided(kernel_pixels pixels, int y, const float *lines, ptrdiff_t stride, kernel_color offset,
                         float strength, int keeps_color) {
    DISPATCH(paint_guided, pixels, y, lines, stride, offset, strength, keeps_color);
}
