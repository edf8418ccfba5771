// Variational refinement of a flow. In C for its vector types.
#include "flow_kernels.h"

#include "flow_math.h"

static const float normalization = 0.1f * 0.1f;  // avoids division by zero in flat areas
static const float robustness = 0.001f * 0.001f;

#define VARIANT_SOURCE "flow_refine_variant.h"
#include "variants.h"

void flow_refine_warp(const flow_level *from, const flow_level *to, const flow_vectors *flow,
                      const flow_refinement *refinement, int first, int last) {
    DISPATCH(flow_refine_warp, from, to, flow, refinement, first, last);
}

void flow_refine_linearize(const flow_refinement *refinement, const flow_vectors *flow, int first, int last) {
    DISPATCH(flow_refine_linearize, refinement, flow, first, last);
}

void flow_refine_weights(const flow_refinement *refinement, int first, int last) {
    DISPATCH(flow_refine_weights, refinement, first, last);
}

void flow_refine_diagonals(const flow_refinement *refinement, int first, int last) {
    DISPATCH(flow_refine_diagonals, refinement, first, last);
}

void flow_refine_relax(const flow_refinement *refinement, int half_sweeps, int grow, int first, int last) {
    DISPATCH(flow_refine_relax, refinement, half_sweeps, grow, first, last);
}

void flow_refine_store(const flow_refinement *refinement, flow_vectors *flow, int first, int last) {
    DISPATCH(flow_refine_store, refinement, flow, first, last);
}
