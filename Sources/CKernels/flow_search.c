// Inverse search of patches and the dense flow that they give. In C for its vector types.
#include "flow_kernels.h"

#include "flow_vector_types.h"

typedef struct {
    floats rows[FLOW_PATCH / 2];  // two rows of the patch each
} patch;

// Cost, and the sums that a step needs.
typedef struct {
    float cost, sum, product_x, product_y;
} evaluation;

#define VARIANT_SOURCE "flow_search_variant.h"
#include "variants.h"

void flow_initialize(const flow_level *level, const flow_vectors *coarse, flow_vectors *grid, int first, int last) {
    DISPATCH(flow_initialize, level, coarse, grid, first, last);
}

void flow_search_rows(const flow_level *from, const flow_level *to, const flow_search *search, int first, int last) {
    DISPATCH(flow_search_rows, from, to, search, first, last);
}

int flow_sum_stride(int width) { return (width + 15 + FLOW_PATCH) & ~15; }

void flow_densify(const flow_level *from, const flow_level *to, const flow_vectors *grid, flow_vectors *dense,
                  float *sums, int first, int last) {
    DISPATCH(flow_densify, from, to, grid, dense, sums, first, last);
}

void flow_expand(const flow_vectors *coarse, int shift, float *u, float *v, int width, int height, int first, int last) {
    DISPATCH(flow_expand, coarse, shift, u, v, width, height, first, last);
}
