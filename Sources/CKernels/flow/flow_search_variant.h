// Inverse search of patches, and the dense flow from them (Kroeger et al. 2016, section 2).

#include "flow_patch_variant.h"

static void VARIANT(flow_count_predicted)(const flow_level *from, const flow_level *to, const flow_vectors *initial,
                                          const flow_vectors *predicted, int first, int last, int *count) {
    for (int row = (first + 1) & ~1; row < last; row += 2) {
        const int top = flow_patch_position(row, from->step, from->height);
        for (int column = 0; column < from->columns; column += 2) {
            const int left = flow_patch_position(column, from->step, from->width);
            const long at = (long)row * initial->stride + column;
            const patch template = VARIANT(load_patch)(from->image + (long)top * from->stride + left, from->stride);
            const float x = (float)left, y = (float)top;
            *count += VARIANT(cost_at)(to, x + predicted->u[at], y + predicted->v[at], &template) <
                      VARIANT(cost_at)(to, x + initial->u[at], y + initial->v[at], &template);
        }
    }
}

static void VARIANT(flow_search_rows)(const flow_level *from, const flow_level *to, const flow_search *search,
                                      int first, int last) {
    const long stride = from->stride;
    const int columns = from->columns, rows = from->rows;
    for (int row = first; row < last; row++) {
        const int top = flow_patch_position(row, from->step, from->height);
        for (int column = 0; column < columns; column++) {
            const int left = flow_patch_position(column, from->step, from->width);
            const long at = top * stride + left;
            const long index = (long)row * search->initial->stride + column;
            const patch template = VARIANT(load_patch)(from->image + at, stride);
            float u = search->initial->u[index], v = search->initial->v[index];

            if (search->predicted || search->propagate) {
                float best = search->propagate ? search->cost[index]
                                               : VARIANT(cost_at)(to, (float)left + u, (float)top + v, &template);
                int changed = 0;
#define TRY(candidates, candidate)                                                                 \
    do {                                                                                           \
        const float candidate_u = (candidates)->u[candidate];                                      \
        const float candidate_v = (candidates)->v[candidate];                                      \
        const float du = candidate_u - u, dv = candidate_v - v;                                    \
        if (du * du + dv * dv < 0.01f) break;                                                      \
        float cost =                                                                               \
            VARIANT(cost_at)(to, (float)left + candidate_u, (float)top + candidate_v, &template);  \
        if (cost < best) best = cost, u = candidate_u, v = candidate_v, changed = 1;               \
    } while (0)
                if (search->predicted) TRY(search->predicted, index);
                if (search->propagate) {
                    const flow_vectors *grid = search->initial;
                    if (column > 0) TRY(grid, index - 1);
                    if (row > 0) TRY(grid, index - grid->stride);
                    if (column + 1 < columns) TRY(grid, index + 1);
                    if (row + 1 < rows) TRY(grid, index + grid->stride);
                    if (!changed && search->converged[index]) {
                        search->result->u[index] = u;
                        search->result->v[index] = v;
                        continue;
                    }
                }
#undef TRY
            }

            const patch gradient_x = VARIANT(load_patch)(from->gradient_x + at, stride);
            const patch gradient_y = VARIANT(load_patch)(from->gradient_y + at, stride);
            const flow_tensor tensor = from->tensors[(long)row * columns + column];
            const float start_u = u, start_v = v;
            float best_u = u, best_v = v, best = 3.4e38f;
            int converged = 0;
            for (int iteration = 0; iteration <= search->iterations; iteration++) {
                evaluation e =
                    VARIANT(evaluate)(to, (float)left + u, (float)top + v, &template, &gradient_x, &gradient_y);
                converged = !(e.cost < best);
                if (converged) break;
                best = e.cost, best_u = u, best_v = v;
                if (iteration == search->iterations) break;
                const float bx = e.product_x - e.sum * tensor.sum_x, by = e.product_y - e.sum * tensor.sum_y;
                const float du = tensor.inverse_xx * bx + tensor.inverse_xy * by;
                const float dv = tensor.inverse_xy * bx + tensor.inverse_yy * by;
                converged = du * du + dv * dv < 1e-5f;
                if (converged) break;
                u -= du, v -= dv;
                // Farther than a patch size from the start it is an outlier.
                const float away_u = u - start_u, away_v = v - start_v;
                if (!(away_u * away_u + away_v * away_v <= FLOW_PATCH * FLOW_PATCH)) break;
            }
            search->result->u[index] = best_u;
            search->result->v[index] = best_v;
            search->cost[index] = best;
            search->converged[index] = (uint8_t)converged;
        }
    }
}

