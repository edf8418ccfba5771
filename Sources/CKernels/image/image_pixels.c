// Packed pixels to planes and back. In C because Swift cannot compile single functions for wider vector instructions.
#include "image.h"

#define VARIANT_SOURCE "image_pixels_variant.h"
#include "variants.h"

void kernel_unpack(kernel_pixels pixels, kernel_color offset, kernel_planes planes, int first, int end) {
    DISPATCH(unpack, pixels, offset, planes, first, end);
}

void kernel_pack(kernel_planes planes, kernel_color offset, kernel_pixels pixels, kernel_pixels rest, int first,
                 int end) {
    DISPATCH(pack, planes, offset, pixels, rest, first, end);
}

void kernel_luma(kernel_pixels pixels, uint8_t *luma_rows, int first, int end) {
    DISPATCH(luma, pixels, luma_rows, first, end);
}
