// The loop of check.c, compiled once for each variant. It has no branches, so that it vectorises. The reverse flow's
// samples are loaded in pairs of neighbours, which is faster than gathers.

static inline float VARIANT(square)(float x, float y) { return x * x + y * y; }

// The target positions of pixels x..<x + count of a row: the upper left sample, the fractions, and whether all four
// samples are inside the frame. If they are not, the first sample is used.
static inline void VARIANT(find_targets)(const float *restrict u, const float *restrict v, int x, int y, int count,
                                         int width, int height, check_targets *restrict targets) {
    for (int i = 0; i < count; i++) {
        // Clamped so that the conversion to int is defined; NaN becomes -2.
        float tx = (float)(x + i) + u[i], ty = (float)y + v[i];
        tx = tx > -2 ? tx : -2;
        tx = tx < (float)(width + 1) ? tx : (float)(width + 1);
        ty = ty > -2 ? ty : -2;
        ty = ty < (float)(height + 1) ? ty : (float)(height + 1);
        int left = (int)tx, top = (int)ty;
        left -= (float)left > tx;
        top -= (float)top > ty;
        const int inside = (left >= 0) & (left + 1 < width) & (top >= 0) & (top + 1 < height);
        targets->across[i] = tx - (float)left;
        targets->down[i] = ty - (float)top;
        targets->inside[i] = inside;
        targets->corner[i] = (top * width + left) & -inside;
    }
}

static inline void VARIANT(fetch_pairs)(const float *plane, const int *corners, int count, float *restrict pairs) {
#pragma clang loop vectorize(disable)  // avoids gathers
    for (int i = 0; i < count; i++) __builtin_memcpy(pairs + 2 * i, plane + corners[i], 2 * sizeof *pairs);
}

static inline float VARIANT(bilinear)(const float *upper, const float *lower, float across, float down) {
    return (1 - down) * ((1 - across) * upper[0] + across * upper[1]) +
           down * ((1 - across) * lower[0] + across * lower[1]);
}

// Sets pixel x of a row to uncertain at a motion boundary. `before`, `after`, `above` and `below` are its neighbours'
// offsets.
static inline void VARIANT(drop_boundary)(const float *restrict u, const float *restrict v, int x, int before,
                                          int after, ptrdiff_t above, ptrdiff_t below, kernel_consistency limits,
                                          float *restrict row) {
    const float gradient =
        VARIANT(square)((u[x + after] - u[x + before]) * 0.5f, (v[x + after] - v[x + before]) * 0.5f) +
        VARIANT(square)((u[x + below] - u[x + above]) * 0.5f, (v[x + below] - v[x + above]) * 0.5f);
    const float limit = limits.boundary_scale * VARIANT(square)(u[x], v[x]) + limits.boundary_offset;
    row[x] = gradient <= limit ? row[x] : 0;
}

static void VARIANT(check_flow)(kernel_flow flow, kernel_flow reverse, kernel_consistency limits,
                                float *restrict certainty, int first, int end) {
    const int width = flow.width, height = flow.height;
    if (width < 2 || height < 2) {  // bilinear sampling needs 2x2 pixels
        __builtin_memset(certainty + (ptrdiff_t)first * width, 0, (size_t)(end - first) * width * sizeof *certainty);
        return;
    }
    check_targets targets;
    float upper_u[2 * CHECK_RUN], lower_u[2 * CHECK_RUN], upper_v[2 * CHECK_RUN], lower_v[2 * CHECK_RUN];
    for (int y = first; y < end; y++) {
        const float *restrict u = flow.u + (ptrdiff_t)y * width, *restrict v = flow.v + (ptrdiff_t)y * width;
        const ptrdiff_t above = y > 0 ? -width : 0, below = y < height - 1 ? width : 0;
        float *restrict row = certainty + (ptrdiff_t)y * width;
        for (int start = 0; start < width; start += CHECK_RUN) {
            const int count = width - start < CHECK_RUN ? width - start : CHECK_RUN;
            VARIANT(find_targets)(u + start, v + start, start, y, count, width, height, &targets);
            VARIANT(fetch_pairs)(reverse.u, targets.corner, count, upper_u);
            VARIANT(fetch_pairs)(reverse.u + width, targets.corner, count, lower_u);
            VARIANT(fetch_pairs)(reverse.v, targets.corner, count, upper_v);
            VARIANT(fetch_pairs)(reverse.v + width, targets.corner, count, lower_v);
            for (int i = 0; i < count; i++) {
                const int x = start + i;
                const float across = targets.across[i], down = targets.down[i];
                const float back_u = VARIANT(bilinear)(upper_u + 2 * i, lower_u + 2 * i, across, down);
                const float back_v = VARIANT(bilinear)(upper_v + 2 * i, lower_v + 2 * i, across, down);
                const float length = VARIANT(square)(u[x], v[x]);
                const float error = VARIANT(square)(u[x] + back_u, v[x] + back_v);
                const float limit = limits.scale * (length + VARIANT(square)(back_u, back_v)) + limits.offset;
                row[x] = (float)(targets.inside[i] & (error < limit));
            }
        }
        if (!limits.boundaries) continue;
        VARIANT(drop_boundary)(u, v, 0, 0, 1, above, below, limits, row);
        for (int x = 1; x < width - 1; x++) VARIANT(drop_boundary)(u, v, x, -1, 1, above, below, limits, row);
        VARIANT(drop_boundary)(u, v, width - 1, -1, 0, above, below, limits, row);
    }
}
