// Inverse search of patches, and the dense flow from them. In C for its vector types.
#include "flow_kernels.h"

#include "flow_math.h"

typedef struct {
    f32x16 rows[FLOW_PATCH / 2];  // two rows of the patch each
} patch;

// The matching cost, and the sums for a Gauss-Newton step.
typedef struct {
    float cost, sum, product_x, product_y;
} evaluation;

#define VARIANT_SOURCE "flow_search_variant.h"
#include "variants.h"

void flow_initialize(const flow_level *level, const flow_vectors *coarse, flow_vectors *grid, int first, int last) {
    DISPATCH(flow_initialize, level, coarse, grid, first, last);
}

void flow_predict(const flow_level *level, const float *u, const float *v, int width, int height, int shift,
                  int forward, flow_vectors *grid, int first, int last) {
    const float scale = 1.0f / (float)(1 << shift);
    const int middle = (FLOW_PATCH / 2) << shift;
    for (int row = first; row < last; row++) {
        const int y = (flow_patch_position(row, level->step, level->height) << shift) + middle;
        const int near_y = y < height ? y : height - 1;
        for (int column = 0; column < level->columns; column++) {
            const int x = (flow_patch_position(column, level->step, level->width) << shift) + middle;
            const int near_x = x < width ? x : width - 1;
            const long here = (long)near_y * width + near_x, to = (long)row * grid->stride + column;
            if (forward) {
                grid->u[to] = -u[here] * scale, grid->v[to] = -v[here] * scale;
                continue;
            }
            const float there_x = (float)near_x + u[here] + 0.5f, there_y = (float)near_y + v[here] + 0.5f;
            const int from_x = there_x > 0 ? (there_x < (float)width ? (int)there_x : width - 1) : 0;
            const int from_y = there_y > 0 ? (there_y < (float)height ? (int)there_y : height - 1) : 0;
            const long there = (long)from_y * width + from_x;
            grid->u[to] = u[there] * scale, grid->v[to] = v[there] * scale;
        }
    }
}

int flow_count_predicted(const flow_level *from, const flow_level *to, const flow_vectors *initial,
                         const flow_vectors *predicted, int first, int last) {
    int count = 0;
    DISPATCH(flow_count_predicted, from, to, initial, predicted, first, last, &count);
    return count;
}

void flow_search_rows(const flow_level *from, const flow_level *to, const flow_search *search, int first, int last) {
    DISPATCH(flow_search_rows, from, to, search, first, last);
}

int flow_sum_stride(int width) { return (width + 15 + FLOW_PATCH) & ~15; }

void flow_densify(const flow_level *from, const flow_level *to, const flow_vectors *grid, flow_vectors *dense,
                  float *sums, int first, int last) {
    DISPATCH(flow_densify, from, to, grid, dense, sums, first, last);
}

void flow_correlate_blocks(const flow_level *from, const flow_level *to, const float *u, const float *v, int width,
                           int height, int shift, float *correlations, int first, int last) {
    DISPATCH(flow_correlate_blocks, from, to, u, v, width, height, shift, correlations, first, last);
}

void flow_expand(const flow_vectors *coarse, int shift, float *u, float *v, int width, int height, int first,
                 int last) {
    DISPATCH(flow_expand, coarse, shift, u, v, width, height, first, last);
}
