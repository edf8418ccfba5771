// Warping by a flow, and checking a flow. Both work on a range of rows, so that callers cut the work.
#pragma once

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

/// target(x, y) = source(x + u, y + v) for each of `channels` planes of the flow's size, rows first..<end: bilinear, or
/// cubic (a = -0.75); samples beyond the edge are those of the edge. Displacements that are not numbers count as
/// far outside. `target` must not be `source`.
void kernel_warp(kernel_flow flow, const float *source, int channels, int cubic, float *target, int first, int end);

/// certainty = 1 or 0 for rows first..<end: the forward-backward check of `flow` with `reverse`, of the same size.
void kernel_check_flow(kernel_flow flow, kernel_flow reverse, kernel_consistency limits, float *certainty, int first,
                       int end);

#ifdef __cplusplus
}
#endif
