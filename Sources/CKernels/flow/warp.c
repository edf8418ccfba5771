// Warping by a flow or by an affine map. In C because it processes every sample of every frame.
#include "warp.h"

#include <stddef.h>

#define VARIANT_SOURCE "warp_variant.h"
#include "variants.h"

void kernel_make_texels(const float *source, ptrdiff_t plane, int width, int height, int channels, float *texels,
                        int first, int end) {
    DISPATCH(make_texels, source, plane, width, height, channels, texels, first, end);
}

void kernel_warp(kernel_flow flow, const float *texels, int channels, int cubic, const float *certainty,
                 float *target, ptrdiff_t plane, int first, int end) {
    DISPATCH(warp, flow, texels, channels, cubic, certainty, target, plane, first, end);
}

void kernel_weigh_agreement(const float *image, const float *other, ptrdiff_t plane, float scale, float *weight,
                            ptrdiff_t first, ptrdiff_t end) {
    DISPATCH(weigh_agreement, image, other, plane, scale, weight, first, end);
}

void kernel_warp_anchored(kernel_flow flow, const float *certainty, kernel_anchored source, int cubic, float *way,
                          float *target, ptrdiff_t plane, int first, int end) {
    DISPATCH(warp_anchored, flow, certainty, source, cubic, way, target, plane, first, end);
}

void kernel_sample(kernel_affine map, const float *texels, int source_width, int source_height, int channels,
                   float *target, int width, int height, int first, int end) {
    DISPATCH(sample, map, texels, source_width, source_height, channels, target, width, height, first, end);
}