static void VARIANT(flow_initialize)(const flow_level *level, const flow_vectors *coarse, flow_vectors *grid, int first,
                                     int last) {
    for (int row = first; row < last; row++) {
        float *u = grid->u + (long)row * grid->stride, *v = grid->v + (long)row * grid->stride;
        if (!coarse) {
            for (int column = 0; column < grid->width; column++) u[column] = v[column] = 0;
            continue;
        }
        // The patch's centre, (position + 3.5), in the coarser level's pixels.
        const float y = ((float)flow_patch_position(row, level->step, level->height) + 4.0f) * 0.5f - 0.5f;
        const float inside_y = clamp(y, 0, (float)(coarse->height - 1));
        const int top = (int)inside_y, bottom = top + 1 < coarse->height ? top + 1 : top;
        const float lower = inside_y - (float)top;
        for (int column = 0; column < grid->width; column++) {
            const float x = ((float)flow_patch_position(column, level->step, level->width) + 4.0f) * 0.5f - 0.5f;
            const float inside_x = clamp(x, 0, (float)(coarse->width - 1));
            const int left = (int)inside_x, right = left + 1 < coarse->width ? left + 1 : left;
            const float beside = inside_x - (float)left;
            const long a = (long)top * coarse->stride, b = (long)bottom * coarse->stride;
#define SAMPLE(plane)                                                                                    \
    ({                                                                                                   \
        const float above = (plane)[a + left] + beside * ((plane)[a + right] - (plane)[a + left]);        \
        const float below = (plane)[b + left] + beside * ((plane)[b + right] - (plane)[b + left]);        \
        2.0f * (above + lower * (below - above));                                                         \
    })
            u[column] = SAMPLE(coarse->u);
            v[column] = SAMPLE(coarse->v);
#undef SAMPLE
        }
    }
}

static void VARIANT(flow_densify)(const flow_level *from, const flow_level *to, const flow_vectors *grid,
                                  flow_vectors *dense, float *sums, int first, int last) {
    const long stride = from->stride, sums_stride = flow_sum_stride(from->width);
    const long plane = sums_stride * (last - first);
    float *weights = sums, *sum_u = sums + plane, *sum_v = sums + 2 * plane;
    __builtin_memset(sums, 0, (size_t)(3 * plane) * sizeof(float));
    for (int row = 0; row < from->rows; row++) {
        const int top = flow_patch_position(row, from->step, from->height);
        if (top + FLOW_PATCH <= first) continue;
        if (top >= last) break;
        const int begin = top < first ? first - top : 0;
        const int end = top + FLOW_PATCH > last ? last - top : FLOW_PATCH;
        for (int column = 0; column < from->columns; column++) {
            const int left = flow_patch_position(column, from->step, from->width);
            const float u = grid->u[(long)row * grid->stride + column], v = grid->v[(long)row * grid->stride + column];
            const patch template = VARIANT(load_patch)(from->image + top * stride + left, stride);
            patch d = VARIANT(patch_difference)(to, (float)left + u, (float)top + v, &template);
            float weight[FLOW_PATCH * FLOW_PATCH] __attribute__((aligned(64)));
            for (int r = 0; r < FLOW_PATCH / 2; r++) {
                const f32x16 off = maximum(absolute(d.rows[r]), broadcast(0.5f));
                store(weight + 16 * r, 1.0f / (off * off));
            }
            for (int r = begin; r < end; r++) {
                const long at = (top + r - first) * sums_stride + left;
                f32x8 w = load8(weight + FLOW_PATCH * r);
                store8(weights + at, load8(weights + at) + w);
                store8(sum_u + at, load8(sum_u + at) + w * u);
                store8(sum_v + at, load8(sum_v + at) + w * v);
            }
        }
    }
    for (int y = first; y < last; y++)
        for (int x = 0; x < from->width; x += 16) {
            const long at = (y - first) * sums_stride + x, to_at = (long)y * dense->stride + x;
            f32x16 scale = 1.0f / maximum(load(weights + at), broadcast(1e-6f));
            store(dense->u + to_at, load(sum_u + at) * scale);
            store(dense->v + to_at, load(sum_v + at) * scale);
        }
}

