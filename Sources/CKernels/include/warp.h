// Warping by a flow or an affine map, and the forward-backward check of a flow. All work on a range of rows, so that
// callers can parallelise.
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

/// The thresholds of a forward-backward check.
typedef struct {
    float scale, offset, boundary_scale, boundary_offset;
    int boundaries;  // whether motion boundaries are uncertain
} kernel_consistency;

/// Texels are interleaved pixels of four floats, 1 to 4 of them used. The edge is repeated by 3 pixels to the left and
/// above and by 4 to the right and below; positions farther out are clamped to it.
enum { KERNEL_TEXEL_BORDER = 7 };

/// Writes lines first..<end of the height + KERNEL_TEXEL_BORDER lines of texels from planes of width * height that
/// begin `plane` floats apart. A line has 4 * (width + KERNEL_TEXEL_BORDER) floats.
void kernel_make_texels(const float *source, ptrdiff_t plane, int width, int height, int channels, float *texels,
                        int first, int end);

/// target(x, y) = source(x + u, y + v) for rows first..<end, bilinear or cubic (a = -0.75), times `certainty` unless
/// that is NULL. `texels` hold 1 to 4 channels of an image of the flow's size. The planes of `target` begin `plane`
/// floats apart. NaN displacements count as far outside.
void kernel_warp(kernel_flow flow, const float *texels, int channels, int cubic, const float *certainty,
                 float *target, ptrdiff_t plane, int first, int end);

/// weight /= 1 + scale * (sum of squared differences of three channels) for samples first..<end. The planes of both
/// images begin `plane` floats apart.
void kernel_weigh_agreement(const float *image, const float *other, ptrdiff_t plane, float scale, float *weight,
                            ptrdiff_t first, ptrdiff_t end);

/// The sources of an anchored warp, of the flow's size. `way` is where the last image's pixels were in the anchor's
/// image: displacement u, v and the weight of the anchor.
typedef struct {
    const float *last, *anchor, *way;  // texels with three channels
} kernel_anchored;

/// For rows first..<end: `way(x, y)` = flow + source.way at (x + u, y + v), its weight times `certainty`, and
/// `target(x, y)` = the last image at (x + u, y + v), blended by that weight with the anchor's image at (x, y) + way.
/// Images are sampled bilinearly or cubically (the last one with a = -0.75, the anchor's with -0.6), the way bilinearly.
/// The three planes of `target` and of `way` begin `plane` floats apart.
void kernel_warp_anchored(kernel_flow flow, const float *certainty, kernel_anchored source, int cubic, float *way,
                          float *target, ptrdiff_t plane, int first, int end);

/// An affine map; it takes the point (px, py) to (xx px + xy py + x, yx px + yy py + y).
typedef struct {
    float xx, xy, x, yx, yy, y;
} kernel_affine;

/// target(x, y) = source(map(x, y)), cubic (a = -0.75), for rows first..<end of 1 to 4 planes of width * height.
/// `texels` hold an image of source_width * source_height.
void kernel_sample(kernel_affine map, const float *texels, int source_width, int source_height, int channels,
                   float *target, int width, int height, int first, int end);

/// certainty = 1 or 0 for rows first..<end: the forward-backward check of `flow` against `reverse`, of the same size.
void kernel_check_flow(kernel_flow flow, kernel_flow reverse, kernel_consistency limits, float *certainty, int first,
                       int end);

#ifdef __cplusplus
}
#endif
