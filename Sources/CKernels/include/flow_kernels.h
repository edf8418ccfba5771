// Dense inverse search (DIS) optical flow and its variational refinement (Kroeger et al. 2016).
//
// The code is written with vectors of 16 floats and compiled once for each variant. Floating-point contraction is off
// and the order of sums is fixed, so that all variants give identical results. Each function computes rows `first ..<
// last` of its output and may run in parallel on disjoint rows.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    FLOW_PATCH = 8,     // side of a patch in pixels
    FLOW_MARGIN = 32,   // readable samples left and right of a level's rows
    FLOW_BORDER = 16,   // readable rows above and below a level
    FLOW_SLACK = 32,    // readable and writable samples before and after other buffers
};

/// A template patch's precomputed values: the inverse of its structure tensor (gradients minus their mean), and the
/// sums of its gradients.
typedef struct {
    float inverse_xx, inverse_xy, inverse_yy;
    float sum_x, sum_y;
} flow_tensor;

/// One pyramid level of a frame. Pointers are to sample (0, 0); rows are `stride` samples apart.
typedef struct {
    int width, height, stride;
    float *image;                     // luma 0...255, padded by replication
    float *gradient_x, *gradient_y;   // central differences, zero beyond the edges
    int columns, rows, step;          // the grid of patches
    flow_tensor *tensors;             // columns * rows
} flow_level;

/// A displacement for each pixel of a level, or for each patch of its grid; rows are `stride` samples apart.
typedef struct {
    int width, height, stride;
    float *u, *v;
} flow_vectors;

/// The left or upper edge of patch `index` along a side of `length` pixels.
static inline int flow_patch_position(int index, int step, int length) {
    int last = length > FLOW_PATCH ? length - FLOW_PATCH : 0;
    return index * step < last ? index * step : last;
}

/// Fills `level->image` with `luma`, smoothed and downscaled by 2^shift; shift is 0, 1 or 2. Edges are replicated.
void flow_reduce_luma(const uint8_t *luma, int width, int height, int shift, const flow_level *level, int first,
                      int last);
/// Fills `coarse->image` with `fine` (padded), smoothed by the filter 1 3 3 1 along both axes and downscaled by 2.
void flow_halve(const flow_level *fine, const flow_level *coarse, int first, int last);
/// Pads the image by replication: rows `first ..< last` to the left and right, and the first and last row of the level
/// also above and below.
void flow_pad(const flow_level *level, int first, int last);
/// Computes `gradient_x` and `gradient_y`.
void flow_gradients(const flow_level *level, int first, int last);
/// Computes the tensors of rows `first ..< last` of the grid.
void flow_tensors(const flow_level *level, int first, int last);

/// Inverse search, started at each patch from the candidate with the lowest matching cost.
typedef struct {
    const flow_vectors *initial;    // first candidate, one vector per patch
    const flow_vectors *predicted;  // second candidate: the temporal prediction; or NULL
    int propagate;                  // whether the vectors of the four neighbours are candidates too; `initial`, `cost`
                                    // and `converged` must then come from an earlier search
    flow_vectors *result;
    float *cost;                    // per patch: mean-normalised sum of squared differences (rows as in `initial`)
    uint8_t *converged;             // per patch: whether the search has converged
    int iterations;
} flow_search;
/// Among every second patch of every second row of the grid (even indices), the number whose predicted vector has a
/// lower matching cost than its initial one.
int flow_count_predicted(const flow_level *from, const flow_level *to, const flow_vectors *initial,
                         const flow_vectors *predicted, int first, int last);
/// Searches the patches of rows `first ..< last` of the grid.
void flow_search_rows(const flow_level *from, const flow_level *to, const flow_search *search, int first, int last);

/// Samples a coarser level's flow, times 2, at the patches of `level`; zero if `coarse` is NULL.
void flow_initialize(const flow_level *level, const flow_vectors *coarse, flow_vectors *grid, int first, int last);