static void VARIANT(flow_correlate_blocks)(const flow_level *from, const flow_level *to, const float *u, const float *v,
                                           int width, int height, int shift, float *correlations, int first, int last) {
    const float count = FLOW_PATCH * FLOW_PATCH, scale = 1.0f / (float)(1 << shift);
    const float least = count * 2.0f * 2.0f;  // texture: a standard deviation of at least two grey levels
    const int blocks = from->width / FLOW_PATCH;
    const patch zero = {};
    for (int row = first; row < last; row++)
        for (int column = 0; column < blocks; column++) {
            const int left = column * FLOW_PATCH, top = row * FLOW_PATCH;
            const int x = clamp_int((left + FLOW_PATCH / 2) << shift, 0, width - 1);
            const int y = clamp_int((top + FLOW_PATCH / 2) << shift, 0, height - 1);
            const long at = (long)y * width + x;
            const patch here = VARIANT(load_patch)(from->image + (long)top * from->stride + left, from->stride);
            const float to_x = (float)left + u[at] * scale, to_y = (float)top + v[at] * scale;
            const patch there = VARIANT(patch_difference)(to, to_x, to_y, &zero);
            f32x16 a = {}, b = {}, aa = {}, bb = {}, ab = {};
            for (int r = 0; r < FLOW_PATCH / 2; r++) {
                a += here.rows[r], b += there.rows[r];
                aa += here.rows[r] * here.rows[r];
                bb += there.rows[r] * there.rows[r];
                ab += here.rows[r] * there.rows[r];
            }
            const f32x4 sums = horizontal_sums(a, b, aa, bb), products = horizontal_sums(ab, ab, ab, ab);
            const float variance_a = sums[2] - sums[0] * sums[0] / count;
            const float variance_b = sums[3] - sums[1] * sums[1] / count;
            const float covariance = products[0] - sums[0] * sums[1] / count;
            float *to_block = correlations + (long)row * blocks + column;
            if (variance_a < least && variance_b < least)
                *to_block = 2;
            else if (variance_a < 1 || variance_b < 1)
                *to_block = 0;
            else
                *to_block = clamp(covariance / __builtin_sqrtf(variance_a * variance_b), -1, 1);
        }
}

static void VARIANT(flow_expand)(const flow_vectors *coarse, int shift, float *u, float *v, int width, int height,
                                 int first, int last) {
    (void)height;
    const float *sources[2] = {coarse->u, coarse->v};
    float *outputs[2] = {u, v};
    enum { CHUNK = 1024 };
    float mixed[CHUNK + 2 + 16];
    const float scale = (float)(1 << shift);
    for (int y = first; y < last; y++) {
        const float at = ((float)y + 0.5f) / scale - 0.5f;
        const float inside = clamp(at, 0, (float)(coarse->height - 1));
        const int top = (int)inside, bottom = top + 1 < coarse->height ? top + 1 : top;
        const float lower = inside - (float)top;
        for (int plane = 0; plane < 2; plane++) {
            const float *upper_row = sources[plane] + (long)top * coarse->stride;
            const float *lower_row = sources[plane] + (long)bottom * coarse->stride;
            float *out = outputs[plane] + (long)y * width;
            if (shift == 0) {
                __builtin_memcpy(out, upper_row, (size_t)width * sizeof(float));
                continue;
            }
            for (int x0 = 0; x0 < coarse->width; x0 += CHUNK) {
                const int count = coarse->width - x0 < CHUNK ? coarse->width - x0 : CHUNK;
                for (int x = 0; x < count; x++) {
                    const float a = upper_row[x0 + x], b = lower_row[x0 + x];
                    mixed[1 + x] = (a + lower * (b - a)) * scale;
                }
                const int before = x0 > 0 ? x0 - 1 : 0;
                const int after = x0 + count < coarse->width ? x0 + count : coarse->width - 1;
                mixed[0] = (upper_row[before] + lower * (lower_row[before] - upper_row[before])) * scale;
                mixed[1 + count] = (upper_row[after] + lower * (lower_row[after] - upper_row[after])) * scale;
                const int start = x0 << shift, wide = count << shift;
                VARIANT(expand_row)(mixed + 1, shift, out + start, width - start < wide ? width - start : wide);
            }
        }
    }
}
