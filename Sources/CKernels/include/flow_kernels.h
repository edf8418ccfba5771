// The loops of dense inverse search and its variational refinement.
//
// One source (flow_pyramid.inc, flow_search.inc, flow_refine.inc) in vector types of 16 floats, compiled once for each
// variant; products and sums are never contracted and sums have one order, so that every variant gives the same bytes.
// Each function does rows `first ..< last` of its output and may run beside itself on other rows.
#pragma once

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    FLOW_PATCH = 8,     // pixels a side of a patch
    FLOW_MARGIN = 32,   // readable samples left and right of a level's rows
    FLOW_BORDER = 16,   // readable rows above and below a level
    FLOW_SLACK = 32,    // readable and writable samples before and after other buffers
};

/// What inverse search needs of a patch of the template: the inverse of its structure tensor (gradients minus their
/// mean), and the sums of its gradients.
typedef struct {
    float inverse_xx, inverse_xy, inverse_yy;
    float sum_x, sum_y;
} flow_tensor;

/// One scale of a frame. Pointers are to sample (0, 0); rows lie `stride` apart.
typedef struct {
    int width, height, stride;
    float *image;                     // luma 0...255, repeated beyond its edges
    float *gradient_x, *gradient_y;   // central differences, zero beyond the edges
    int columns, rows, step;          // the grid of patches
    flow_tensor *tensors;             // columns * rows
} flow_level;

/// A displacement for each pixel of a level, or for each patch of its grid; rows lie `stride` apart.
typedef struct {
    int width, height, stride;
    float *u, *v;
} flow_vectors;

/// Left or upper edge of patch `index` along a side of `length` pixels.
static inline int flow_patch_position(int index, int step, int length) {
    int last = length > FLOW_PATCH ? length - FLOW_PATCH : 0;
    return index * step < last ? index * step : last;
}

/// Fills `level->image` with `luma` smoothed and reduced by 2^shift, shift 0, 1 or 2 (edges repeated).
void flow_reduce_luma(const uint8_t *luma, int width, int height, int shift, const flow_level *level, int first, int last);
/// Fills `coarse->image` with `fine` (padded) smoothed by 1 3 3 1 each way and reduced by 2.
void flow_halve(const flow_level *fine, const flow_level *coarse, int first, int last);
/// Repeats the edges of the image to the left and right, for rows `first ..< last`, and above and below where
/// these are the first or last.
void flow_pad(const flow_level *level, int first, int last);
void flow_gradients(const flow_level *level, int first, int last);
/// The tensors of rows `first ..< last` of the grid.
void flow_tensors(const flow_level *level, int first, int last);

/// Inverse search from the best of the candidates at each patch.
typedef struct {
    const flow_vectors *initial;    // one vector a patch
    const flow_vectors *predicted;  // another, tried too; or NULL
    int propagate;                  // whether `initial`, `cost` and `settled` are an earlier search's, and the vectors of each
                                    // patch's four neighbours are tried too
    flow_vectors *result;
    float *cost;                    // sum of squared differences minus their mean, a patch (rows as in `initial`)
    uint8_t *settled;               // whether more steps from the result would not help, a patch
    int iterations;
} flow_search;
/// Of every second patch of every second row of the grid (even numbers), how many are better explained by their predicted
/// than by their initial vector.
int flow_count_predicted(const flow_level *from, const flow_level *to, const flow_vectors *initial,
                         const flow_vectors *predicted, int first, int last);
void flow_search_rows(const flow_level *from, const flow_level *to, const flow_search *search, int first, int last);

/// Samples a coarser level's flow at the patches of `level` (twice as long there); zero where `coarse` is NULL.
void flow_initialize(const flow_level *level, const flow_vectors *coarse, flow_vectors *grid, int first, int last);

/// What the flow `u`, `v` (a full-size pair's backward flow, `shift` levels up) foretells at the patches of `level`, motion
/// going on as it did: for the same frame's flow back (`forward` 0), the vector of where its own vector points, for
/// the flow ahead of the frame that it starts in (`forward` 1), its opposite.
void flow_predict(const flow_level *level, const float *u, const float *v, int width, int height, int shift, int forward,
                  flow_vectors *grid, int first, int last);

/// Averages the patches' vectors at each pixel, weighted by how well each explains it. `sums` holds
/// 3 * flow_sum_stride(width) * (last - first) + 2 * FLOW_SLACK floats.
void flow_densify(const flow_level *from, const flow_level *to, const flow_vectors *grid, flow_vectors *dense,
                  float *sums, int first, int last);
int flow_sum_stride(int width);

/// How well each block of 8 * 8 pixels of `from` (row by row, `from->width / 8` a row) is explained by `to` where the flow
/// `u`, `v` of the full size, `shift` levels up, says: the correlation of the two, -1...1, whatever brightness and contrast
/// do; 2 where neither has texture.
void flow_correlate_blocks(const flow_level *from, const flow_level *to, const float *u, const float *v, int width,
                           int height, int shift, float *correlations, int first, int last);

/// Flow of `shift` levels up, bilinearly; rows of the full-size planes u and v.
void flow_expand(const flow_vectors *coarse, int shift, float *u, float *v, int width, int height, int first, int last);

/// The planes of one level's variational refinement. All but `mean` and `difference` hold each row's even pixels, then its odd
/// ones (`half` apart), so that a red-black sweep reads and writes neighbours side by side.
typedef struct {
    int width, height;
    int half;                  // floats from a row's even to its odd pixels
    int stride;                // floats from row to row: 2 * half
    int plane_stride;          // of mean, difference and valid
    float *mean;               // of the frame and the other one warped; FLOW_SLACK before and after, two rows above and below
    float *difference;         // warped minus frame, likewise
    float *valid;              // 1 where the warped position lies in the picture, else 0
    float *u, *v;              // the unknowns: the whole displacement
    float *data[9];            // linearised constancy of brightness and of the gradient's two components, normalised: x, y, rest each
    float *weight_right, *weight_down;
    float *a11, *a12, *a22, *b1, *b2;
    float alpha, delta, gamma; // weights of smoothness, brightness and gradient
    float omega;               // over-relaxation
} flow_refinement;

void flow_refine_warp(const flow_level *from, const flow_level *to, const flow_vectors *flow,
                      const flow_refinement *refinement, int first, int last);
/// Needs `flow_refine_warp` of two rows more on each side.
void flow_refine_linearize(const flow_refinement *refinement, const flow_vectors *flow, int first, int last);
void flow_refine_weights(const flow_refinement *refinement, int first, int last);
/// Needs the weights of one row more above.
void flow_refine_diagonals(const flow_refinement *refinement, int first, int last);
/// Half-sweeps of over-relaxation, of pixels with (x + y) even and odd by turns. A half-sweep needs the one before in the
/// rows beside it, so stripes are done in two goes that together are the same as whole half-sweeps one after the
/// other: first each stripe `first ..< last` (`grow` 0), a row less at each inner edge with each half-sweep;
/// then what is left at each inner edge, from `first` (`grow` 1), a row more. Stripes but the last are at least
/// 2 * half_sweeps rows high.
void flow_refine_relax(const flow_refinement *refinement, int half_sweeps, int grow, int first, int last);
void flow_refine_store(const flow_refinement *refinement, flow_vectors *flow, int first, int last);

#ifdef __cplusplus
}
#endif