/// The temporal prediction at the patches of `level`, assuming constant motion. `u`, `v` is a backward flow at full
/// size, 2^shift times the level's. With `forward` 0 the prediction is for the next frame pair's backward flow; with
/// `forward` 1 it is for the forward flow of the frame that `u`, `v` starts in: the opposite vector.
void flow_predict(const flow_level *level, const float *u, const float *v, int width, int height, int shift,
                  int forward, flow_vectors *grid, int first, int last);

/// Averages the vectors of the patches that cover each pixel, weighted by their inverse matching error there. `sums`
/// holds 3 * flow_sum_stride(width) * (last - first) + 2 * FLOW_SLACK floats.
void flow_densify(const flow_level *from, const flow_level *to, const flow_vectors *grid, flow_vectors *dense,
                  float *sums, int first, int last);
int flow_sum_stride(int width);

/// The correlation, -1...1, of each 8x8 block of `from` (row by row, `from->width / 8` per row) with `to` warped by the
/// flow `u`, `v`, which is at full size, 2^shift times the level's. It is invariant to brightness and contrast. 2 where
/// neither block has texture.
void flow_correlate_blocks(const flow_level *from, const flow_level *to, const float *u, const float *v, int width,
                           int height, int shift, float *correlations, int first, int last);

/// Upscales a flow by 2^shift bilinearly, for rows `first ..< last` of the full-size planes u and v.
void flow_expand(const flow_vectors *coarse, int shift, float *u, float *v, int width, int height, int first,
                 int last);

/// The planes of one level's variational refinement. All but `mean`, `difference` and `valid` hold a row's even pixels
/// and then its odd ones, `half` apart, so that the neighbours in a red-black sweep are contiguous.
typedef struct {
    int width, height;
    int half;                  // floats from a row's even to its odd pixels
    int stride;                // floats from row to row: 2 * half
    int plane_stride;          // of mean, difference and valid
    float *mean;               // of frame and warped other frame; FLOW_SLACK before and after, two rows above and below
    float *difference;         // warped minus frame; padded likewise
    float *valid;              // 1 where the warped position is inside the frame, else 0
    float *u, *v;              // the unknowns: the full displacement, not an increment
    float *data[9];            // linearised, normalised data terms of brightness and both gradient components: for each
                               // the factors of x and y, and the constant
    float *weight_right, *weight_down;  // smoothness weights to the right and lower neighbour
    float *a11, *a12, *a22, *b1, *b2;   // the linear system of each pixel
    float alpha, delta, gamma; // weights of smoothness, brightness and gradient
    float omega;               // over-relaxation factor
} flow_refinement;

/// Warps `to` by the flow; computes `mean`, `difference` and `valid`.
void flow_refine_warp(const flow_level *from, const flow_level *to, const flow_vectors *flow,
                      const flow_refinement *refinement, int first, int last);
/// Computes the data terms. Requires `flow_refine_warp` of two more rows on each side.
void flow_refine_linearize(const flow_refinement *refinement, const flow_vectors *flow, int first, int last);
/// Computes the smoothness weights from the current flow.
void flow_refine_weights(const flow_refinement *refinement, int first, int last);
/// Computes the linear systems. Requires the weights of one more row above.
void flow_refine_diagonals(const flow_refinement *refinement, int first, int last);
/// Half-sweeps of successive over-relaxation (SOR) in red-black order: pixels with (x + y) even and odd alternately.
///
/// A half-sweep needs the previous one in the adjacent rows. So stripes are computed in two passes with the same result
/// as sweeps of the whole level. First, `grow` 0: each stripe `first ..< last` in parallel, with one row less at each
/// inner edge per half-sweep. Then, `grow` 1: the remaining rows around each inner edge at `first`, with one row more
/// per half-sweep. All stripes but the last must be at least 2 * half_sweeps rows high.
void flow_refine_relax(const flow_refinement *refinement, int half_sweeps, int grow, int first, int last);
/// Writes `u`, `v` to `flow`.
void flow_refine_store(const flow_refinement *refinement, flow_vectors *flow, int first, int last);

#ifdef __cplusplus
}
#endif
