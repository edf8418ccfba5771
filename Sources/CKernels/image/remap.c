// Resampling by a map. In C because it processes every sample of every spherical frame.
#include "remap.h"

#define VARIANT_SOURCE "remap_variant.h"
#include "variants.h"

void kernel_remap_bytes(const uint8_t *texels, ptrdiff_t stride, kernel_remap_row row, int step, uint8_t *target) {
    DISPATCH(remap_bytes, texels, stride, row, step, target);
}

void kernel_remap_floats(const float *texels, ptrdiff_t stride, kernel_remap_row row, int channels, ptrdiff_t plane,
                         float *target) {
    DISPATCH(remap_floats, texels, stride, row, channels, plane, target);
}

void kernel_byte_texels(const uint8_t *pixels, int step, int width, uint8_t *texels) {
    if (step == 4) {
        __builtin_memcpy(texels, pixels, 4 * (size_t)width);
        return;
    }
    for (ptrdiff_t x = 0; x < width; x++) {
        texels[4 * x] = pixels[3 * x];
        texels[4 * x + 1] = pixels[3 * x + 1];
        texels[4 * x + 2] = pixels[3 * x + 2];
        texels[4 * x + 3] = 255;
    }
}

void kernel_downscaled_byte_texels(const uint8_t *pixels, ptrdiff_t stride, int step, int source_width,
                                   kernel_downscale downscale, float *line, int width, uint8_t *texels) {
    DISPATCH(downscale, pixels, stride, step, source_width, downscale, line, width, texels);
}
