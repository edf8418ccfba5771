// Warping by a flow or an affine map, and checking a flow. All work on a range of rows, so that callers cut the work.
#pragma once

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/// Displacements of width * height pixels, without padding.
typedef struct {
    const float *u, *v;
    int width, height;
} kernel_flow;

/// The limits of a forward-backward check.
typedef struct {
    float scale, offset, boundary_scale, boundary_offset;
    int boundaries;  // whether motion boundaries are uncertain
} kernel_consistency;

/// Texels: the 1 to 4 channels of a picture side by side, four floats a pixel, so that neighbours are read at once. The edge is
/// repeated by 3 pixels to the left and above and 4 to the right and below: what is farther out is the edge too.
enum { KERNEL_TEXEL_BORDER = 7 };

/// Makes the lines first..<end of the height + KERNEL_TEXEL_BORDER lines of texels from planes of width * height that begin
/// `plane` floats apart; a line is 4 * (width + KERNEL_TEXEL_BORDER) floats.
void kernel_make_texels(const float *source, ptrdiff_t plane, int width, int height, int channels, float *texels,
                        int first, int end);

/// target(x, y) = source(x + u, y + v) for rows first..<end of the 1 to 4 planes of which `texels` were made, of the
/// flow's size: bilinear, or cubic (a = -0.75); times `certainty` unless that is NULL. The planes of `target` begin `plane`
/// floats apart. Displacements that are not numbers count as far outside.
void kernel_warp(kernel_flow flow, const float *texels, int channels, int cubic, const float *certainty,
                 float *target, ptrdiff_t plane, int first, int end);

/// Takes the point (x, y) to (xx x + xy y + x, yx x + yy y + y).
typedef struct {
    float xx, xy, x, yx, yy, y;
} kernel_affine;

/// target(x, y) = source(place(x, y)), cubic (a = -0.75), for rows first..<end of the 1 to 4 planes of width * height; `texels`
/// were made of a picture of source_width * source_height.
void kernel_sample(kernel_affine place, const float *texels, int source_width, int source_height, int channels,
                   float *target, int width, int height, int first, int end);

/// certainty = 1 or 0 for rows first..<end: the forward-backward check of `flow` with `reverse`, of the same size.
void kernel_check_flow(kernel_flow flow, kernel_flow reverse, kernel_consistency limits, float *certainty, int first,
                       int end);

#ifdef __cplusplus
}
#endif
